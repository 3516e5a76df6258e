"""Incidents and monitors over REST."""

from typing import Any

import pytest
from django.test import Client

from models_app.incidents.models import Incident
from tenants.models import AuditEntry
from tenants.roles import Role
from tenants.scope import platform_scope
from tenants.services import create_personal_token
from tests.factories import World, make_person, serve
from tests.watching import make_incident, make_monitor

pytestmark = pytest.mark.django_db
BASE = "/api/v1/tenants/acme"


@pytest.fixture
def world() -> World:
    return serve("acme")


def client_of(world: World, role: Role) -> Client:
    token = create_personal_token(person=make_person(role=role, tenant=world.tenant), name="tests", actor=None)[1]
    return Client(headers={"authorization": f"Bearer {token}"})


def post(client: Client, path: str, body: dict[str, Any]) -> Any:
    return client.post(f"{BASE}{path}", body, content_type="application/json")


def test_incidents__of_a_tenant__say_what_stands_out_and_what_to_do(world: World) -> None:
    incident = make_incident(world.intent)
    make_incident(serve("globex").intent)
    (found,) = client_of(world, Role.VIEWER).get(f"{BASE}/incidents?kind=data+fault&state=open").json()["results"]
    assert (found["id"], found["intent"], found["subject"]) == (incident.pk, "card-payments", "amount")
    assert found["signals"][0]["sentence"].startswith("Feature “amount”: values are missing for all events")
    assert found["signals"][0]["since"] == "2026-06-21T00:00:00+00:00"
    assert "repaired" in found["next_step"]


def test_incidents__of_all_tenants__are_those_that_a_person_sees(world: World) -> None:
    make_incident(world.intent)
    make_incident(serve("globex").intent)
    found = client_of(world, Role.VIEWER).get("/api/v1/incidents").json()["results"]
    assert [each["tenant"] for each in found] == ["acme"]


def test_incident__acknowledged_twice__is_a_conflict_that_names_who_did(world: World) -> None:
    incident = make_incident(world.intent)
    analyst = client_of(world, Role.ANALYST)
    first = post(analyst, f"/incidents/{incident.pk}/acknowledge", {"note": "On it."})
    assert (first.status_code, first.json()["state"], first.json()["note"]) == (200, "acknowledged", "On it.")
    again = post(analyst, f"/incidents/{incident.pk}/acknowledge", {})
    assert again.status_code == 409
    assert "was acknowledged by" in again.json()["detail"]


def test_incident__closed__is_over_for_good_and_in_the_audit_trail(world: World) -> None:
    incident = make_incident(world.intent)
    analyst = client_of(world, Role.ANALYST)
    assert post(analyst, f"/incidents/{incident.pk}/close", {}).status_code == 422
    assert post(analyst, f"/incidents/{incident.pk}/close", {"note": " "}).status_code == 422
    closed = post(analyst, f"/incidents/{incident.pk}/close", {"note": "Repaired.", "is_usual": False})
    assert [closed.json()[name] for name in ("state", "note", "next_step")] == ["closed", "Repaired.", ""]
    assert post(analyst, f"/incidents/{incident.pk}/close", {"note": "Again."}).status_code == 409
    with platform_scope():
        (entry,) = AuditEntry.objects.filter(act="close incident")
    assert (entry.reason, entry.subject_id) == ("Repaired.", incident.pk)


def test_incident__acted_on_by_a_viewer__is_refused(world: World) -> None:
    incident = make_incident(world.intent)
    viewer = client_of(world, Role.VIEWER)
    for act, body in (("acknowledge", {}), ("close", {"note": "Mine."})):
        assert post(viewer, f"/incidents/{incident.pk}/{act}", body).status_code == 403
    with platform_scope():
        assert Incident.objects.get().state == Incident.State.OPEN


def test_monitors__of_a_tenant__tell_what_stands_out_with_the_most_unusual_first(world: World) -> None:
    make_monitor(world.intent)
    make_incident(world.intent)
    (found,) = client_of(world, Role.VIEWER).get(f"{BASE}/monitors").json()["results"]
    assert (found["intent"], found["incidents"], found["a_year"]) == ("card-payments", 1, 1e-6)
    assert found["signals"][0]["how"] == "nulls"
