"""Forgetting events that change sides: no longer than the event log keeps them."""

from datetime import timedelta

from django.db import models
from django.db.models import ExpressionWrapper
from django.db.models.functions import Coalesce
from django.utils import timezone

from models_app.changes.decision_changes.models import DecisionChange
from tenants.scope import platform_scope


def forget(*, days: int) -> int:
    """Delete those of events that occurred longer ago than their tenant keeps events; how many.

    days: of tenants that have no number of days of their own. Events arrive once they have occurred.
    """
    kept_for = Coalesce("tenant__retention_days", days) * timedelta(days=1)
    oldest = ExpressionWrapper(timezone.now() - kept_for, models.DateTimeField())
    with platform_scope():
        return DecisionChange.objects.filter(occurred_at__lt=oldest).delete()[0]
