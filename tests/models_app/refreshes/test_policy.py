"""Setting how often an intent is refreshed, over REST and on its page."""

from collections.abc import Callable

import pytest
from django.test import Client

from models_app.refreshes.models import RefreshPolicy
from tenants.models import AuditEntry
from tenants.roles import Role
from tenants.scope import platform_scope
from tenants.services import create_personal_token
from tests.factories import World, make_person, serve
from tests.watching import make_refresh

pytestmark = pytest.mark.django_db
PLACE = "/api/v1/tenants/acme/intents/card-payments"


@pytest.fixture
def world() -> World:
    return serve("acme")


@pytest.fixture
def client_of(world: World) -> Callable[[Role], Client]:
    def make(role: Role) -> Client:
        person = make_person(f"{role}@example.com", role=role, tenant=world.tenant)
        token = create_personal_token(person=person, name="tests", actor=None)[1]
        return Client(headers={"authorization": f"Bearer {token}"})

    return make


def test_policy__set_by_an_analyst__holds_what_was_given_and_is_in_the_audit_trail(
    world: World, client_of: Callable[[Role], Client]
) -> None:
    analyst = client_of(Role.ANALYST)
    assert analyst.get(f"{PLACE}/refresh-policy").status_code == 404
    answer = analyst.patch(f"{PLACE}/refresh-policy", {"schedule": "weekly"}, "application/json")
    assert answer.status_code == 200, answer.content
    found = answer.json()
    assert (found["schedule"], found["window_days"], found["enabled"]) == ("weekly", 28.0, True)
    assert found["set_by"] == "analyst@example.com"
    off = analyst.patch(f"{PLACE}/refresh-policy", {"enabled": False}, "application/json").json()
    assert (off["schedule"], off["enabled"], off["since"]) == ("weekly", False, found["since"])
    on = analyst.patch(f"{PLACE}/refresh-policy", {"enabled": True}, "application/json").json()
    assert on["since"] > found["since"]  # what was due meanwhile is not made up for
    with platform_scope():
        acts = AuditEntry.objects.filter(tenant=world.tenant, act="set refresh policy").order_by("pk")
        assert [each.details for each in acts] == [{"schedule": "weekly"}, {"enabled": False}, {"enabled": True}]


def test_policy__by_a_viewer__is_refused(client_of: Callable[[Role], Client]) -> None:
    answer = client_of(Role.VIEWER).patch(f"{PLACE}/refresh-policy", {"schedule": "hourly"}, "application/json")
    assert answer.status_code == 403


@pytest.mark.parametrize(
    "sent",
    [
        {"schedule": "yearly"},
        {"window_days": 0},
        {"window_days": 1000},
        {"half_life_days": -1},
        {"half_life_days": 366},
    ],
)
def test_policy__that_cannot_be__names_its_field(client_of: Callable[[Role], Client], sent: dict[str, object]) -> None:
    answer = client_of(Role.ANALYST).patch(f"{PLACE}/refresh-policy", sent, "application/json")
    assert answer.status_code == 422
    assert [each["field"] for each in answer.json()["errors"]] == list(sent)


def test_refreshes__of_an_intent__say_what_came_of_each(world: World, client_of: Callable[[Role], Client]) -> None:
    refresh = make_refresh(world.intent)
    viewer = client_of(Role.VIEWER)
    (found,) = viewer.get(f"{PLACE}/refreshes?outcome=held+back").json()["results"]
    assert (found["id"], found["outcome"], found["change"]) == (refresh.pk, "held back", None)
    assert viewer.get(f"{PLACE}/refreshes/{refresh.pk}").json() == found
    assert viewer.get(f"{PLACE}/refreshes/0").status_code == 404


def test_page__policy_set_there__is_shown_with_what_is_due_next(world: World) -> None:
    client = Client()
    person = make_person("ann@example.com", role=Role.ANALYST, tenant=world.tenant)
    client.force_login(person, "django.contrib.auth.backends.ModelBackend")
    page = "/tenants/acme/intents/card-payments/refreshes"
    assert b"Nothing is refreshed by itself" in client.get(page).content
    sent = {"act": "plan", "schedule": "monthly", "window_days": "90", "enabled": "on"}
    assert client.post(page, sent).status_code == 302
    with platform_scope():
        policy = RefreshPolicy.objects.get(intent=world.intent)
    assert (policy.schedule, policy.window_days, policy.set_by) == ("monthly", 90.0, person)
    shown = client.get(page).content
    assert b"the 90 days before" in shown
    assert b"Next due" in shown
