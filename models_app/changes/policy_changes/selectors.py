"""Reading policy changes."""

from collections.abc import Iterable

from django.db.models import Q, QuerySet

from models_app.changes.policy_changes.models import PolicyChange
from models_app.changes.policy_changes.subjects import managing
from tenants.models import Person, Tenant
from tenants.permissions import may


def policy_changes(tenant: Tenant | None) -> QuerySet[PolicyChange]:
    """Those of a tenant, or (None) of the platform's own roles; newest first."""
    return PolicyChange.objects.filter(tenant=tenant).select_related("tenant", "author", "decided_by")


def waiting_for(person: Person, tenants: Iterable[Tenant]) -> QuerySet[PolicyChange]:
    """Open policy changes of these tenants and of the platform that this person may agree to, the oldest on top."""
    managed = [tenant for tenant in tenants if may(person, managing(tenant), tenant)]
    mine = Q(tenant__in=managed)
    if may(person, managing(None)):
        mine |= Q(tenant=None)
    rows = PolicyChange.objects.filter(mine, state=PolicyChange.State.OPEN).exclude(author=person)
    return rows.select_related("tenant", "author").order_by("id")
