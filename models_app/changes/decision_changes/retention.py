"""Forgetting events that change sides: no longer than the event log keeps them."""

from models_app.changes.decision_changes.models import DecisionChange
from tenants.retention import kept_since
from tenants.scope import platform_scope


def forget(*, days: int) -> int:
    """Delete those of events that occurred longer ago than their tenant keeps events; how many.

    days: of tenants that have no number of days of their own. Events arrive once they have occurred.
    """
    with platform_scope():
        return DecisionChange.objects.filter(occurred_at__lt=kept_since(days)).delete()[0]
