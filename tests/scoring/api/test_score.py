"""POST /api/v1/score."""

import time
import uuid

import msgspec
import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from scoring.queue.record import EventRecord
from scoring.serving.process import Serving
from tests.documents import EVENT
from tests.factories import World
from tests.scoring.conftest import recorded

URL = "/api/v1/score"
pytestmark = pytest.mark.usefixtures("process")


def body(**fields: object) -> dict[str, object]:
    return {"intent": "card-payments", "features": EVENT, **fields}


def test_score__good_event__answers_score_and_what_made_it(client: Client, world: World) -> None:
    sent = body(event_id="e-1", occurred_at="2026-11-23T20:06:01Z", context={"channel": "web"})
    response = client.post(URL, sent, content_type="application/json", headers=world.authorization)
    assert response.status_code == 200, response.content
    answer = response.json()
    assert list(answer) == ["event_id", "score", "probability", "intent", "predictor", "transform", "release"]
    assert answer["event_id"] == "e-1"
    assert answer["predictor"] == world.predictor.key
    assert answer["transform"] == world.transform.pk
    assert answer["release"] == world.release.number == 1
    assert 0 < answer["probability"] < answer["score"] < 1


def test_score__good_event__is_recorded_with_everything(client: Client, world: World, process: Serving) -> None:
    sent = body(event_id="e-1", occurred_at="2026-11-23T21:06:01.5+01:00", context={"channel": "web"})
    answer = client.post(URL, sent, content_type="application/json", headers=world.authorization).json()
    (record,) = recorded(process)
    assert isinstance(record, EventRecord)
    assert record.tenant == world.tenant.pk
    assert record.event_id == "e-1"
    assert record.occurred_at == 1_795_464_361_500_000
    assert abs(record.scored_at / 1e6 - time.time()) < 60
    assert (record.route, record.release, record.key) == ("all", 1, world.key.pk)
    assert (record.probability, record.score) == (answer["probability"], answer["score"])
    assert len(record.outputs) == 1
    assert record.outputs[0] > record.probability  # before posterior correction
    assert record.features == EVENT
    assert record.context == {"channel": "web"}


def test_score__no_event_id__gets_a_uuid7_of_the_time_it_occurred(client: Client, world: World) -> None:
    sent = body(occurred_at="2026-01-02T03:04:05.678Z")
    answer = client.post(URL, sent, content_type="application/json", headers=world.authorization).json()
    event_id = uuid.UUID(answer["event_id"])
    assert event_id.version == 7
    assert event_id.variant == uuid.RFC_4122
    assert event_id.int >> 80 == 1_767_323_045_678


def test_score__integers_beyond_int64__are_scored_and_recorded(client: Client, world: World, process: Serving) -> None:
    features = EVENT | {"amount": 10**5}
    client.post(URL, body(features=features), content_type="application/json", headers=world.authorization)
    huge = msgspec.json.encode(body()).replace(b"57.16", b"1" + b"0" * 30)
    response = client.post(URL, huge, content_type="application/json", headers=world.authorization)
    assert response.status_code == 422  # the schema's maximum, not an error of ours
    assert len(recorded(process)) == 1


def test_score__each_call__makes_no_query(
    client: Client, world: World, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    label = {"labels": [{"intent": "card-payments", "event_id": "e", "label": 1}]}
    batch = {"intent": "card-payments", "events": [{"features": EVENT}]}
    with django_assert_num_queries(0):
        for url, sent in ((URL, body()), (URL + "/batch", batch), ("/api/v1/labels", label), (URL, {"bad": 1})):
            client.post(url, sent, content_type="application/json", headers=world.authorization)


def test_score__full_disk__goes_on_and_counts(
    client: Client, world: World, process: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process.log, "total_bound", 0)
    monkeypatch.setattr(process.log, "_allowance", 0)
    response = client.post(URL, body(), content_type="application/json", headers=world.authorization)
    assert response.status_code == 200
    assert process.log.lost == 1
