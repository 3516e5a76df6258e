"""Looks at intents after every hour: asked for once, caught up with, and turned into incidents."""

from datetime import timedelta

import numpy as np
import pytest

from models_app.incidents import services as incidents
from models_app.incidents.models import Incident
from models_app.monitors.models import Look, Monitor
from models_app.monitors.order import KEPT, SETTLED, forget_looks, last_hour, order_looks
from models_app.monitors.run import run_look
from models_app.notifications.models import Notification
from scoring.models import HourProfile
from tenants.models import AuditEntry
from tenants.roles import Role
from tenants.scope import platform_scope, tenant_scope
from tests.factories import World, make_person, make_webhook, serve
from tests.models_app.monitors.worlds import UNTIL, count, count_days, intent_of
from tests.models_app.statistics.monitors.test_deciding import attack, nulls, renamed

pytestmark = pytest.mark.django_db

DAYS = 15
HOUR = timedelta(hours=1)


@pytest.fixture
def world() -> World:
    """An intent of which two weeks and a day are counted, up to UNTIL."""
    world = serve()
    count(world, UNTIL - timedelta(days=DAYS), DAYS * 24)
    count_days(world, UNTIL, DAYS)
    return world


def look(world: World, until=UNTIL) -> Monitor:  # type: ignore[no-untyped-def]
    """Have one look asked for and done."""
    order_looks(now=until + SETTLED)
    with tenant_scope(world.tenant.pk):
        found = Look.objects.get(until=until)
    run_look(world.tenant.pk, found.pk)
    with tenant_scope(world.tenant.pk):
        found.refresh_from_db()
        assert found.state == Look.State.SUCCEEDED, found.error
        return Monitor.objects.get(intent=intent_of(world))


def open_incidents(world: World) -> list[Incident]:
    with tenant_scope(world.tenant.pk):
        return list(Incident.objects.filter(state__in=Incident.GOING_ON))


def test_looks__asked_for_twice__are_one_of_each_hour(world: World) -> None:
    assert order_looks(now=UNTIL + SETTLED) == 1
    assert order_looks(now=UNTIL + 2 * SETTLED) == 0
    assert last_hour(UNTIL + SETTLED - timedelta(seconds=1)) == UNTIL - HOUR


def test_looks__of_an_intent_that_is_not_scored_any_more__are_not_asked_for(world: World) -> None:
    assert order_looks(now=UNTIL + timedelta(days=3)) == 0


def test_look__while_nothing_happens__finds_nothing_and_says_what_it_has_seen(world: World) -> None:
    monitor = look(world)
    assert open_incidents(world) == []
    assert monitor.looked_at == UNTIL
    assert {each["name"] for each in monitor.signals} >= {"amount", "kind", "channel", "review", "decline", ""}
    assert monitor.a_year is not None
    assert monitor.a_year > 1


def test_look__done_again__counts_an_hour_once(world: World) -> None:
    first = look(world)
    with tenant_scope(world.tenant.pk):
        again = Look.objects.create(tenant=world.tenant, intent=intent_of(world), until=UNTIL - HOUR)
    run_look(world.tenant.pk, again.pk)
    with tenant_scope(world.tenant.pk):
        assert Monitor.objects.get(pk=first.pk).watches == first.watches


def test_look__after_hours_that_nobody_looked_at__counts_them_all(world: World) -> None:
    look(world)
    count(world, UNTIL, 5)
    monitor = look(world, UNTIL + 5 * HOUR)
    with tenant_scope(world.tenant.pk):
        rows = HourProfile.objects.filter(hour__gte=UNTIL - HOUR)
        due = 0.01 * sum(row.events for row in rows.filter(hour__gte=UNTIL))
    assert monitor.watches["rates"][str(world.transform.pk)]["decline"]["expected"] == pytest.approx(due)


def test_look__at_a_feature_that_is_null__opens_one_incident_that_names_it_and_tells_people(world: World) -> None:
    make_webhook(world.tenant)
    look(world)
    count(world, UNTIL, 3, nulls)
    for hours in (1, 2, 3):
        look(world, UNTIL + hours * HOUR)
    (incident,) = open_incidents(world)
    assert (incident.kind, incident.subject, incident.since) == (Incident.Kind.DATA_FAULT, "amount", UNTIL)
    assert incident.seen_at == UNTIL + 3 * HOUR
    with platform_scope():
        (told,) = Notification.objects.filter(event="incident.opened")
        assert AuditEntry.objects.filter(act="open incident", subject_id=incident.pk).count() == 1
    assert "Feature “amount”: values are missing for all events since 2026-11-29 00:00 UTC." in told.text


def test_look__at_an_attack__opens_an_incident_of_risk(world: World) -> None:
    look(world)
    count(world, UNTIL, 24, attack)
    look(world, UNTIL + 24 * HOUR)
    (incident,) = open_incidents(world)
    assert incident.kind == Incident.Kind.RISK


def test_incident__that_nothing_shows_for_a_day__is_closed_by_itself(world: World) -> None:
    look(world)
    count(world, UNTIL, 2, nulls)
    look(world, UNTIL + 2 * HOUR)
    (incident,) = open_incidents(world)
    count(world, UNTIL + 2 * HOUR, 60)
    for hours in (30, 60):
        look(world, UNTIL + hours * HOUR)
    assert open_incidents(world) == []
    with tenant_scope(world.tenant.pk):
        incident.refresh_from_db()
    assert (incident.state, incident.closed_by) == (Incident.State.CLOSED, None)


def test_incident__closed_as_what_is_usual_from_now_on__is_not_opened_again(world: World) -> None:
    look(world)
    count(world, UNTIL, 24, renamed)
    look(world, UNTIL + 24 * HOUR)
    (incident,) = open_incidents(world)
    analyst = make_person(role=Role.ANALYST, tenant=world.tenant)
    with tenant_scope(world.tenant.pk):
        incidents.close(actor=analyst, incident=incident, note="Food is called groceries now.", is_usual=True)
    count(world, UNTIL + 24 * HOUR, 24, renamed)
    look(world, UNTIL + 48 * HOUR)
    assert open_incidents(world) == []


def test_incident__closed_while_it_goes_on__is_opened_anew(world: World) -> None:
    look(world)
    count(world, UNTIL, 24, nulls)
    look(world, UNTIL + 2 * HOUR)
    (incident,) = open_incidents(world)
    analyst = make_person(role=Role.ANALYST, tenant=world.tenant)
    with tenant_scope(world.tenant.pk):
        incidents.close(actor=analyst, incident=incident, note="It is repaired.")
    look(world, UNTIL + 3 * HOUR)
    (again,) = open_incidents(world)
    assert again.pk != incident.pk


def test_look__whose_worker_died__is_done_once_by_the_next(world: World) -> None:
    order_looks(now=UNTIL + SETTLED)
    with tenant_scope(world.tenant.pk):
        found = Look.objects.get()
        long_ago = UNTIL - timedelta(days=900)
        Look.objects.update(state=Look.State.RUNNING, attempt=1, started_at=long_ago, alive_at=long_ago)
    run_look(world.tenant.pk, found.pk)
    run_look(world.tenant.pk, found.pk)
    with tenant_scope(world.tenant.pk):
        found.refresh_from_db()
    assert (found.state, found.attempt) == (Look.State.SUCCEEDED, 2)


def test_looks__of_long_ago__are_forgotten_with_the_profiles_of_their_time(world: World) -> None:
    look(world)
    assert forget_looks(now=UNTIL + KEPT) == 0
    assert forget_looks(now=UNTIL + 10 * KEPT) == 1
    with platform_scope():
        assert not HourProfile.objects.exists()


def test_look__of_an_intent_with_four_weeks__takes_a_fraction_of_what_an_hour_has(world: World) -> None:
    """No timing: how much is read. A look after the day's first reads a day of hours, and not the weeks before."""
    look(world)
    count(world, UNTIL, 2)
    look(world, UNTIL + HOUR)
    with tenant_scope(world.tenant.pk):
        before = Monitor.objects.get()
        HourProfile.objects.filter(hour__lt=UNTIL - timedelta(days=2)).delete()
    after = look(world, UNTIL + 2 * HOUR)
    assert after.known == before.known
    assert np.isfinite(after.a_year or np.nan)


def test_look__measures_how_far_scores_lie_from_the_reference_beside_what_chance_makes_it(world: World) -> None:
    measured = look(world).measured
    assert measured["transform"] == world.transform.pk
    assert measured["scores"]["events"] > 1_000
    assert 0.0 < measured["scores"]["by_chance"] < 0.05
    assert 0.0 < measured["scores"]["apart"] <= 1.0


def test_look__at_events_beyond_the_fit__opens_an_incident_that_says_so(world: World) -> None:
    look(world)
    count(world, UNTIL, 12, attack)
    with tenant_scope(world.tenant.pk):
        HourProfile.objects.filter(hour__gte=UNTIL).update(beyond=3)
    monitor = look(world, UNTIL + 12 * HOUR)
    assert "beyond" in {each["of"] for each in monitor.signals if each["a_year"] <= 1}
    assert monitor.measured["beyond"] == 36
    (incident,) = open_incidents(world)
    assert incident.kind == Incident.Kind.RISK
