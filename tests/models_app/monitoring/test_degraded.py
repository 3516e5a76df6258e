"""Degraded events show on Home, on the intent's page and by a notification: to those who may see the tenant."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from models_app.monitoring.degraded import tell_of_degraded
from models_app.notifications.models import Notification
from scoring.models import HourStatistics
from tenants.roles import Role
from tenants.scope import platform_scope
from tests.factories import World, make_person, make_webhook, serve
from tests.models_app.console.test_home_and_intent import text

Visit = Callable[..., Client]


@pytest.fixture
def world(db: None) -> World:
    return serve("acme")


def degraded(world: World, events: int, hours_ago: int = 0) -> None:
    hour = timezone.now().replace(minute=0, second=0, microsecond=0) - timedelta(hours=hours_ago)
    with platform_scope():
        HourStatistics.objects.create(
            tenant=world.tenant, intent=world.intent.name, hour=hour, transform=world.transform.pk, events=10,
            degraded=events, histogram=[10, *[0] * 49],
        )  # fmt: skip


@pytest.fixture
def visit() -> Visit:
    def visiting(role: Role, tenant: object = None) -> Client:
        client = Client()
        person = make_person(role=role, tenant=tenant)  # type: ignore[arg-type]
        client.force_login(person, "django.contrib.auth.backends.ModelBackend")
        return client

    return visiting


def test_home__degraded_events__are_a_trouble_of_those_who_see_the_tenant(world: World, visit: Visit) -> None:
    degraded(world, 3)
    degraded(world, 4, hours_ago=2)
    other = serve("globex")
    page = text(visit(Role.VIEWER, world.tenant))
    assert "A live predictor fails" in page
    assert "card-payments: 7 events of the last 24 hours" in page
    assert page.count("A live predictor fails") == 1
    assert "A live predictor fails" not in text(visit(Role.ADMIN, other.tenant))


def test_intent_page__degraded_events__says_how_many_and_what_answers(world: World, visit: Visit) -> None:
    client = visit(Role.VIEWER, world.tenant)
    page = text(client, "/tenants/acme/intents/card-payments")
    assert "The live predictor fails" not in page
    assert "nothing: events are refused" in page
    degraded(world, 3)
    assert "3 of 10 events of the last 24 hours were not answered" in text(
        client, "/tenants/acme/intents/card-payments"
    )


def test_notification__degraded_events__is_told_once_while_the_hour_lasts(world: World) -> None:
    make_webhook(world.tenant, events=["intent.degraded"])
    assert tell_of_degraded() == 0
    degraded(world, 3)
    assert tell_of_degraded() == 1
    assert tell_of_degraded() == 0
    with platform_scope():
        (told,) = Notification.objects.all()
    assert told.data["intent"] == world.intent.name
    assert "is degraded: its live predictor fails" in told.title


def test_notification__of_long_ago__is_not_told(world: World) -> None:
    make_webhook(world.tenant, events=["intent.degraded"])
    degraded(world, 3, hours_ago=5)
    assert tell_of_degraded() == 0
