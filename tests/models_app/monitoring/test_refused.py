"""Refused requests on the pages of a tenant and of its intents, and over REST; of no other tenant."""

import pytest
from django.test import Client

from scoring.serving.refused import Refused
from tenants.models import Tenant
from tenants.roles import Role
from tests.factories import World, make_person, serve
from tests.models_app.conftest import Api
from tests.models_app.console.test_home_and_intent import text

QUOTA, INVALID = "A quota of events a second or a day is used up", "Something is missing, of the wrong type"


@pytest.fixture
def world(db: None) -> World:
    world = serve("acme")
    refused = Refused()
    refused.note(world.tenant.pk, world.intent.name, "invalid", 7)
    refused.note(world.tenant.pk, "", "quota", 5)
    refused.write()
    return world


def viewer(tenant: Tenant) -> Client:
    client = Client()
    person = make_person(role=Role.VIEWER, tenant=tenant)
    client.force_login(person, "django.contrib.auth.backends.ModelBackend")
    return client


def test_pages__refused_requests__are_on_the_tenants_with_all_and_on_the_intents_with_its_own(world: World) -> None:
    client = viewer(world.tenant)
    tenant, intent = text(client, "/tenants/acme"), text(client, "/tenants/acme/intents/card-payments")
    assert QUOTA in tenant
    assert INVALID in tenant
    assert INVALID in intent
    assert QUOTA not in intent


def test_pages__of_another_tenant__show_nothing_of_it(world: World) -> None:
    other = serve("globex")
    client = viewer(other.tenant)
    assert "Refused requests" not in text(client, "/tenants/globex")
    assert client.get("/tenants/acme").status_code == 404
    assert client.get("/api/v1/tenants/acme/refused-requests").status_code in (401, 404)


def test_rest__refused_requests__by_hour_intent_and_reason(world: World, admin: Api) -> None:
    rows = admin.get("tenants/acme/refused-requests").json()["results"]
    assert [(row["intent"], row["reason"], row["requests"]) for row in rows] == [
        ("", "quota", 5),
        (world.intent.name, "invalid", 7),
    ]
    narrowed = admin.get("tenants/acme/refused-requests", reason="invalid").json()["results"]
    assert [row["requests"] for row in narrowed] == [7]
    assert admin.get("tenants/acme/refused-requests", reason="nonsense").status_code == 422
