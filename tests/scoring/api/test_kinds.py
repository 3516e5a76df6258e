"""POST /api/v1/score/batch as JSON, NDJSON and Arrow: the same events get the same scores, refusals and records."""

import json
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scoring.api.media import ARROW, JSON, NDJSON
from scoring.queue.record import EventRecord
from scoring.serving.process import Serving
from tests.documents import EVENT
from tests.factories import World
from tests.scoring.api.test_errors import fields, problem
from tests.scoring.conftest import recorded

URL = "/api/v1/score/batch"
INTENT = "card-payments"
NOW = 1_795_464_361_500_000
COLUMNS: dict[str, pa.DataType] = {
    "amount": pa.float64(),
    "hour": pa.int64(),
    "foreign": pa.bool_(),
    "kind": pa.string(),
}
Events = list[dict[str, Any]]


def as_stream(table: pa.Table, **options: Any) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema, options=pa.ipc.IpcWriteOptions(**options)) as writer:
        writer.write_table(table)
    return bytes(sink.getvalue())


def as_table(events: Events) -> pa.Table:
    """These events in columns; what one has not is null."""
    columns = {
        "intent": pa.array([INTENT] * len(events)).dictionary_encode(),
        "event_id": pa.array([each.get("event_id") for each in events], pa.string()),
        "occurred_at": pa.array(
            [datetime.fromisoformat(each["occurred_at"]) if "occurred_at" in each else None for each in events],
            pa.timestamp("us", tz="UTC"),
        ),
        "context.channel": pa.array([each.get("context", {}).get("channel") for each in events], pa.string()),
    }
    for name, kind in COLUMNS.items():
        columns[f"features.{name}"] = pa.array([each["features"].get(name) for each in events], kind)
    return pa.table(columns)


def body_of(kind: str, events: Events) -> bytes:
    if kind == ARROW:
        return as_stream(as_table(events))
    if kind == NDJSON:
        return b"".join(json.dumps({"intent": INTENT, **each}).encode() + b"\n" for each in events)
    return json.dumps({"intent": INTENT, "events": events}).encode()


def post(client: Client, world: World, body: bytes, kind: str, accept: str = "*/*", query: str = "") -> Any:
    headers = {**world.authorization, "accept": accept}
    return client.post(URL + query, body, content_type=kind, headers=headers)


def results(response: Any) -> tuple[int | None, list[dict[str, Any]]]:
    """The release and the results of an answer of whichever kind, as JSON has them."""
    assert response.status_code == 200, response.content
    if response["Content-Type"] == JSON:
        answer = response.json()
        return answer["release"], answer["results"]
    if response["Content-Type"] == NDJSON:
        rows = [json.loads(line) for line in response.content.splitlines()]
    else:
        assert response["Content-Type"] == ARROW
        rows = pa.ipc.open_stream(response.content).read_all().to_pylist()
        rows = [_as_json(place, row) for place, row in enumerate(rows)]
    releases = {row.pop("release") for row in rows}
    return (releases.pop() if releases else None), rows


def _as_json(place: int, row: dict[str, Any]) -> dict[str, Any]:
    if row["errors"] is None:
        return {name: value for name, value in row.items() if name != "errors"}
    assert {name for name, value in row.items() if value is not None} == {"errors", "release"}
    return {"index": place, "errors": row["errors"], "release": row["release"]}


def tell_apart(records: list[Any]) -> list[Any]:
    """What is recorded, in the order of ids."""
    found = [{name: getattr(each, name) for name in each.__struct_fields__} for each in records]
    return sorted(found, key=lambda each: each["event_id"])


event = st.fixed_dictionaries(
    {
        "features": st.fixed_dictionaries(
            {
                "amount": st.one_of(st.floats(0, 1e6), st.integers(0, 100).map(float), st.just(-1.0)),
                "hour": st.integers(-1, 24),
                "foreign": st.one_of(st.booleans(), st.none()),
            },
            optional={"kind": st.sampled_from(["goods", "travel", "cash", "else", ""])},
        )
    },
    optional={
        "context": st.sampled_from([{}, {"channel": "web"}, {"channel": "shop"}, {"channel": "phone"}]),
        "occurred_at": st.sampled_from(["2026-11-23T20:06:01.000001+00:00", "2090-01-01T00:00:00+00:00"]),
    },
)


def numbered(events: Events) -> Events:
    return [each | {"event_id": f"e-{place:03d}" if place % 7 else "x" * 200} for place, each in enumerate(events)]


@pytest.fixture
def documented(world: World, process: Serving) -> World:
    """The intent with a feature of each type."""
    world.intent.features = [
        {"name": "amount", "minimum": 0, "maximum": 1e6},
        {"name": "hour", "type": "integer", "minimum": 0, "maximum": 23},
        {"name": "foreign", "type": "boolean", "nullable": True},
        {"name": "kind", "type": "category", "required": False, "categories": ["goods", "travel", "cash"]},
    ]
    world.publish()
    assert process.watcher.look()
    return world


def test_kinds__same_events__same_scores_refusals_and_records(
    client: Client, documented: World, process: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scoring.serving.service._now", lambda: NOW)

    @settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
    @given(st.lists(event, min_size=1, max_size=12).map(numbered), st.sampled_from([JSON, NDJSON, ARROW]))
    def check(events: Events, answer: str) -> None:
        found = []
        for kind in (JSON, NDJSON, ARROW):
            before = len(recorded(process))
            told = results(post(client, documented, body_of(kind, events), kind, answer, f"?intent={INTENT}"))
            found.append((told, tell_apart(recorded(process)[before:])))
        assert found[0] == found[1] == found[2]

    check()


def test_kinds__same_events__are_recorded_with_the_values_that_were_sent(
    client: Client, documented: World, process: Serving
) -> None:
    some = {"amount": 57.16, "hour": 20, "foreign": False}
    events = [{"event_id": "a", "features": some}, {"event_id": "b", "features": some | {"foreign": None}}]
    post(client, documented, body_of(ARROW, events), ARROW)
    first, second = recorded(process)
    assert isinstance(first, EventRecord)
    assert isinstance(second, EventRecord)
    assert first.features == some
    assert second.features == some | {"foreign": None}


@pytest.mark.parametrize("sent", [JSON, NDJSON, ARROW])
@pytest.mark.parametrize(
    ("accept", "answered"),
    [
        ("*/*", None),
        ("", None),
        ("text/html", None),
        (ARROW, ARROW),
        (f"{NDJSON};q=0.5, {ARROW};q=0.9", ARROW),
        (f"{ARROW};q=0", None),
        (f"{JSON}, {ARROW}", JSON),
        ("application/json, text/plain, */*", JSON),
        (f"{NDJSON}; q=bad", NDJSON),
    ],
)
def test_answer__whatever_was_sent__is_of_the_kind_that_is_accepted_or_in_kind(
    client: Client, documented: World, sent: str, accept: str, answered: str | None
) -> None:
    response = post(client, documented, body_of(sent, [{"features": EVENT}]), sent, accept)
    assert response["Content-Type"] == (answered or sent)
    release, (found,) = results(response)
    assert release == 2
    assert found["event_id"][14] == "7"


def test_answer__refusal_of_the_whole__is_a_problem_document_whatever_is_accepted(
    client: Client, documented: World
) -> None:
    problem(post(client, documented, b"{", JSON, ARROW), 400)
    problem(post(client, documented, b"{", ARROW, NDJSON), 400)
    assert "events[0].features" in fields(post(client, documented, b"{}", NDJSON))


@pytest.mark.parametrize("kind", [NDJSON, ARROW])
def test_intent__in_the_address__is_taken_where_events_name_none(client: Client, documented: World, kind: str) -> None:
    body = json.dumps({"features": EVENT}).encode()
    if kind == ARROW:
        body = as_stream(as_table([{"features": EVENT}]).drop_columns("intent"))
    assert "intent" in fields(post(client, documented, body, kind))
    assert len(results(post(client, documented, body, kind, query=f"?intent={INTENT}"))[1]) == 1
    assert "intent" in fields(post(client, documented, body, kind, query="?intent=loans"), 404)
    named = body_of(kind, [{"features": EVENT}])
    assert "the same" in fields(post(client, documented, named, kind, query="?intent=loans"))["intent"]["expected"]


def test_ndjson__lines_that_are_none__are_refused_by_index_and_the_others_scored(
    client: Client, documented: World, process: Serving
) -> None:
    good = json.dumps({"features": EVENT})
    lines = [good, "", "{", f"  {good}\r", "7", good.replace("57.16", "NaN"), '{"features": {}, "x": 1}', "\xff", good]
    answer = post(client, documented, "\n".join(lines).encode("latin-1"), NDJSON, query=f"?intent={INTENT}")
    _, found = results(answer)
    assert [[each["field"] for each in row.get("errors", [])] for row in found] == [
        [], ["body"], [], ["body"], ["features.amount"], ["x"], ["body"], [],
    ]  # fmt: skip
    assert len(recorded(process)) == 3


def test_ndjson__11000_events__is_413_and_names_the_limit(client: Client, documented: World, process: Serving) -> None:
    body = body_of(NDJSON, [{"features": EVENT}]) * 11_000
    assert "at most 10000 in one request" in fields(post(client, documented, body, NDJSON), 413)["events"]["expected"]
    assert recorded(process) == []


def test_time__before_now__is_that_of_the_event(client: Client, documented: World, process: Serving) -> None:
    table = as_table([{"features": EVENT, "occurred_at": "2026-11-23T20:06:01.123456+00:00"}])
    at = int(datetime(2026, 11, 23, 20, 6, 1, 123456, UTC).timestamp() * 1_000_000)
    for unit, rounded in (("s", 1_000_000), ("ms", 1_000), ("us", 1), ("ns", 1)):
        column = table["occurred_at"].cast(pa.timestamp(unit, tz="Europe/Paris"), safe=False)
        changed = table.set_column(2, "occurred_at", column)
        post(client, documented, as_stream(changed), ARROW)
        assert recorded(process)[-1].occurred_at == at // rounded * rounded  # type: ignore[union-attr]
