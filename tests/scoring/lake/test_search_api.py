"""Looking for events over REST, as people do."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from tenants.roles import Role
from tenants.services import create_personal_token
from tests.factories import World, make_api_key, make_intent, make_person, make_tenant, serve
from tests.scoring.eventlog import DAY, INTENT, NOON, consume, event, keep_document, label, write, writer

Get = Callable[..., Any]


@pytest.fixture
def world(db: None, segments: Path) -> World:
    """A tenant with five events, a day apart; one reaches the threshold ‘review’ at 0.9."""
    world = serve("acme")
    keep_document(world.document, tenant=world.tenant.pk)
    target = {
        "tenant": world.tenant.pk,
        "route": "all",
        "predictor": world.predictor.key,
        "transform": world.transform.pk,
    }
    out = writer(segments)
    for number in range(5):
        write(out, event(f"e{number}", occurred_at=NOON + number * DAY, score=0.91 if number == 2 else 0.2, **target))
    write(out, label("e2", 1, tenant=world.tenant.pk))
    consume(segments)
    return world


@pytest.fixture
def get(world: World) -> Get:
    token = create_personal_token(person=make_person(role=Role.VIEWER, tenant=world.tenant), name="t", actor=None)[1]
    client = Client(headers={"authorization": f"Bearer {token}"})
    return lambda place="events", **filters: client.get(f"/api/v1/tenants/acme/{place}", filters)


def ids(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [each["event_id"] for each in answer.json()["events"]]


def test_events__of_a_tenant__newest_first_with_what_they_cross(world: World, get: Get) -> None:
    answer = get()
    assert ids(answer) == ["e4", "e3", "e2", "e1", "e0"]
    assert (answer.json()["older"], answer.json()["newer"], answer.json()["reached"]) == (None, None, None)
    assert answer.json()["events"][2] == {
        "event_id": "e2",
        "intent": INTENT,
        "occurred_at": "2026-11-27T12:00:00Z",
        "score": 0.91,
        "probability": 0.0625,
        "crossed": ["review"],
        "predictor": world.predictor.key,
        "transform": world.transform.pk,
        "release": 1,
        "route": "all",
        "label": 1,
        "degraded": None,
    }


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"since": "2026-11-28"}, ["e4", "e3"]),
        ({"until": "2026-11-26"}, ["e1", "e0"]),
        ({"since": "2026-11-26T12:00:00Z", "until": "2026-11-27T12:00:00Z"}, ["e1"]),
        ({"threshold": "review"}, ["e2"]),
        ({"min_score": "0.2", "max_score": "0.5", "id": "e0"}, ["e0"]),
        ({"label": "positive"}, ["e2"]),
        ({"release": "2"}, []),
        ({"context": "channel=shop", "limit": "2"}, ["e4", "e3"]),
        ({"intent": INTENT, "predictor": "", "id": "e4"}, ["e4"]),
    ],
)
def test_events__filters__what_meets_them(get: Get, filters: dict[str, str], found: list[str]) -> None:
    assert ids(get(**filters)) == found


def test_events__pages__go_on_by_place(get: Get) -> None:
    first = get(limit="2")
    second = get(limit="2", older_than=first.json()["older"])
    assert ids(second) == ["e2", "e1"]
    assert ids(get(limit="2", newer_than=second.json()["newer"])) == ids(first)


def test_counts__by_day__as_many_as_there_are(get: Get) -> None:
    counts = get("event-counts", since="2026-11-27").json()["counts"]
    assert counts == [{"at": f"2026-11-{day}T00:00:00Z", "events": 1} for day in (27, 28, 29)]
    assert get("event-counts", step="hour", id="e0").json()["counts"] == [{"at": "2026-11-25T12:00:00Z", "events": 1}]


@pytest.mark.parametrize(
    ("filters", "field", "message"),
    [
        ({"intent": "other"}, "intent", "there are card-payments"),
        ({"since": "yesterday"}, "since", "wrong format"),
        ({"since": "2026-11-27", "until": "2026-11-25"}, "until", "not below since"),
        ({"min_score": "2"}, "min_score", "less than or equal to 1"),
        ({"min_score": "nan"}, "min_score", "valid number"),
        ({"min_score": "0.5", "max_score": "0.4"}, "max_score", "not below min_score"),
        ({"threshold": "decline"}, "threshold", "there are review"),
        ({"label": "maybe"}, "label", "not a valid choice"),
        ({"context": "web"}, "context", "channel=web"),
        ({"context": "colour=red"}, "context", "recorded are channel"),
        ({"release": "0"}, "release", "greater than or equal to 1"),
        ({"older_than": "x"}, "older_than", "an answer has given"),
        ({"older_than": "1.a.b", "newer_than": "1.a.b"}, "newer_than", "one of"),
        ({"limit": "1000"}, "limit", "less than or equal to 200"),
        ({"scroe": "1"}, "scroe", "no such field"),
    ],
)
def test_events__bad_filter__says_so_at_its_field(get: Get, filters: dict[str, str], field: str, message: str) -> None:
    answer = get(**filters)
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    (error,) = answer.json()["errors"]
    assert error["field"] == field
    assert message in error["expected"]


def test_events__others__find_nothing_of_theirs(world: World) -> None:
    other = make_tenant("globex")
    make_intent(other)
    token = create_personal_token(person=make_person(role=Role.ADMIN, tenant=other), name="t", actor=None)[1]
    client = Client(headers={"authorization": f"Bearer {token}"})
    assert client.get("/api/v1/tenants/globex/events").json()["events"] == []
    assert client.get("/api/v1/tenants/acme/events").status_code == 404
    key = make_api_key(world.tenant)[1]
    assert Client(headers={"authorization": f"Bearer {key}"}).get("/api/v1/tenants/acme/events").status_code == 401
