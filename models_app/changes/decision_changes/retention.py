"""Forgetting events that change sides: no longer than the event log keeps them."""

from datetime import timedelta

from django.utils import timezone

from models_app.changes.decision_changes.models import DecisionChange
from tenants.scope import platform_scope


def forget(*, days: int) -> int:
    """Delete those of events that occurred longer ago than this; how many. Events arrive once they have occurred."""
    with platform_scope():
        return DecisionChange.objects.filter(occurred_at__lt=timezone.now() - timedelta(days=days)).delete()[0]
