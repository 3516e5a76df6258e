"""Requests read by an intent's own decoder, and any way: same answer or refusal, same records."""

import json
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from scoring.engine.compiled import CompiledIntent
from scoring.lake.columns import event_table
from scoring.lake.events import Events, Part
from scoring.serving import batch_bodies, plain
from scoring.serving.columnar.answers import as_rows
from scoring.serving.keyring import Key
from scoring.serving.process import Serving
from scoring.serving.requests import ScoreRequest, decode
from tenants.refusals import Refusal
from tests.documents import EVENT
from tests.factories import World
from tests.scoring.api.test_anything import anything, batch, single
from tests.scoring.conftest import recorded

NOW = 1_795_464_361_500_000
HOURS = st.sampled_from([20, 20.0, -1, 24, 2**53, 2**64, 10**400, True, None, "20", 1.5])
LIKE_ROWS = st.sampled_from(["},{", "], [", '{"a":1},{"a":2}', '"events":[', '"}]}', '"],["'])
IDS = st.text(min_size=1, max_size=3) | LIKE_ROWS | st.none()
amounts = st.builds(lambda hour, amount: EVENT | {"hour": hour, "amount": amount}, HOURS, st.integers() | st.floats())
one = single | st.builds(lambda features: {"intent": "card-payments", "features": features}, amounts)
features = st.sampled_from([EVENT, EVENT | {"foreign": None}, {k: EVENT[k] for k in EVENT if k != "kind"}])
good = st.fixed_dictionaries(
    {"features": features},
    optional={
        "context": st.sampled_from(
            [{}, {"channel": "web"}, {"channel": "shop"}, {"channel": 10**30}, {"channel": None}]
        ),
        "event_id": IDS,
        "occurred_at": st.sampled_from(["2026-11-23T20:06:01.000001Z", "2090-01-01T00:00:00Z", "1969-01-01T00:00:00Z"]),
    },
)
events = st.lists(good, max_size=5) | st.lists(good | st.builds(lambda own: {"features": own}, amounts), max_size=5)
many = batch | st.builds(lambda rows: {"intent": "card-payments", "events": rows}, events)
good_cells: dict[str, st.SearchStrategy[Any]] = {
    "features.amount": st.integers(0, 100) | st.floats(0, 1e6),
    "features.hour": st.sampled_from([20, 20.0, 0]),
    "features.foreign": st.booleans() | st.none(),
    "features.kind": st.sampled_from(["travel", "cash", None]),
    "context.channel": st.sampled_from(["web", "shop", None]),
    "event_id": IDS,
    "occurred_at": st.sampled_from(["2026-11-23T20:06:01.000001Z", "2090-01-01T00:00:00Z", None]),
}
any_cells = {
    name: each | HOURS | st.sampled_from(["", "x" * 200, "2026", "else", "\ud800", {}, []])
    for name, each in good_cells.items()
}


TWICE = ["context.channel", "features.amount", "features.hour", "features.foreign"]  # whose first and last are wrong


@st.composite
def tables(draw: st.DrawFn, cells: dict[str, st.SearchStrategy[Any]]) -> dict[str, Any]:
    """Columns in any order, of which those may lack that an event need not have."""
    needed = ["features.amount", "features.hour", "features.foreign"]
    more = draw(st.lists(st.sampled_from(sorted(cells.keys() - set(needed))), unique=True))
    columns = draw(st.permutations([*needed, *more]))
    data = draw(st.lists(st.tuples(*(cells[name] for name in columns)).map(list), max_size=5))
    return {"intent": "card-payments", "columns": columns, "data": data}


@st.composite
def spoilt_table(draw: st.DrawFn) -> dict[str, Any]:
    """A table of which some part is another, or is not there, or is twice."""
    table = draw(tables(good_cells))
    odd = st.sampled_from(["amount", "features.other", "context.other", "features.", "intent", "event_id", "index", 7])
    spoil = {
        "columns": st.lists(odd, max_size=1).map(lambda more: [*table["columns"], *more]) | anything,
        "data": st.lists(st.lists(st.integers(0, 9), max_size=8) | anything, max_size=3) | anything,
        "intent": st.sampled_from(["nothing", 7, None]),
        "events": st.just([]),
        "index": st.just([0]),
    }
    for name in draw(st.lists(st.sampled_from(sorted(spoil)), max_size=2, unique=True)):
        table[name] = draw(spoil[name])
    for name in draw(st.lists(st.sampled_from(sorted(table)), max_size=1)):
        table.pop(name)
    return table


odd_tables = spoilt_table()
other = st.sampled_from(["nothing", 'a"b', "card-payments "]).map(lambda name: {"intent": name, "features": EVENT})


@pytest.fixture
def key(world: World, process: Serving, monkeypatch: pytest.MonkeyPatch) -> Key:
    monkeypatch.setattr("scoring.serving.service._now", lambda: NOW)
    monkeypatch.setattr("scoring.serving.uuid7.urandom", bytes)
    return process.service.authenticate({"HTTP_AUTHORIZATION": f"Bearer {world.token}"})


def outcome(process: Serving, score: Any, meaning: Callable[[list[Any]], Any] = list) -> Any:
    """The answer, or the refusal, and what was recorded."""
    before = len(recorded(process))
    try:
        found = score()
    except Refusal as refusal:
        found = type(refusal), str(refusal), refusal.title, refusal.faults
    return found, meaning(recorded(process)[before:])


def meaning_for(intent: CompiledIntent) -> Callable[[list[Any]], Any]:
    """What the lake has of records, and what shadows are scored with; in any order."""

    def meaning(records: list[Any]) -> Any:
        rows = event_table([Part(intent.document, Events.of(records))], {}).to_pylist() if records else []
        encoded = [intent.encoder.one(each.features) for each in records]
        return sorted(zip(map(repr, rows), map(repr, encoded), strict=True))

    return meaning


def test_score_json__any_event__is_answered_as_when_it_is_read_in_any_way(process: Serving, key: Key) -> None:
    @settings(suppress_health_check=[HealthCheck.too_slow])
    @given(st.one_of(one, other, anything))
    def check(sent: Any) -> None:
        body, service = json.dumps(sent).encode(), process.service
        alone = outcome(process, lambda: service.score(key, decode(body, ScoreRequest)))
        assert outcome(process, lambda: service.score_json(key, body)) == alone

    check()


@pytest.mark.parametrize("short", [0, 100, 1 << 20])
def test_score_batch_json__any_batch__is_answered_as_when_it_is_read_in_any_way(
    process: Serving, key: Key, monkeypatch: pytest.MonkeyPatch, short: int
) -> None:
    monkeypatch.setattr("scoring.serving.columnar.plain.SHORT", short)
    monkeypatch.setattr("scoring.serving.columnar.pieces.SHORT", short)

    @settings(suppress_health_check=[HealthCheck.too_slow])
    @given(st.one_of(many, anything))
    def check(sent: Any) -> None:
        body, service = json.dumps(sent).encode(), process.service
        alone = outcome(process, lambda: service.score_batch(key, *batch_bodies.decode(body, release)), meaning)
        assert outcome(process, lambda: as_rows(service.score_batch_json(key, body)), meaning) == alone

    release = process.state.held.releases[key.tenant]
    meaning = meaning_for(release.intents["card-payments"])
    check()


@pytest.mark.parametrize("short", [0, 100, 1 << 20])
def test_score_batch_json__any_table__is_answered_as_when_it_is_read_in_any_way(
    process: Serving, key: Key, monkeypatch: pytest.MonkeyPatch, short: int
) -> None:
    monkeypatch.setattr("scoring.serving.columnar.plain.SHORT", short)
    monkeypatch.setattr("scoring.serving.columnar.pieces.SHORT", short)

    @settings(suppress_health_check=[HealthCheck.too_slow])
    @given(st.one_of(tables(good_cells), tables(any_cells), odd_tables))
    def check(sent: Any) -> None:
        body, service = json.dumps(sent).encode(), process.service
        alone = outcome(process, lambda: service.score_batch(key, *batch_bodies.decode(body, release)), meaning)
        assert outcome(process, lambda: as_rows(service.score_batch_json(key, body)), meaning) == alone

    release = process.state.held.releases[key.tenant]
    meaning = meaning_for(release.intents["card-payments"])
    check()


def test_score_batch_json__table__is_answered_as_the_same_events_by_their_names(process: Serving, key: Key) -> None:
    @settings(suppress_health_check=[HealthCheck.too_slow])
    @given(st.one_of(tables(good_cells), tables(any_cells)))
    @example({"intent": "card-payments", "columns": TWICE, "data": [["\ud800", 1, 20, "\ud800"]]})
    def check(table: dict[str, Any]) -> None:
        named = {"intent": table["intent"], "events": [event_of(table["columns"], row) for row in table["data"]]}
        found, alone = [
            outcome(
                process,
                lambda each=each: by_field(process.service.score_batch_json(key, json.dumps(each).encode())),
                meaning,
            )
            for each in (table, named)
        ]
        assert found == alone

    meaning = meaning_for(process.state.held.releases[key.tenant].intents["card-payments"])
    check()


def by_field(answer: Any) -> list[Any]:
    """An answer's results. What is wrong with an event is told in the order in which its parts were sent."""
    results = msgspec.to_builtins(as_rows(answer).results)
    return [each | {"errors": sorted(each.get("errors", []), key=str)} for each in results]


def event_of(columns: list[str], row: list[Any]) -> dict[str, Any]:
    """The event that a row is. Null was not sent, but where it is a feature's value, or is wrong there."""
    event: dict[str, Any] = {"features": {}, "context": {}}
    for name, value in zip(columns, row, strict=True):
        part, _, inner = name.partition(".")
        if value is not None or name in ("features.amount", "features.hour", "features.foreign"):
            (event[part] if inner else event)[inner or part] = value
    return event


@pytest.mark.parametrize(
    ("text", "is_plain"),
    [
        ('{"intent": "card-payments", "features": %s}', True),
        (' {\n"intent":"card-payments","features":%s, "context": {"channel": "web"}, "event_id": "e"}', True),
        ('{"features": %s, "intent": "card-payments"}', True),
        ('{"event_id": "e", "intent": "card-payments", "features": %s}', False),  # read in any way
        ('{"intent": "card-payments", "features": %s, "intent": "other"}', False),
        ('{"intent": "nothing", "features": %s}', False),
        ('{"intent": "card-payments", "features": %s', False),
    ],
)
def test_read_one__intent_first_or_last_and_features_of_its_schema__is_plain(
    process: Serving, key: Key, text: str, is_plain: bool
) -> None:
    body = (text % json.dumps(EVENT)).encode()
    found = plain.read_one(body, process.state.held.releases[key.tenant])
    assert (found is not None and isinstance(found.features, msgspec.Struct)) == is_plain


def test_score_batch_json__of_several_pieces__lets_others_have_their_turn_after_each(
    process: Serving, key: Key, monkeypatch: pytest.MonkeyPatch
) -> None:
    events = [{"features": EVENT}] * 3
    body = json.dumps({"intent": "card-payments", "events": events}).encode()
    monkeypatch.setattr("scoring.serving.columnar.plain.SHORT", 0)
    monkeypatch.setattr("scoring.serving.columnar.pieces.SHORT", 0)
    turns: list[int] = []
    monkeypatch.setattr("scoring.serving.columnar.plain.pause", turns.append)
    assert as_rows(process.service.score_batch_json(key, body)).results
    assert turns == [0, 0, 0]
