"""Setting how long an intent's shadows are tried, over REST and on its page."""

from collections.abc import Callable

import pytest
from django.test import Client

from models_app.successors.models import SuccessorPolicy
from tenants.models import AuditEntry
from tenants.roles import Role
from tenants.scope import platform_scope
from tenants.services import create_personal_token
from tests.factories import World, make_person, serve
from tests.watching import make_trial

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
    assert analyst.get(f"{PLACE}/successor-policy").status_code == 404
    found = analyst.patch(f"{PLACE}/successor-policy", {"trial_days": 21}, "application/json").json()
    assert (found["trial_days"], found["enabled"], found["set_by"]) == (21.0, True, "analyst@example.com")
    off = analyst.patch(f"{PLACE}/successor-policy", {"enabled": False}, "application/json").json()
    assert (off["trial_days"], off["enabled"], off["since"]) == (21.0, False, found["since"])
    on = analyst.patch(f"{PLACE}/successor-policy", {"enabled": True}, "application/json").json()
    assert on["since"] > found["since"]
    with platform_scope():
        acts = AuditEntry.objects.filter(tenant=world.tenant, act="set successor policy").order_by("pk")
        assert [each.details for each in acts] == [{"trial_days": 21.0}, {"enabled": False}, {"enabled": True}]


def test_policy__by_a_viewer__is_refused(client_of: Callable[[Role], Client]) -> None:
    answer = client_of(Role.VIEWER).patch(f"{PLACE}/successor-policy", {"trial_days": 7}, "application/json")
    assert answer.status_code == 403


@pytest.mark.parametrize("sent", [{"trial_days": 0}, {"trial_days": 1000}, {"enabled": "perhaps"}])
def test_policy__that_cannot_be__names_its_field(client_of: Callable[[Role], Client], sent: dict[str, object]) -> None:
    answer = client_of(Role.ANALYST).patch(f"{PLACE}/successor-policy", sent, "application/json")
    assert answer.status_code == 422
    assert [each["field"] for each in answer.json()["errors"]] == list(sent)


def test_trials__of_an_intent__say_what_came_of_each(world: World, client_of: Callable[[Role], Client]) -> None:
    trial = make_trial(world)
    viewer = client_of(Role.VIEWER)
    (found,) = viewer.get(f"{PLACE}/trials?outcome=not+better").json()["results"]
    assert (found["id"], found["outcome"], found["change"]) == (trial.pk, "not better", None)
    assert found["found"]["contests"][0]["threshold"] == "review"
    assert viewer.get(f"{PLACE}/trials/{trial.pk}").json() == found
    assert viewer.get(f"{PLACE}/trials/0").status_code == 404


def test_page__policy_set_there__is_shown_with_what_came_of_trials(world: World) -> None:
    client = Client()
    person = make_person("ann@example.com", role=Role.ANALYST, tenant=world.tenant)
    client.force_login(person, "django.contrib.auth.backends.ModelBackend")
    page = "/tenants/acme/intents/card-payments/trials"
    assert b"No shadow is tried by itself" in client.get(page).content
    assert client.post(page, {"act": "try", "trial_days": "21", "enabled": "on"}).status_code == 302
    with platform_scope():
        policy = SuccessorPolicy.objects.get(intent=world.intent)
    assert (policy.trial_days, policy.set_by) == (21.0, person)
    make_trial(world)
    shown = client.get(page).content.decode()
    assert "21 days, judged at its end" in shown
    assert "40 % instead of 50 % at “review”" in shown
