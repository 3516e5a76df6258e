"""Forgetting what was told long ago: who did what stays in the audit trail, this is only the log of telling it."""

from datetime import timedelta

from django.utils import timezone

from models_app.notifications.models import Delivery, Notification
from tenants.scope import platform_scope


def forget(*, days: int) -> int:
    """Delete notifications older than this with their deliveries, save those that still wait; how many."""
    with platform_scope():
        waiting = Delivery.objects.filter(state=Delivery.State.WAITING)
        rows = Notification.objects.filter(created_at__lt=timezone.now() - timedelta(days=days))
        return rows.exclude(deliveries__in=waiting).delete()[1].get(Notification._meta.label, 0)
