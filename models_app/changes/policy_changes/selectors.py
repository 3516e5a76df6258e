"""Reading policy changes."""

from django.db.models import QuerySet

from models_app.changes.policy_changes.models import PolicyChange
from tenants.models import Tenant


def policy_changes(tenant: Tenant | None) -> QuerySet[PolicyChange]:
    """Those of a tenant, or (None) of the platform's own roles; newest first."""
    return PolicyChange.objects.filter(tenant=tenant).select_related("tenant", "author", "decided_by")
