"""Trials and the policies that they are made by, for pages and REST."""

from django.db.models import QuerySet

from models_app.successors.models import SuccessorPolicy, Trial
from tenants.models import Intent


def trials(intent: Intent) -> "QuerySet[Trial]":
    """An intent's, the latest first."""
    rows = Trial.objects.filter(tenant=intent.tenant_id, policy__intent=intent)
    return rows.select_related("tenant", "policy", "live", "shadow", "change_request").defer(
        "change_request__document", "change_request__routes"
    )


def successor_policy_of(intent: Intent) -> SuccessorPolicy | None:
    """None where nobody has set one: then no shadow is tried."""
    return SuccessorPolicy.objects.filter(intent=intent).select_related("set_by").first()
