"""Reading the track record: what was foretold, and what came."""

from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from models_app.changes.track_record.models import TrackRecord
from tenants.models import Tenant


@dataclass(frozen=True)
class Share:
    """Of `weeks` that are over, as many thresholds' alert rates lay `inside` what was foretold."""

    weeks: int
    inside: int


def track_record(tenant: Tenant, intent: str) -> QuerySet[TrackRecord]:
    """Of one intent, the newest release first."""
    rows = TrackRecord.objects.filter(tenant=tenant, intent=intent)
    return rows.select_related("release").defer("release__document")


def share_inside(tenant: Tenant, intent: str) -> Share:
    """Of an intent's whole weeks."""
    rows = TrackRecord.objects.filter(tenant=tenant, intent=intent).order_by()
    found = rows.aggregate(weeks=Count("pk", filter=Q(inside__isnull=False)), within=Count("pk", filter=Q(inside=True)))
    return Share(found["weeks"], found["within"])
