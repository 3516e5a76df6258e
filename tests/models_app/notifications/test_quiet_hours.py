"""What waits for the morning, what does not, and incidents that come as one e-mail."""

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import connections
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from models_app.incidents.models import Incident
from models_app.incidents.notify import tell_of_incident
from models_app.notifications.delivering import deliver, deliver_due
from models_app.notifications.events import Event
from models_app.notifications.models import Delivery
from models_app.notifications.notify import tell
from tenants.models import Person, Tenant
from tenants.roles import Role
from tenants.scope import platform_scope
from tenants.services import change_tenant, create_personal_token, set_quiet_hours
from tests.factories import World, make_intent, make_person, make_webhook, serve
from tests.watching import make_incident

pytestmark = pytest.mark.django_db
JSON = "application/json"


@pytest.fixture
def world(switched_on: None) -> World:
    return serve("acme")


def quiet_now(hours: int = 2) -> str:
    """Quiet hours that began an hour ago, and end after so many more."""
    now = timezone.now()
    return f"{now - timedelta(hours=1):%H:%M}-{now + timedelta(hours=hours):%H:%M} UTC"


def member(world: World, quiet: str = "") -> Person:
    person = make_person(role=Role.VIEWER, tenant=world.tenant)
    return set_quiet_hours(person=person, quiet_hours=quiet, actor=person) if quiet else person


def set_tenants(world: World, quiet: str) -> Tenant:
    with platform_scope():
        return change_tenant(tenant=world.tenant, changes={"quiet_hours": quiet}, actor=None)


def opened(world: World, kind: str = "scale", name: str = "") -> Incident:
    intent = make_intent(world.tenant, name) if name else world.intent
    incident = make_incident(intent, kind=kind)
    with platform_scope():
        incident = Incident.objects.select_related("tenant", "intent").get(pk=incident.pk)
        tell_of_incident(Event.INCIDENT_OPENED, incident)
    return incident


def deliveries(**filters: Any) -> list[Delivery]:
    with platform_scope():
        return list(Delivery.objects.filter(**filters).order_by("pk"))


def minutes_until(delivery: Delivery) -> float:
    return (delivery.due_at - timezone.now()).total_seconds() / 60


def make_due() -> None:
    with platform_scope():
        Delivery.objects.filter(state="waiting").update(due_at=timezone.now() - timedelta(seconds=1))


def test_incidents__of_a_tenant_within_the_window__come_as_one_email(world: World) -> None:
    person = member(world)
    first, second = opened(world), opened(world, name="refunds")
    one, two = deliveries(person=person)
    assert one.due_at == two.due_at
    assert 9 < minutes_until(one) <= 10
    assert deliver_due() == 0
    make_due()
    deliver(one.pk)
    (sent,) = mail.outbox
    assert f"incident {first.pk} of card-payments" in sent.body
    assert f"incident {second.pk} of refunds" in sent.body
    deliver(two.pk)
    assert len(mail.outbox) == 1


def test_incidents__of_another_tenant_or_after_the_first_was_sent__begin_a_window_of_their_own(world: World) -> None:
    person, other = member(world), serve("globex")
    other_member = member(other)
    opened(world)
    make_due()
    deliver(deliveries(person=person)[0].pk)
    opened(world, name="refunds")
    opened(other)
    assert 9 < minutes_until(deliveries(person=person)[1]) <= 10
    assert 9 < minutes_until(deliveries(person=other_member)[0]) <= 10


def test_incidents__without_a_window__are_told_at_once(world: World, settings: Settings) -> None:
    settings.ENV = {**settings.ENV, "MUSE_INCIDENT_GROUPING_SECONDS": 0.0}
    person = member(world)
    opened(world)
    assert minutes_until(deliveries(person=person)[0]) <= 0


def test_incident__of_kind_risk__waits_neither_for_others_nor_for_the_morning(world: World) -> None:
    person = member(world, quiet_now())
    set_tenants(world, quiet_now())
    opened(world, "risk")
    opened(world, "scale")
    urgent, other = deliveries(person=person)
    assert minutes_until(urgent) <= 0
    assert minutes_until(other) > 100


def test_email__in_a_persons_quiet_hours__waits_for_their_end(world: World) -> None:
    awake, asleep = member(world), member(world, quiet_now())
    with platform_scope():
        tell(Event.POLICY_CHANGED, tenant=world.tenant, subject="acme: its policy", page="/")
    assert minutes_until(deliveries(person=awake)[0]) <= 0
    (held,) = deliveries(person=asleep)
    assert 118 < minutes_until(held) <= 121


def test_email__in_the_tenants_quiet_hours__is_held_unless_people_have_their_own(world: World) -> None:
    set_tenants(world, quiet_now())
    over = f"{timezone.now() - timedelta(hours=3):%H:%M}-{timezone.now() - timedelta(hours=2):%H:%M} UTC"
    by_tenant, by_own = member(world), member(world, over)
    with platform_scope():
        world.tenant.refresh_from_db()
        tell(Event.POLICY_CHANGED, tenant=world.tenant, subject="acme: its policy", page="/")
    assert minutes_until(deliveries(person=by_tenant)[0]) > 100
    assert minutes_until(deliveries(person=by_own)[0]) <= 0


@pytest.mark.parametrize("event", [Event.NOT_LOADING, Event.DEGRADED, Event.GLASS_BROKEN, Event.QUARANTINED])
def test_email__of_what_scoring_fails_at__comes_in_quiet_hours(world: World, event: Event) -> None:
    person = member(world, quiet_now())
    with platform_scope():
        tell(event, tenant=world.tenant, subject="acme", page="/")
    assert minutes_until(deliveries(person=person)[0]) <= 0


def test_webhook__that_keeps_quiet_hours__is_called_at_their_end(world: World) -> None:
    world = World(**{**world.__dict__, "tenant": set_tenants(world, quiet_now())})
    at_once, later = make_webhook(world.tenant), make_webhook(world.tenant, keeps_quiet_hours=True)
    opened(world, "scale")
    opened(world, "risk", name="refunds")
    assert [minutes_until(each) <= 0 for each in deliveries(webhook=at_once)] == [True, True]
    assert [minutes_until(each) > 100 for each in deliveries(webhook=later)] == [True, False]


def test_email__that_failed_before_quiet_hours__is_not_tried_again_in_them(world: World) -> None:
    person = member(world)
    with platform_scope():
        tell(Event.POLICY_CHANGED, tenant=world.tenant, subject="acme: its policy", page="/")
    (row,) = deliveries(person=person)
    soon = timezone.now() + timedelta(seconds=30)
    quiet = f"{soon.astimezone(UTC) - timedelta(minutes=1):%H:%M}-{soon + timedelta(hours=3):%H:%M} UTC"
    set_quiet_hours(person=person, quiet_hours=quiet, actor=person)
    with platform_scope():
        Person.objects.filter(pk=person.pk).update(wants_email=False)  # so that it fails
    deliver(row.pk)
    (row,) = deliveries(person=person)
    assert (row.state, row.attempts) == ("waiting", 1)
    assert minutes_until(row) > 100


def test_held__whose_worker_died_at_it__is_sent_later(world: World) -> None:
    """An attempt is noted before anything is sent: that is what a killed worker leaves."""
    person = member(world, quiet_now())
    opened(world)
    with platform_scope():
        Delivery.objects.filter(person=person).update(attempts=1, due_at=timezone.now(), tried_at=timezone.now())
    assert deliver_due() == 1
    deliver(deliveries(person=person)[0].pk)
    assert len(mail.outbox) == 1
    assert [each.state for each in deliveries(person=person)] == ["delivered"]


@pytest.mark.django_db(transaction=True)
def test_held__taken_up_by_two_workers_at_once__is_sent_once(switched_on: None) -> None:
    world = serve("acme")
    person = member(world, quiet_now())
    opened(world)
    make_due()
    (row,) = deliveries(person=person)
    barrier = threading.Barrier(2)

    def work() -> None:
        barrier.wait()
        try:
            deliver(row.pk)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(mail.outbox) == 1


# ---- setting them


def browser(person: Person) -> Client:
    client = Client()
    client.force_login(person, "django.contrib.auth.backends.ModelBackend")
    return client


def test_account__quiet_hours__are_set_shown_and_taken_away(world: World) -> None:
    person = member(world)
    client, sent = browser(person), {"act": "email", "wants_email": "on"}
    times = {"quiet_begin": "22:00", "quiet_end": "07:00", "quiet_zone": "Europe/Berlin"}
    assert client.post("/account", sent | times).status_code == 302
    person.refresh_from_db()
    assert person.quiet_hours == "22:00-07:00 Europe/Berlin"
    page = client.get("/account").content.decode()
    assert 'value="22:00"' in page
    assert '<option value="Europe/Berlin" selected>' in page
    refused = client.post("/account", sent | times | {"quiet_end": ""})
    assert refused.status_code == 422
    assert "expected hours and a time zone" in refused.content.decode()
    assert client.post("/account", sent).status_code == 302
    person.refresh_from_db()
    assert (person.quiet_hours, person.wants_email) == ("", True)


def test_tenant__quiet_hours__are_set_by_its_admin_alone(world: World) -> None:
    sent = {"act": "quiet", "quiet_begin": "22:00", "quiet_end": "07:00", "quiet_zone": "UTC"}
    assert browser(member(world)).post("/tenants/acme/notifications", sent).status_code == 403
    admin = browser(make_person(role=Role.ADMIN, tenant=world.tenant))
    assert admin.post("/tenants/acme/notifications", sent).status_code == 302
    assert "22:00-07:00 UTC" in admin.get("/tenants/acme/notifications").content.decode()


def test_rest__quiet_hours__of_a_person_a_tenant_and_a_webhook__are_set_and_checked(world: World) -> None:
    admin = make_person(role=Role.ADMIN, tenant=world.tenant)
    token = create_personal_token(person=admin, name="tests", actor=admin)[1]
    client = Client(headers={"authorization": f"Bearer {token}"})
    body = {"quiet_hours": "22:00-07:00 Europe/Berlin"}
    for path in ("/api/v1/me", "/api/v1/tenants/acme"):
        assert client.patch(path, body, JSON).json()["quiet_hours"] == "22:00-07:00 Europe/Berlin"
        answer = client.patch(path, {"quiet_hours": "at night"}, JSON)
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "quiet_hours")
    webhook = {"url": "https://example.com/", "events": ["fit.failed"], "keeps_quiet_hours": True}
    made = client.post("/api/v1/tenants/acme/webhooks", webhook, JSON)
    assert made.json()["keeps_quiet_hours"] is True
    at = f"/api/v1/tenants/acme/webhooks/{made.json()['id']}"
    assert client.patch(at, {"keeps_quiet_hours": False}, JSON).json()["keeps_quiet_hours"] is False


def test_rest__held_delivery__says_when_it_is_due(world: World) -> None:
    member(world, quiet_now())
    opened(world)
    admin = make_person(role=Role.ADMIN, tenant=world.tenant)
    token = create_personal_token(person=admin, name="tests", actor=admin)[1]
    client = Client(headers={"authorization": f"Bearer {token}"})
    (row,) = client.get("/api/v1/tenants/acme/deliveries").json()["results"]
    due = datetime.fromisoformat(row["due_at"])
    assert timedelta(minutes=100) < due - timezone.now() < timedelta(minutes=125)
