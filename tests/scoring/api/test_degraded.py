"""A live predictor that fails at run time: what clients get in its place, and that it says so."""

import json
from typing import Any

import pyarrow as pa
import pytest
from django.test import Client

from scoring.api.media import ARROW, JSON, NDJSON
from scoring.engine import document
from scoring.queue.record import EventRecord
from scoring.services import publish_document
from scoring.serving.process import Serving
from tenants.scope import platform_scope
from tests.factories import make_api_key, make_tenant, text_of
from tests.failing import NO_PROBABILITY, OLD, RAISES, WELL, failing_documents, store
from tests.scoring.api.test_kinds import as_stream
from tests.scoring.conftest import recorded

Headers = dict[str, str]
EVENTS = [WELL, NO_PROBABILITY, RAISES, WELL]


def served(process: Serving, *fallbacks: document.Target | float) -> Headers:
    """The headers of a tenant whose live predictor fails on some events."""
    tenant = make_tenant()
    documents = failing_documents(tenant.slug, *fallbacks)
    store(documents)
    with platform_scope():
        publish_document(tenant=tenant, document=text_of(documents.build()), actor=None, reason="test")
    headers = {"authorization": f"Bearer {make_api_key(tenant)[1]}"}
    assert process.watcher.look()
    assert tenant.pk in process.state.held.releases, process.state.held.failures
    return headers


def post(client: Client, headers: Headers, features: Any) -> Any:
    body = {"intent": "cards", "features": features}
    return client.post("/api/v1/score", json.dumps(body), content_type=JSON, headers=headers)


def post_batch(client: Client, headers: Headers, kind: str, accept: str) -> Any:
    return client.post(
        "/api/v1/score/batch?intent=cards", _body(kind), content_type=kind, headers={**headers, "accept": accept}
    )


def _body(kind: str) -> bytes:
    if kind == ARROW:
        columns = {name: [each[name] for each in EVENTS] for name in ("amount", "hour")}
        return as_stream(
            pa.table(
                {
                    "features.amount": pa.array(columns["amount"], pa.float64()),
                    "features.hour": pa.array(columns["hour"], pa.int64()),
                }
            )
        )
    if kind == NDJSON:
        return b"".join(json.dumps({"features": each}).encode() + b"\n" for each in EVENTS)
    return json.dumps({"intent": "cards", "events": [{"features": each} for each in EVENTS]}).encode()


@pytest.mark.parametrize("features", [NO_PROBABILITY, RAISES])
def test_score__predictor_fails__previous_one_answers_and_says_so(
    client: Client, process: Serving, features: Any
) -> None:
    answer = post(client, served(process, OLD, 0.9), features).json()
    assert (answer["predictor"], answer["transform"]) == ("old@1", 1)
    reason = "error" if features is RAISES else "no_probability"
    assert answer["degraded"] == {"reason": reason, "by": "previous_predictor"}
    (record,) = recorded(process)
    assert isinstance(record, EventRecord)
    assert record.degraded is not None
    assert (record.predictor, record.degraded.reason) == ("old@1", reason)


def test_score__well__answers_as_if_there_were_no_fallbacks(client: Client, process: Serving) -> None:
    answer = post(client, served(process, OLD, 0.9), WELL).json()
    assert "degraded" not in answer
    assert answer["predictor"] == "new@1"


def test_score__fixed_score__has_no_probability(client: Client, process: Serving) -> None:
    answer = post(client, served(process, 0.9), RAISES).json()
    assert (answer["score"], answer["probability"]) == (0.9, None)
    assert answer["degraded"] == {"reason": "error", "by": "fixed_score"}
    (record,) = recorded(process)
    assert isinstance(record, EventRecord)
    assert (record.outputs, record.score) == ([], 0.9)


def test_score__nothing_declared__refuses_the_event_or_says_that_it_cannot_be_scored_now(
    client: Client, process: Serving
) -> None:
    headers = served(process)
    refused = post(client, headers, NO_PROBABILITY)
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "features")
    failed = post(client, headers, RAISES)
    assert failed.status_code == 503
    assert "nothing is declared to answer in its place" in failed.json()["detail"]
    assert post(client, headers, WELL).status_code == 200
    assert len(recorded(process)) == 1


@pytest.mark.parametrize("accept", [JSON, NDJSON, ARROW])
@pytest.mark.parametrize("kind", [JSON, NDJSON, ARROW])
@pytest.mark.parametrize("path", [(OLD,), (0.9,)])
def test_batch__some_events_fail__are_answered_as_one_by_one(
    client: Client, process: Serving, kind: str, accept: str, path: Any
) -> None:
    headers = served(process, *path)
    alone = [_shown(post(client, headers, each).json()) for each in EVENTS]
    response = post_batch(client, headers, kind, accept)
    assert response.status_code == 200, response.content
    assert [_shown(each) for each in _results(response)] == alone
    single, batch = recorded(process)[: len(EVENTS)], recorded(process)[len(EVENTS) :]
    assert sorted(map(_of_record, batch)) == sorted(map(_of_record, single))


def test_batch__nothing_declared_and_a_predictor_that_does_not_run__is_refused_whole(
    client: Client, process: Serving
) -> None:
    headers = served(process)
    for kind in (JSON, NDJSON, ARROW):
        assert post_batch(client, headers, kind, kind).status_code == 503
    assert recorded(process) == []


def _results(response: Any) -> list[dict[str, Any]]:
    kind = response["Content-Type"]
    if kind == JSON:
        found: list[dict[str, Any]] = response.json()["results"]
        return found
    if kind == NDJSON:
        return [json.loads(line) for line in response.content.splitlines()]
    return pa.ipc.open_stream(response.content).read_all().to_pylist()


def _shown(answer: dict[str, Any]) -> tuple[Any, ...]:
    degraded = answer.get("degraded")
    return *(answer[name] for name in ("score", "probability", "predictor", "transform")), degraded


def _of_record(record: Any) -> str:
    return repr((record.features, record.outputs, record.probability, record.score, record.degraded))


def test_score__predictor_was_too_slow__is_refused_with_the_time_after_which_to_ask_again(
    client: Client, process: Serving
) -> None:
    headers = served(process)
    (release,) = process.state.held.releases.values()
    breaker = release.intents["cards"].routes[0].path._steps[0][1]
    breaker.ran(seconds=5.0, events=1)
    refused = post(client, headers, WELL)
    assert (refused.status_code, refused["Retry-After"]) == (503, "1")
    breaker._until = 0.0
    assert post(client, headers, WELL).status_code == 200
