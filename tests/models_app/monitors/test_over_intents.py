"""Incidents judged over all intents: few of those that stand are false, however many intents are looked at."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from models_app.incidents.models import Incident
from models_app.monitors.over_intents import judge_incidents
from tenants.models import Intent
from tenants.roles import Role
from tenants.scope import platform_scope
from tenants.services import create_personal_token
from tests.factories import make_intent, make_person, serve
from tests.watching import make_incident, make_monitor

pytestmark = pytest.mark.django_db


def intents(count: int) -> list[Intent]:
    """Of one tenant, all looked at."""
    world = serve("acme")
    return [world.intent, *(make_intent(world.tenant, name=f"payments-{each}") for each in range(1, count))]


def standing() -> set[str]:
    with platform_scope():
        return set(Incident.objects.filter(stands=True).values_list("intent__name", flat=True))


def test_incident__of_a_single_intent__stands_where_it_is_opened() -> None:
    (intent,) = intents(1)
    make_monitor(intent, a_year=0.9)
    make_incident(intent)
    assert judge_incidents() == 1
    assert standing() == {"card-payments"}


def test_incident__that_is_unusual_for_one_but_not_for_ten__does_not_stand_and_goes_on() -> None:
    first, *others = intents(10)
    make_monitor(first, a_year=0.2)
    make_incident(first)
    for each in others:
        make_monitor(each, a_year=None)
    assert judge_incidents() == 0
    assert standing() == set()
    with platform_scope():
        assert Incident.objects.get().state == Incident.State.OPEN


def test_incident__that_stood__does_not_any_more_once_what_showed_it_has_passed() -> None:
    first, other = intents(2)
    make_incident(first)
    monitor = make_monitor(first, a_year=1e-3)
    make_monitor(other, a_year=50.0)
    judge_incidents()
    assert standing() == {"card-payments"}
    with platform_scope():
        type(monitor).objects.filter(pk=monitor.pk).update(a_year=3.0)
    judge_incidents()
    assert standing() == set()


def test_incidents__of_intents_that_nobody_looked_at_lately__do_not_make_the_others_fewer() -> None:
    first, *others = intents(4)
    make_monitor(first, a_year=0.5)
    make_incident(first)
    for each in others:
        make_monitor(each, a_year=9.0, looked_at=timezone.now() - timedelta(days=9))
    assert judge_incidents() == 1


def test_incident__over_rest__says_whether_it_stands_and_nothing_once_it_is_over() -> None:
    (intent,) = intents(1)
    make_monitor(intent, a_year=1e-6)
    make_incident(intent)
    make_incident(intent, kind="risk", state="closed", closed_at=timezone.now())
    judge_incidents()
    person = make_person(role=Role.VIEWER, tenant=intent.tenant)
    token = create_personal_token(person=person, name="tests", actor=None)[1]
    client = Client(headers={"authorization": f"Bearer {token}"})
    found = client.get("/api/v1/tenants/acme/incidents").json()["results"]
    assert {each["kind"]: each["stands"] for each in found} == {"data fault": True, "risk": None}
