"""Names over the life of a table: whatever an intent's features and attributes were called, nothing is mixed up."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from scoring.consumer.consumer import Consumer
from scoring.engine import document
from scoring.engine.compiled import CompiledRelease
from scoring.lake import columns, delta, reading
from scoring.lake.explain import explain_event, explained
from scoring.lake.names import plain_column, written_before
from scoring.lake.search import EventSearch, find_events
from scoring.services import publish_document
from tenants.scope import platform_scope
from tests.documents import Documents
from tests.factories import make_tenant, text_of
from tests.scoring.eventlog import INTENT, NOON, consume, event, keep_document, write, writer

DAY = (datetime(2026, 11, 25, tzinfo=UTC), datetime(2026, 11, 26, tzinfo=UTC))
NAMES = (
    "x",
    "X",
    "x__integer",
    "x__integer__number",
    "{source}",
    "a b",
    "a\u020b",
    "q\"'{0}",
    "é",
    "e\u0301",
    "ß",
    "x.y",
)
TYPES = ("number", "integer", "boolean", "category")
VALUES = {"number": (1.5, -2.0), "integer": (3, -4), "boolean": (True, False), "category": ("goods", "cash")}
CONTEXT = {"number": "number", "integer": "number", "boolean": "boolean", "category": "string"}
Schema = dict[str, str]


def made_of(features: Schema, context: Schema, tenant: str = "acme") -> Documents:
    """A document of one intent with one model of all its features, all of which may be null."""
    documents = Documents(tenant)
    names = sorted(features)
    digest = documents.model(names, [0.1 * (1 + place) for place in range(len(names))])
    documents.predictor("cards@1", document.Member(digest))
    documents.transform(17)
    parts = [
        document.Feature(name, type=kind, nullable=True, categories=VALUES["category"] if kind == "category" else ())
        for name, kind in features.items()
    ]
    attributes = tuple(document.ContextAttribute(name, type=CONTEXT[kind]) for name, kind in context.items())
    route = document.Route("all", document.Target("cards@1", 17))
    documents.intent(INTENT, route, features=tuple(parts), context=attributes)
    return documents


def sent(schema: Schema, turn: int) -> dict[str, Any]:
    """Every third value is null, so that what another name has could be taken for it."""
    return {
        name: None if (turn + place) % 3 == 0 else VALUES[kind][turn % 2]
        for place, (name, kind) in enumerate(sorted(schema.items()))
    }


schemas = st.dictionaries(st.sampled_from(NAMES), st.sampled_from(TYPES), min_size=1, max_size=5).filter(
    lambda schema: len({name.casefold() for name in schema}) == len(schema)  # as intents have it
)


class Histories(RuleBasedStateMachine):
    """Releases of one intent, each with other features and attributes, and events by them through one consumer."""

    folder: Path

    @initialize(features=schemas, context=schemas)
    def begin(self, features: Schema, context: Schema) -> None:
        self.tenant = 1 + max((name.tenant for name in delta.table_names()), default=0)
        self.releases: list[document.ReleaseDocument] = []
        self.events: dict[str, Any] = {}
        self.segments = self.folder / f"segments-{self.tenant}"
        self.out = writer(self.segments)
        self.consumer = Consumer(self.segments, machine="m", flush_seconds=0.0, flush_events=1000)
        self.release(features, context)

    @rule(features=schemas, context=schemas)
    def release(self, features: Schema, context: Schema) -> None:
        self.schema, self.context = features, context
        self.made = made_of(features, context)
        content = self.made.build()
        self.made.store()
        self.releases.append(content)
        keep_document(content, tenant=self.tenant, number=len(self.releases))

    @rule(count=st.integers(1, 4))
    def score(self, count: int) -> None:
        number = len(self.releases)
        compiled = CompiledRelease(self.releases[-1], number, self.made.load_model)
        for _ in range(count):
            turn = len(self.events)
            features = sent(self.schema, turn)
            context = {name: value for name, value in sent(self.context, turn).items() if value is not None}
            found = compiled.score(INTENT, features, context)
            recorded = event(
                f"e{turn}", tenant=self.tenant, scored_at=NOON + turn, release=number, route=found.route,
                predictor=found.predictor, transform=found.transform, outputs=found.outputs,
                probability=found.probability, score=found.score, features=features, context=context,
            )  # fmt: skip
            self.events[recorded.event_id] = recorded
            write(self.out, recorded)

    @rule()
    def restart(self) -> None:
        self.consumer = Consumer(self.segments, machine="m", flush_seconds=0.0, flush_events=1000)

    @invariant()
    def every_event_is_found_and_explained(self) -> None:
        while self.consumer.step(flush_all=True):
            pass
        for event_id, sent_event in list(self.events.items())[-6:]:
            row = reading.find_event(self.tenant, event_id)
            assert row is not None
            found = explained(row, self.releases[sent_event.release - 1])
            given = {name: value for name, value in sent_event.features.items() if value is not None}
            assert (found["features"], found["context"]) == (given, sent_event.context)
            assert found["recomputed"]["from_features"]["equal"], found["recomputed"]

    @invariant()
    def every_event_is_replayed_by_its_own_names(self) -> None:
        names = {each.name for content in self.releases for each in content.intents[INTENT].features}
        latest = {each.name: each.type for content in self.releases for each in content.intents[INTENT].features}
        known = [name for name in names if any(name in each.features for each in self.events.values())]
        if not self.events or not known:
            return
        wanted = ["event_id", *(f"features.{name}" for name in known)]
        types = {f"features.{name}": latest[name] for name in known}
        for row in reading.feature_table(self.tenant, INTENT, *DAY, wanted, types).to_pylist():
            recorded = self.events[row["event_id"]]
            schema = {each.name: each.type for each in self.releases[recorded.release - 1].intents[INTENT].features}
            for name in known:
                if schema.get(name) == latest[name]:
                    assert row[f"features.{name}"] == recorded.features[name], (name, row)
                elif name not in schema:
                    assert row[f"features.{name}"] is None, (name, row)

    @invariant()
    def every_event_is_found_by_its_context(self) -> None:
        if not self.events:
            return
        event_id, recorded = list(self.events.items())[-1]
        for name, value in recorded.context.items():
            text = str(value).lower() if isinstance(value, bool) else str(value)
            search = EventSearch(self.tenant, [INTENT], context=(name, text))
            found = [row["event_id"] for row in find_events(search, limit=200).events]
            assert event_id in found
            assert all(self.events[each].context.get(name) == value for each in found)

    def teardown(self) -> None:
        if hasattr(self, "out"):
            self.out.close()
            self.consumer.shadows.close()


def test_names__any_history_of_an_intent__every_event_is_found_explained_and_replayed(
    segments: Path, settings: Any
) -> None:
    settings.MEDIA_ROOT = segments.parent / "files"
    Histories.folder = segments.parent
    run_state_machine_as_test(
        Histories, settings=hypothesis_settings(max_examples=10, stateful_step_count=6, deadline=None)
    )


# ---- tables of a former version


def as_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """Columns as a former version has called them."""

    def column(prefix: Any, name: str, type_name: str, known: Any) -> str:
        plain = plain_column(prefix, name)
        return plain if plain not in known else written_before(prefix, name, type_name, known)

    monkeypatch.setattr(columns, "column_to_write", column)


@pytest.fixture
def former(db: None, segments: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A tenant's table that a former version has written, by three releases, and ours goes on with by the third.

    Column `feature_x__integer` has values of the feature that is called so, and then those of `x`, as whole numbers.
    """
    settings.MEDIA_ROOT = segments.parent / "files"
    tenant = make_tenant()
    releases = [
        ({"x": "number", "x__integer": "integer"}, {"Ch": "category"}),
        ({"x": "integer"}, {"Ch": "number"}),
        ({"x": "integer", "a b": "number", "Amount": "number"}, {"Ch": "number"}),
    ]
    out = writer(segments)

    def record(number: int, event_id: str, features: dict[str, Any], context: dict[str, Any]) -> None:
        content, documents = contents[number - 1]
        scored = CompiledRelease(content, number, documents.load_model).score(INTENT, features, context)
        write(
            out,
            event(
                event_id, tenant=tenant.pk, release=number, features=features, context=context, route=scored.route,
                predictor=scored.predictor, outputs=scored.outputs, probability=scored.probability, score=scored.score,
            ),
        )  # fmt: skip
        consume(segments)

    contents = []
    for number, schema in enumerate(releases, start=1):
        former_content = made_of(*schema, tenant=tenant.slug)
        former_content.store()
        content = former_content.build()
        contents.append((content, former_content))
        keep_document(content, tenant=tenant.pk, number=number)
        with platform_scope():
            publish_document(tenant=tenant, document=text_of(content), actor=None, reason="test")
    with monkeypatch.context() as before:
        as_before(before)
        record(1, "a", {"x": None, "x__integer": 7}, {"Ch": "goods"})
        record(1, "b", {"x": 2.5, "x__integer": None}, {})
        record(2, "c", {"x": 5}, {"Ch": 4})
        record(3, "d", {"x": None, "a b": 0.5, "Amount": 1.5}, {})
    record(3, "e", {"x": 6, "a b": 0.25, "Amount": 3.5}, {"Ch": 4})
    return tenant


def test_former_table__columns_of_several_names__each_event_has_its_own(former: Any) -> None:
    found = {name: explain_event(former.pk, name) for name in "abcde"}
    assert all(each and each["recomputed"]["from_features"]["equal"] for each in found.values()), found
    assert {name: each and each["features"] for name, each in found.items()} == {
        "a": {"x__integer": 7}, "b": {"x": 2.5}, "c": {"x": 5}, "d": {"a b": 0.5, "Amount": 1.5},
        "e": {"x": 6, "a b": 0.25, "Amount": 3.5},
    }  # fmt: skip
    assert found["c"]
    assert found["c"]["context"] == {"Ch": 4.0}


def test_former_table__read_in_whole__names_are_kept_apart(former: Any) -> None:
    types = {"features.x": "integer", "features.x__integer": "integer", "features.a b": "number"}
    table = reading.feature_table(former.pk, INTENT, *DAY, ["event_id", *types, "features.Amount"], types)
    rows = {row["event_id"]: tuple(row.values())[1:] for row in table.to_pylist()}
    assert rows == {
        "a": (None, 7, None, None), "b": (None, None, None, None), "c": (5, None, None, None),
        "d": (None, None, 0.5, 1.5), "e": (6, None, 0.25, 3.5),
    }  # fmt: skip


@pytest.mark.parametrize(("value", "ids"), [("goods", ["a"]), ("4", ["e", "c"]), ("5", [])])
def test_former_table__searched_by_context__finds_values_of_both_types(former: Any, value: str, ids: list[str]) -> None:
    found = find_events(EventSearch(former.pk, [INTENT], context=("Ch", value)))
    assert [row["event_id"] for row in found.events] == ids


def test_former_table__gone_on_with__certain_columns_are_kept_and_shared_ones_left(former: Any) -> None:
    known = delta.schema_of(delta.open_table(delta.TableName(former.pk, INTENT, "events")))
    mine = {column for column in known if "~~" in column}
    assert mine == {"feature_x~~integer", "feature_a~20b~~number", "context_~43h~~number"}
    assert {"feature_Amount", "feature_a~20b", "feature_x__integer", "context_Ch__number"} <= known.keys()
    assert known["feature_x"] == pa.float64()
