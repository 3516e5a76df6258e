"""Notifications of long ago are forgotten, save what still waits."""

from datetime import timedelta

import pytest
from django.utils import timezone

from models_app.notifications.models import Delivery, Notification
from models_app.notifications.retention import forget
from tenants.scope import platform_scope
from tests.factories import make_delivery, make_webhook


@pytest.mark.parametrize(
    ("age", "state", "left"), [(91, "delivered", 0), (91, "given up", 0), (91, "waiting", 1), (89, "delivered", 1)]
)
def test_forget__by_age_and_state__deletes_what_is_old_and_over(db: None, age: int, state: str, left: int) -> None:
    delivery = make_delivery(make_webhook(), state=state)
    with platform_scope():
        Notification.objects.filter(pk=delivery.notification_id).update(created_at=timezone.now() - timedelta(days=age))
    assert forget(days=90) == 1 - left
    with platform_scope():
        assert (Notification.objects.count(), Delivery.objects.count()) == (left, left)
