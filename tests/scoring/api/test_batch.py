"""POST /api/v1/score/batch."""

import json
from typing import Any

import pytest
from django.test import Client

from scoring.queue.record import EventRecord
from scoring.serving.process import Serving
from tests.documents import EVENT
from tests.factories import World
from tests.scoring.conftest import recorded

ONE, MANY = "/api/v1/score", "/api/v1/score/batch"


def post(client: Client, world: World, url: str, content: Any) -> Any:
    return client.post(url, json.dumps(content), content_type="application/json", headers=world.authorization)


def test_batch__good_events__same_bits_as_single_and_in_order(client: Client, world: World, process: Serving) -> None:
    events = [{"event_id": f"e-{n}", "features": EVENT | {"amount": n * 1.37, "hour": n % 24}} for n in range(101)]
    answer = post(client, world, MANY, {"intent": "card-payments", "events": events}).json()
    assert answer["release"] == 1
    assert [each["event_id"] for each in answer["results"]] == [event["event_id"] for event in events]
    for event, found in zip(events, answer["results"], strict=True):
        alone = post(client, world, ONE, {"intent": "card-payments", **event}).json()
        assert found == {name: alone[name] for name in ("event_id", "score", "probability", "predictor", "transform")}
    records = recorded(process)
    assert len(records) == 202
    for batched, alone in zip(records[:101], records[101:], strict=True):
        assert isinstance(batched, EventRecord)
        assert isinstance(alone, EventRecord)
        assert (batched.outputs, batched.probability, batched.score) == (alone.outputs, alone.probability, alone.score)
        assert batched.features == alone.features


def test_batch__bad_rows__are_refused_by_index_and_the_good_ones_scored(
    client: Client, world: World, process: Serving
) -> None:
    events = [
        {"features": EVENT},
        {"features": EVENT | {"amount": "57"}},
        {"features": EVENT, "occurred_at": "2090-01-01T00:00:00Z"},
        7,
        {"features": EVENT, "context": {"channel": "phone"}},
        {"event_id": 7, "features": EVENT},
        {"features": EVENT, "event_id": "last"},
    ]
    response = post(client, world, MANY, {"intent": "card-payments", "events": events})
    assert response.status_code == 200
    results = response.json()["results"]
    refused = {each["index"]: [fault["field"] for fault in each["errors"]] for each in results if "index" in each}
    assert refused == {
        1: ["features.amount"],
        2: ["occurred_at"],
        3: ["body"],
        4: ["context.channel"],
        5: ["event_id"],
    }
    assert [place for place, each in enumerate(results) if "score" in each] == [0, 6]
    assert results[6]["event_id"] == "last"
    assert [record.event_id for record in recorded(process)] == [results[0]["event_id"], "last"]


def test_batch__no_events__answers_none(client: Client, world: World, process: Serving) -> None:
    assert post(client, world, MANY, {"intent": "card-payments", "events": []}).json() == {"release": 1, "results": []}
    assert recorded(process) == []


@pytest.mark.parametrize(
    ("content", "field"),
    [
        ({"events": []}, "intent"),
        ({"intent": "card-payments"}, "events"),
        ({"intent": "card-payments", "events": {}}, "events"),
        ({"intent": "card-payments", "events": [], "x": 1}, "x"),
        ([], "body"),
    ],
)
def test_batch__not_a_batch__is_422(client: Client, world: World, content: Any, field: str) -> None:
    response = post(client, world, MANY, content)
    assert response.status_code == 422
    assert [each["field"] for each in response.json()["errors"]] == [field]


COLUMNS = ["event_id", "context.channel", *(f"features.{name}" for name in EVENT)]
VALUES = list(EVENT.values())


def test_table__rows__are_scored_as_events_and_bad_ones_refused_by_index(
    client: Client, world: World, process: Serving
) -> None:
    rows = [
        ["a", "web", *VALUES],
        ["b", "phone", *VALUES],
        [None, None, None, *VALUES[1:]],
        ["c"],
        7,
        ["d", None, *VALUES],
    ]
    table = {"intent": "card-payments", "columns": COLUMNS, "data": rows}
    results = post(client, world, MANY, table).json()["results"]
    refused = {each["index"]: [fault["field"] for fault in each["errors"]] for each in results if "index" in each}
    assert refused == {1: ["context.channel"], 2: ["features.amount"], 3: ["data"], 4: ["data"]}
    assert results[3]["errors"][0] == {
        "field": "data",
        "expected": "an array of 6 values, one for each column",
        "found": "an array of 1",
    }
    alone = post(client, world, ONE, {"intent": "card-payments", "event_id": "d", "features": EVENT}).json()
    assert results[5]["score"] == alone["score"]
    records = recorded(process)
    assert [each.event_id for each in records] == ["a", "d", "d"]  # type: ignore[union-attr]
    assert records[1].features == records[2].features  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"columns": COLUMNS[:-2]}, "features.foreign"),
        ({"columns": [*COLUMNS, "features.other"]}, "features.other"),
        ({"columns": [*COLUMNS, "context.other"]}, "context.other"),
        ({"columns": [*COLUMNS, "amount"]}, "columns[6]"),
        ({"columns": [*COLUMNS, "event_id"]}, "event_id"),
        ({"columns": "amount"}, "columns"),
        ({"data": None}, "data"),
        ({"index": [0]}, "index"),
        ({"events": []}, "columns"),
    ],
)
def test_table__columns_that_no_event_has__refuse_the_whole(
    client: Client, world: World, process: Serving, change: dict[str, Any], field: str
) -> None:
    table = {"intent": "card-payments", "columns": COLUMNS, "data": [], **change}
    response = post(client, world, MANY, table)
    assert response.status_code == 422
    assert [each["field"] for each in response.json()["errors"]] == [field]
    assert recorded(process) == []
