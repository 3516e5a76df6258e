"""Refreshes and their policies, for pages and REST."""

from django.db.models import OuterRef, QuerySet, Subquery

from models_app.refreshes.models import Refresh, RefreshPolicy
from tenants.models import Intent


def refreshes(intent: Intent) -> "QuerySet[Refresh]":
    """An intent's, the latest first."""
    rows = Refresh.objects.filter(tenant=intent.tenant_id, policy__intent=intent)
    return rows.select_related("tenant", "policy", "change_request").defer(
        "change_request__document", "change_request__routes"
    )


def latest_ended() -> "QuerySet[Refresh]":
    """Of each policy that is on, in the scope, the latest that has ended: what came of those before is past."""
    ended = Refresh.objects.filter(policy=OuterRef("pk")).exclude(state__in=Refresh.ACTIVE).order_by("-due")
    policies = RefreshPolicy.objects.filter(enabled=True).annotate(latest=Subquery(ended.values("pk")[:1]))
    return Refresh.objects.filter(pk__in=policies.order_by().values("latest"))


def refresh_policy_of(intent: Intent) -> RefreshPolicy | None:
    """None where nobody has set one: then nothing is refreshed by itself."""
    return RefreshPolicy.objects.filter(intent=intent).select_related("set_by").first()
