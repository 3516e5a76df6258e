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
