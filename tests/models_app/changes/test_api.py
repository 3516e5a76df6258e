"""The change requests' addresses, as people of several roles call them."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from pytest_django import Settings

from models_app.changes.evidence.models import Evidence
from models_app.changes.evidence.order import request_evidence
from models_app.statistics.evidence import examine, stored, verdict_of
from tenants.models import Person
from tenants.scope import platform_scope
from tenants.services import create_personal_token
from tests.factories import add_evidence, make_person, make_tenant, make_transform
from tests.models_app.changes.conftest import Case
from tests.models_app.statistics.evidence.test_examine import observed, question


class Api:
    """One person's client, below a tenant's address."""

    def __init__(self, person: Person, tenant: str) -> None:
        token = create_personal_token(person=person, name="tests", actor=None)[1]
        self._client = Client(headers={"authorization": f"Bearer {token}"})
        self._path = f"/api/v1/tenants/{tenant}"

    def call(self, method: str, path: str, body: Any = None) -> HttpResponse:
        sent = {} if method == "GET" else {"data": json.dumps(body or {}), "content_type": "application/json"}
        return self._client.generic(method, f"{self._path}/{path}", **sent)


@pytest.fixture
def case(db: None, build: Callable[[], Case]) -> Case:
    return build()


def api(case: Case, who: str) -> Api:
    return Api(getattr(case, who), case.world.tenant.slug)


def seen(case: Case) -> dict[str, str]:
    with platform_scope():
        return case.seen


def test_changes__whole_story_of_two_people__goes_live(case: Case) -> None:
    author, approver = api(case, "author"), api(case, "approver")
    with platform_scope():
        transform = make_transform(case.world.intent, case.world.predictor, y=(0.0, 0.2, 0.3, 0.5, 1.0))
    route = {"name": "all", "live": {"predictor": case.world.predictor.key, "transform": transform.pk}}
    sent = {"title": "Better", "reason": "because", "routes": {case.world.intent.name: [route]}}
    proposed = author.call("POST", "changes", sent)
    assert proposed.status_code == 201, proposed.content
    case.change.number = proposed.json()["number"]
    with platform_scope():
        case.change = (
            type(case.change).objects.select_related("tenant").get(tenant=case.world.tenant, number=case.change.number)
        )
    add_evidence(case.change)
    path = f"changes/{case.change.number}"
    assert author.call("POST", f"{path}/submit").json()["state"] == "in review"
    assert author.call("POST", f"{path}/approve", seen(case)).status_code == 403
    assert approver.call("POST", f"{path}/comments", {"text": "looks good"}).status_code == 201
    answer = approver.call("POST", f"{path}/approve", {**seen(case), "text": "go"})
    body = answer.json()
    assert (answer.status_code, body["state"], body["release"]) == (200, "published", 2)
    assert [review["decision"] for review in body["reviews"]] == ["comment", "approve"]
    assert any("transforms" in change["path"] for change in body["changes"])
    listed = approver.call("GET", "changes?state=published").json()["results"]
    assert [(row["number"], row["verdict"]) for row in listed] == [(case.change.number, "pass")]


def test_evidence__latest__is_shown_and_asked_for_again(case: Case) -> None:
    author, path = api(case, "author"), f"changes/{case.change.number}/evidence"
    shown = author.call("GET", path).json()
    assert (shown["state"], shown["verdict"]) == ("succeeded", "pass")
    assert "figures" not in shown
    assert author.call("GET", f"{path}?figures=1").json()["figures"] == {}
    assert author.call("POST", path).json()["state"] == "queued"
    assert author.call("GET", path).json()["state"] == "queued"


def test_evidence__with_a_verdict__has_it_as_a_value_beside_its_sentence(case: Case) -> None:
    verdict = verdict_of([examine("cards", observed(100_000, shift=1.5), question(0.01, 0.1))])
    with platform_scope():
        kept = {"verdict": verdict.state, "sentence": verdict.sentence, "verdict_details": stored.plain(verdict)}
        Evidence.objects.filter(change_request=case.change, state="succeeded").update(**kept)
    shown = api(case, "author").call("GET", f"changes/{case.change.number}/evidence").json()
    assert (shown["verdict"], shown["sentence"]) == ("fail", verdict.sentence)
    assert verdict.threshold is not None
    details, worst = shown["verdict_details"], verdict.threshold
    assert (details["state"], details["reason"], details["sentence"]) == ("fail", "off target", verdict.sentence)
    threshold = details["threshold"]
    assert (threshold["intent"], threshold["name"], threshold["score"]) == ("cards", worst.name, worst.score)
    assert threshold["target"] == worst.target
    assert worst.before is not None
    for side, rate in (("before", worst.before), ("after", worst.after)):
        assert (threshold[side]["rate"], threshold[side]["low"], threshold[side]["high"]) == (
            rate.rate,
            rate.low,
            rate.high,
        )


def test_evidence__of_a_version_that_kept_a_sentence_alone__is_told_by_it(case: Case) -> None:
    with platform_scope():
        Evidence.objects.filter(change_request=case.change, state="succeeded").update(sentence="Alerts stay.")
    shown = api(case, "author").call("GET", f"changes/{case.change.number}/evidence").json()
    assert (shown["verdict"], shown["sentence"], shown["verdict_details"]) == ("pass", "Alerts stay.", None)


def test_evidence__of_a_window__is_asked_for_by_its_end_and_length(case: Case) -> None:
    author, path = api(case, "author"), f"changes/{case.change.number}/evidence"
    evidence = author.call("POST", path, {"as_of": "2026-11-01T00:00:00Z", "days": 3.5}).json()
    assert (evidence["start"], evidence["end"]) == ("2026-10-28T12:00:00Z", "2026-11-01T00:00:00Z")


@pytest.mark.parametrize("field", ["as_of", "days"])
@pytest.mark.parametrize("value", ["soon", 0, -1, "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", 1e9, None])
def test_evidence__of_a_window_that_cannot_be__names_the_field(case: Case, field: str, value: Any) -> None:
    answer = api(case, "author").call("POST", f"changes/{case.change.number}/evidence", {field: value})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == field


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "changes", {"title": "x"}, 422),
        ("POST", "changes", {"title": "x", "reason": "y", "routes": {"loans": []}, "colour": 1}, 422),
        ("POST", "changes", {"title": "x", "reason": "y"}, 422),
        ("POST", "changes", {"title": "x", "reason": "y", "republishes": 99}, 404),
        ("POST", "changes/1/approve", {}, 422),
        ("POST", "changes/1/publish", {}, 409),
        ("POST", "changes/99/submit", {}, 404),
        ("PATCH", "policy", {"approvals_needed": 2}, 403),
    ],
)
def test_request__that_is_not_good__has_its_status(
    case: Case, method: str, path: str, body: dict[str, Any], status: int
) -> None:
    assert api(case, "approver").call(method, path, body).status_code == status


def test_policy__by_an_admin__is_set_and_checked(db: None) -> None:
    tenant = make_tenant()  # nothing is proposed for it yet: see policy_changes/
    admin = Api(make_person(role="admin", tenant=tenant), tenant.slug)
    assert admin.call("GET", "policy").json()["approvals_needed"] == 1
    assert admin.call("PATCH", "policy", {"approvals_needed": 2}).json()["approvals_needed"] == 2
    refused = admin.call("PATCH", "policy", {"tolerances": {"cards": 0.1}})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "tolerances.cards")
    assert admin.call("PATCH", "policy", {"tolerance": 7}).status_code == 422


def test_direct_publishing__turned_off__says_how_to_go_on(case: Case, settings: Settings) -> None:
    settings.ENV = {**settings.ENV, "MUSE_BREAK_GLASS": False}
    case.author = make_person(role="admin")
    admin = api(case, "author")
    routes = {"reason": "x", "routes": {case.world.intent.name: []}}
    back = {"number": 1, "reason": "x", "break_glass": True}
    for path, body in (("releases", routes), ("releases/rollback", back)):
        answer = admin.call("POST", path, body)
        assert answer.status_code == 403
        assert "make a change request" in answer.json()["detail"]


def test_new_evidence__under_way__cancels_what_was_under_way(case: Case) -> None:
    with platform_scope():
        request_evidence(actor=None, change=case.change)
        states = list(case.change.evidence.order_by("id").values_list("state", flat=True))
    assert states == ["cancelled", "succeeded", "queued"]
