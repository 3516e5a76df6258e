"""Reading the lake: windows, predictors, features, single events."""

import uuid
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from scoring.engine import document
from scoring.lake import reading
from scoring.serving.uuid7 import uuid7
from tests.documents import simple
from tests.object_store import use
from tests.scoring.eventlog import (
    DAY,
    FEATURES,
    INTENT,
    NOON,
    TENANT,
    consume,
    event,
    ids,
    keep_document,
    label,
    write,
    writer,
)

START = datetime(2026, 11, 25, 12, tzinfo=UTC)
HOUR = 3_600_000_000


@pytest.fixture(params=["folder", "url", "object store"])
def lake_of_three_days(request: Any, segments: Path, settings: Any) -> None:
    """Events e0 … e5 every twelve hours from noon on; in a folder, at a URL, and in an object store."""
    if request.param == "url":
        settings.LAKE = f"file://{settings.LAKE}"
    elif request.param == "object store":
        use(request.getfixturevalue("object_store"), settings)
    out = writer(segments)
    for number in range(6):
        at = NOON + number * 12 * HOUR
        write(out, event(f"e{number}", occurred_at=at, probability=number / 10, features=FEATURES | {"amount": number}))
    consume(segments)


def window(hours: float, until: float) -> tuple[datetime, datetime]:
    return START + timedelta(hours=hours), START + timedelta(hours=until)


def test_probabilities__window__includes_its_start_and_not_its_end(lake_of_three_days: None) -> None:
    found = reading.probabilities(TENANT, INTENT, "cards@1", *window(12, 36))
    assert sorted(found) == [0.1, 0.2]
    assert reading.count_events(TENANT, INTENT, *window(12, 36)) == 2
    assert reading.count_events(TENANT, INTENT, *window(0, 100), predictor_key="cards@2") == 0


def test_probabilities__nothing_there__are_none(lake_of_three_days: None) -> None:
    assert len(reading.probabilities(TENANT, INTENT, "cards@1", *window(1000, 2000))) == 0
    assert len(reading.probabilities(TENANT, "none", "cards@1", *window(0, 100))) == 0
    assert reading.count_events(8, INTENT, *window(0, 100)) == 0


def test_feature_table__columns__are_named_as_asked(lake_of_three_days: None) -> None:
    columns = ["event_id", "features.amount", "features.kind", "context.channel", "score"]
    found = reading.feature_table(TENANT, INTENT, *window(0, 13), columns)
    assert found.sort_by("event_id").to_pylist() == [
        dict(zip(columns, ("e0", 0.0, "travel", "shop", 0.125), strict=True)),
        dict(zip(columns, ("e1", 1.0, "travel", "shop", 0.125), strict=True)),
    ]


def test_feature_table__column_never_recorded__names_it(lake_of_three_days: None) -> None:
    with pytest.raises(KeyError, match=r"features\.colour"):
        reading.feature_table(TENANT, INTENT, *window(0, 13), ["features.colour"])
    with pytest.raises(KeyError, match="nonsense"):
        reading.feature_table(TENANT, INTENT, *window(0, 13), ["nonsense"])


def test_feature_table__type_has_changed__values_of_both_types(segments: Path) -> None:
    documents = simple()
    features = (document.Feature("amount", type="integer"), document.Feature("New one", required=False))
    rest = document.Route("rest", document.Target("cards@1", 17))
    documents.intents[INTENT] = document.Intent(
        features=(*features, *simple().intents[INTENT].features[1:]), routes=(rest,)
    )
    keep_document(documents.build(), number=2)
    out = writer(segments)
    write(out, event("a", features=FEATURES | {"amount": 1.5}))
    consume(segments)
    write(out, event("b", release=2, occurred_at=NOON + DAY, features={"amount": 7, "New one": 2.5}))
    consume(segments)
    wanted = {"features.amount": "number", "features.New one": "number"}
    found = reading.feature_table(TENANT, INTENT, *window(0, 48), ["event_id", *wanted], wanted)
    assert found.sort_by("event_id").to_pylist() == [
        {"event_id": "a", "features.amount": 1.5, "features.New one": None},
        {"event_id": "b", "features.amount": 7.0, "features.New one": 2.5},
    ]
    first_day = reading.feature_table(TENANT, INTENT, *window(0, 1), ["features.New one"], wanted)
    assert first_day.to_pylist() == [{"features.New one": None}]  # its files have no such column


@pytest.mark.parametrize(("keep", "kept"), [("none", set()), (("hour",), {"hour"}), ("all", set(FEATURES))])
def test_features__kept__are_what_the_intent_wants(segments: Path, keep: Any, kept: set[str]) -> None:
    documents = simple()
    documents.intents[INTENT] = msgspec.structs.replace(documents.intents[INTENT], keep_features=keep)
    keep_document(documents.build())
    write(writer(segments), event("a"))
    consume(segments)
    found = reading.find_event(TENANT, "a")
    assert found is not None
    assert found["features"].keys() == kept


def test_find_event__uuid7_hint_or_nothing__finds_it(segments: Path) -> None:
    names = [uuid7(NOON), str(uuid.uuid4()), "it's one"]
    write(writer(segments), *[event(each, occurred_at=NOON - n * DAY) for n, each in enumerate(names)])
    consume(segments)
    for number, name in enumerate(names):
        for day in (None, date(2026, 11, 25) - timedelta(days=number), date(2020, 1, 1)):
            found = reading.find_event(TENANT, name, day=day)
            assert found is not None
            assert (found["event_id"], found["intent"], found["label"]) == (name, INTENT, None)
    assert reading.find_event(TENANT, "another") is None
    assert reading.find_event(8, names[0]) is None


def test_day_of_uuid7__other_ids__have_none() -> None:
    assert reading.day_of_uuid7(uuid7(NOON)) == date(2026, 11, 25)
    assert reading.day_of_uuid7(str(uuid.uuid4())) is None
    assert reading.day_of_uuid7("ffffffff-ffff-7fff-8fff-ffffffffffff") is None
    assert reading.day_of_uuid7("not one") is None


def test_labels__several_of_an_event__latest_report_wins(segments: Path) -> None:
    out = writer(segments)
    write(out, *[event(each) for each in ids(2)], label("e000000", 1, NOON + 5), label("e000000", 0, NOON + 3))
    consume(segments)
    write(out, label("e000001", 0, NOON), label("e000001", 1, NOON + 1))
    consume(segments)
    found = reading.labels(TENANT, INTENT).sort_by("event_id")
    assert found.to_pydict() == {"event_id": ids(2), "label": [1, 1]}
    found_event = reading.find_event(TENANT, "e000000")
    assert found_event is not None
    assert found_event["label"] == 1


def test_probabilities_in__windows_in_turn__are_those_of_each(lake_of_three_days: None) -> None:
    windows = [window(first, first + 18) for first in range(0, 90, 18)]
    found = list(reading.probabilities_in(TENANT, INTENT, "cards@1", windows))
    assert [sorted(each) for each in found] == [
        sorted(reading.probabilities(TENANT, INTENT, "cards@1", *each)) for each in windows
    ]
    assert sum(map(len, found)) == len(reading.probabilities(TENANT, INTENT, "cards@1", *window(0, 90))) > 0
    assert [len(each) for each in reading.probabilities_in(TENANT, "none", "cards@1", windows)] == [0] * len(windows)


def test_probabilities__of_a_shadow__are_its_own(segments: Path) -> None:
    documents = simple()
    documents.store()
    web = {"route": "web", "predictor": "cards@2", "transform": 18, "outputs": [0.1, 0.2], "probability": 0.5}
    write(writer(segments), event("a"), event("b", **web))
    consume(segments)
    live = reading.probabilities(TENANT, INTENT, "cards@2", *window(0, 1))
    both = sorted(reading.probabilities(TENANT, INTENT, "cards@1", *window(0, 1)))
    assert list(live) == [0.5]
    assert both[0] != both[1]
    assert 0.0625 in both


def test_first_event_at__some_recorded__is_when_the_first_occurred(lake_of_three_days: None) -> None:
    assert reading.first_event_at(TENANT, INTENT) == START
    assert reading.first_event_at(TENANT, "none") is None
