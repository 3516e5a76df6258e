"""Events that change sides over REST: narrowed, sorted, by pages, and as a file."""

import csv
import io
from typing import Any

import pytest
from django.test import Client

from models_app.changes.evidence.models import Evidence
from tenants.roles import Role
from tenants.services import create_personal_token
from tests.factories import World, add_decision_change, add_evidence, make_change, make_person, serve

PATH = "/api/v1/tenants/acme/changes/1/decision-changes"


@pytest.fixture
def evidence(db: None) -> Evidence:
    """Of three events: one worth much, one that somebody has named cleverly, one of which nothing is known."""
    world: World = serve("acme")
    evidence = add_evidence(make_change(world))
    add_decision_change(evidence, event_id="large", amount=900.0, move=0.2, label=0, context={"channel": "app"})
    add_decision_change(evidence, event_id="=1+2", move=0.6, context={"channel": "@web"})
    add_decision_change(
        evidence, event_id="bare", side="dropped alert", threshold="decline", amount=None, move=0.4, label=None,
        context={},
    )  # fmt: skip
    return evidence


@pytest.fixture
def client(evidence: Evidence) -> Client:
    token = create_personal_token(person=make_person(role=Role.VIEWER), name="tests", actor=None)[1]
    return Client(headers={"authorization": f"Bearer {token}"})


def found(client: Client, **query: Any) -> list[str]:
    answer = client.get(PATH, query)
    assert answer.status_code == 200, answer.content
    return [each["event_id"] for each in answer.json()["results"]]


def test_list__without_more__has_the_farthest_moved_first_with_both_scores(client: Client, evidence: Evidence) -> None:
    first, *_ = client.get(PATH, {"limit": 1}).json()["results"]
    assert client.get(PATH, {"limit": 1}).json()["count"] == 3
    assert first == {
        "intent": "card-payments", "threshold": "review", "side": "new alert", "event_id": "=1+2",
        "occurred_at": first["occurred_at"], "score_before": 0.5, "score_after": 0.95, "amount": 12.5,
        "context": {"channel": "@web"}, "label": 1, "evidence_digest": evidence.digest,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"threshold": "decline"}, ["bare"]),
        ({"side": "dropped alert"}, ["bare"]),
        ({"label": "known"}, ["=1+2", "large"]),
        ({"label": "positive"}, ["=1+2"]),
        ({"label": "negative"}, ["large"]),
        ({"label": "none"}, ["bare"]),
        ({"context": "channel=app"}, ["large"]),
        ({"min_amount": "12.5", "max_amount": "899"}, ["=1+2"]),
        ({"q": "LAR"}, ["large"]),
        ({"intent": "card-payments", "sort": "move"}, ["large", "bare", "=1+2"]),
        ({"sort": "-amount"}, ["large", "=1+2", "bare"]),
    ],
)
def test_list__narrowed_or_sorted__finds_those(client: Client, query: dict[str, str], expected: list[str]) -> None:
    assert found(client, **query) == expected


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("side", "up"), ("label", "maybe"), ("context", "web"), ("min_amount", "much"), ("max_amount", "1e999"),
        ("sort", "colour"), ("context", "a=\x00"),
    ],
)  # fmt: skip
def test_list__by_what_cannot_be__is_refused_and_named(client: Client, name: str, value: str) -> None:
    for path in (PATH, f"{PATH}/export"):
        answer = client.get(path, {name: value})
        assert (answer.status_code, [each["field"] for each in answer.json()["errors"]]) == (422, [name])


def test_export__narrowed__has_those_alone_in_their_order_and_no_formula(client: Client, evidence: Evidence) -> None:
    answer = client.get(f"{PATH}/export", {"label": "known", "sort": "-amount"})
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/csv; charset=utf-8")
    assert answer["Content-Disposition"] == 'attachment; filename="decision-changes-acme-1.csv"'
    rows = list(csv.DictReader(io.StringIO(answer.content.decode())))
    shown = [(row["event_id"], row["amount"], row["label"], row["context.channel"]) for row in rows]
    assert shown == [("large", "900.0", "0", "app"), ("'=1+2", "12.5", "1", "'@web")]
    assert {row["evidence_digest"] for row in rows} == {evidence.digest}


def test_list__once_evidence_is_asked_for_anew__is_that_of_no_verdict(client: Client, evidence: Evidence) -> None:
    add_evidence(evidence.change_request)
    assert found(client) == []


def test_list__of_another_tenant__is_not_there(evidence: Evidence) -> None:
    other = serve("other")
    person = make_person(role=Role.ADMIN, tenant=other.tenant)
    client = Client(
        headers={"authorization": f"Bearer {create_personal_token(person=person, name='x', actor=None)[1]}"}
    )
    for path in (PATH, f"{PATH}/export", PATH.replace("acme", "other")):
        assert client.get(path).status_code == 404
