"""Standing approvals over REST and on the page of refreshes."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from models_app.changes.standing_approvals.models import StandingApproval
from tenants.models import Person
from tenants.roles import Role
from tenants.scope import platform_scope
from tenants.services import create_personal_token
from tests.factories import World, make_intent, make_person, serve
from tests.watching import make_standing_approval

pytestmark = pytest.mark.django_db
PLACE = "/api/v1/tenants/acme/standing-approvals"
PAGE = "/tenants/acme/intents/card-payments/refreshes"


@pytest.fixture
def world() -> World:
    return serve("acme")


@pytest.fixture
def person_of(world: World) -> Callable[[Role], Person]:
    return lambda role: make_person(role=role, tenant=world.tenant)


def rest(person: Person) -> Client:
    token = create_personal_token(person=person, name="tests", actor=None)[1]
    return Client(headers={"authorization": f"Bearer {token}"})


def bounds(world: World, **changes: Any) -> dict[str, Any]:
    until = (timezone.now() + timedelta(days=30)).isoformat()
    of = {"intent": "card-payments", "predictor": world.predictor.key, "reference": world.transform.reference.key}
    return {**of, "rate_tolerance": 0.1, "mapping_tolerance": 0.05, "until": until, "reason": "because"} | changes


def test_rest__from_proposal_to_revocation__says_how_it_stands(
    world: World, person_of: Callable[[Role], Person]
) -> None:
    analyst, approver = rest(person_of(Role.ANALYST)), rest(person_of(Role.APPROVER))
    made = analyst.post(PLACE, bounds(world), "application/json")
    assert made.status_code == 201, made.content
    assert (made.json()["number"], made.json()["state"]) == (1, "proposed")
    assert analyst.post(f"{PLACE}/1/approve", {"digest": made.json()["digest"]}, "application/json").status_code == 403
    stale = approver.post(f"{PLACE}/1/approve", {"digest": "0"}, "application/json")
    assert stale.status_code == 409
    approved = approver.post(f"{PLACE}/1/approve", {"digest": made.json()["digest"]}, "application/json").json()
    assert (approved["state"], len(approved["approvals"])) == ("in force", 1)
    edited = analyst.patch(f"{PLACE}/1", {"rate_tolerance": 0.2, "reason": "wider"}, "application/json").json()
    assert (edited["state"], edited["revision"], edited["rate_tolerance"]) == ("proposed", 2, 0.2)
    assert edited["digest"] != approved["digest"]
    widened = analyst.patch(f"{PLACE}/1", {"alerts_a_day": 2.0, "reason": "rare"}, "application/json").json()
    assert (widened["alerts_a_day"], widened["rate_tolerance"]) == (2.0, 0.2)
    kept = analyst.patch(f"{PLACE}/1", {"rate_tolerance": 0.1, "reason": "narrower"}, "application/json").json()
    assert (kept["alerts_a_day"], kept["rate_tolerance"]) == (2.0, 0.1)
    assert len({each["digest"] for each in (edited, widened, kept)}) == 3
    revoked = analyst.post(f"{PLACE}/1/revoke", {}, "application/json").json()
    assert (revoked["state"], analyst.get(f"{PLACE}/1").json()["state"]) == ("revoked", "revoked")


def test_rest__own_proposal_of_an_approver__is_not_approved_by_them(
    world: World, person_of: Callable[[Role], Person]
) -> None:
    approver = rest(person_of(Role.APPROVER))
    digest = approver.post(PLACE, bounds(world), "application/json").json()["digest"]
    assert approver.post(f"{PLACE}/1/approve", {"digest": digest}, "application/json").status_code == 403


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("intent", "none"),
        ("predictor", "no@1"),
        ("reference", "no@1"),
        ("rate_tolerance", 2),
        ("alerts_a_day", -1),
        ("until", "2020-01-01"),
    ],
)
def test_rest__with_what_cannot_be__names_the_field(
    world: World, person_of: Callable[[Role], Person], field: str, value: object
) -> None:
    answer = rest(person_of(Role.ANALYST)).post(PLACE, bounds(world, **{field: value}), "application/json")
    assert answer.status_code == 422
    assert [each["field"] for each in answer.json()["errors"]] == [field]


@pytest.mark.parametrize(
    ("query", "numbers"), [("", [2, 1]), ("?state=revoked", [2]), ("?intent=none", []), ("?q=why", [2])]
)
def test_rest__list__is_narrowed(
    world: World, person_of: Callable[[Role], Person], query: str, numbers: list[int]
) -> None:
    make_standing_approval(world)
    ended = make_standing_approval(world)
    with platform_scope():
        StandingApproval.objects.filter(pk=ended.pk).update(state="revoked", ended_at=timezone.now(), reason="why not")
    found = rest(person_of(Role.VIEWER)).get(f"{PLACE}{query}").json()["results"]
    assert [each["number"] for each in found] == numbers


def test_page__from_proposal_to_revocation__does_what_rest_does(
    world: World, person_of: Callable[[Role], Person]
) -> None:
    analyst, approver = Client(), Client()
    analyst.force_login(person_of(Role.ANALYST), "django.contrib.auth.backends.ModelBackend")
    approver.force_login(person_of(Role.APPROVER), "django.contrib.auth.backends.ModelBackend")
    of = f"{world.predictor.key} {world.transform.reference.key}"
    sent = {"of": of, "rate": "12", "alerts_a_day": "2", "mapping_tolerance": "0.1", "days": "30", "reason": "because"}
    assert analyst.post(PAGE, {"act": "propose_standing", **sent}).status_code == 302

    def one() -> StandingApproval:
        with platform_scope():
            return StandingApproval.objects.get(tenant=world.tenant)

    assert (one().rate_tolerance, one().alerts_a_day, one().mapping_tolerance) == (0.12, 2.0, 0.1)
    assert "alert rates ±12 % of each or 2 alerts a day" in analyst.get(PAGE).content.decode()
    assert "Approve" not in analyst.get(PAGE).content.decode().split("Standing approvals")[-1].split("<h2")[0]
    act = {"act": "approve_standing", "number": "1", "digest": one().digest}
    assert analyst.post(PAGE, act).status_code == 403
    assert approver.post(PAGE, act).status_code == 302
    assert b"in force" in analyst.get(PAGE).content
    assert analyst.post(PAGE, {"act": "edit_standing", "number": "1", **sent, "rate": "5"}).status_code == 302
    assert one().revision == 2
    assert approver.post(PAGE, act).status_code in (409, 422)  # another digest by now
    assert analyst.post(PAGE, {"act": "revoke_standing", "number": "1"}).status_code == 302
    assert one().state == "revoked"


def test_page__of_another_intent__knows_nothing_of_it(world: World, person_of: Callable[[Role], Person]) -> None:
    make_standing_approval(world)
    with platform_scope():
        make_intent(world.tenant, "refunds")
    client = Client()
    client.force_login(person_of(Role.ADMIN), "django.contrib.auth.backends.ModelBackend")
    page = PAGE.replace("card-payments", "refunds")
    assert client.post(page, {"act": "revoke_standing", "number": "1"}).status_code == 404
