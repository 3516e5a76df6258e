"""Telling people of event tables that cannot be written: each once, for as long as it stays so."""

from django.utils import timezone

from models_app.monitoring.notify import tell_of_quarantine
from scoring.models import QuarantinedTable
from tenants.scope import platform_scope


def tell_of_quarantined_tables() -> int:
    """Notify people of quarantined tables that were not reported yet; returns how many."""
    with platform_scope():
        rows = QuarantinedTable.objects.filter(told_at=None).select_related("tenant")
        fresh = list(rows.select_for_update(of=("self",)))
        for row in fresh:
            tell_of_quarantine(row)
            row.told_at = timezone.now()
            row.save(update_fields=["told_at"])
    return len(fresh)
