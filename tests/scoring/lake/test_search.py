"""Looking for events: each filter, pages that stand still while events arrive, time that runs out."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from scoring.engine import document
from scoring.lake import pruning
from scoring.lake.search import EventSearch, NeverRecorded, Place, TooSlow, count_events, find_events
from tests.documents import simple
from tests.object_store import use
from tests.scoring.eventlog import DAY, INTENT, NOON, TENANT, consume, event, keep_document, label, write, writer

START = datetime(2026, 11, 25, 12, tzinfo=UTC)
HOUR = DAY // 24
OTHER = "transfers"


@pytest.fixture(params=["folder", "url", "object store"])
def recorded(request: Any, segments: Path, settings: Any) -> Path:
    """Events e0 … e5 every twelve hours, each in a file of its own, and one of another intent and of another tenant."""
    if request.param == "url":
        settings.LAKE = f"file://{settings.LAKE}"
    elif request.param == "object store":
        use(request.getfixturevalue("object_store"), settings)
    documents = simple()
    documents.intent(OTHER, document.Route("rest", document.Target("cards@1", 17)))
    keep_document(documents.build())
    keep_document(documents.build(), number=2)
    keep_document(documents.build(), tenant=8)
    out = writer(segments)
    for number in range(6):
        at, channel = NOON + number * 12 * HOUR, "web" if number == 4 else "shop"
        write(
            out,
            event(
                f"e{number}",
                occurred_at=at,
                score=number / 10,
                release=1 + number % 2,
                route="rest",
                predictor="cards@1" if number < 3 else "cards@2",
                context={"channel": channel},
            ),
        )
        consume(segments)
    write(out, label("e1", 1), label("e2", 1), label("e2", 0, NOON + 5), label("e3", 0))
    write(out, event("o", intent=OTHER, occurred_at=NOON + HOUR, score=0.95, context={}))
    write(out, event("x", tenant=8, occurred_at=NOON, score=0.5))
    consume(segments)
    return segments


def search(*intents: str, **filters: Any) -> EventSearch:
    return EventSearch(TENANT, intents or (INTENT, OTHER), **filters)


def found(query: EventSearch, **how: Any) -> list[str]:
    return [row["event_id"] for row in find_events(query, **how).events]


@pytest.mark.parametrize(
    ("filters", "ids"),
    [
        ({}, ["e5", "e4", "e3", "e2", "e1", "o", "e0"]),
        ({"since": START + timedelta(hours=1), "until": START + timedelta(hours=24)}, ["e1", "o"]),
        ({"min_score": 0.2, "max_score": 0.4}, ["e4", "e3", "e2"]),
        ({"crossed": {INTENT: 0.4}}, ["e5", "e4"]),
        ({"crossed": {INTENT: 0.4, OTHER: 0.9}}, ["e5", "e4", "o"]),
        ({"predictor": "cards@2"}, ["e5", "e4", "e3"]),
        ({"release": 2, "predictor": "cards@1"}, ["e1"]),
        ({"label": "positive"}, ["e1"]),
        ({"label": "negative"}, ["e3", "e2"]),
        ({"label": "none"}, ["e5", "e4", "o", "e0"]),
        ({"context": ("channel", "web")}, ["e4"]),
        ({"context": ("channel", "fax")}, []),
        ({"prefix": "e"}, ["e5", "e4", "e3", "e2", "e1", "e0"]),
        ({"prefix": "e3"}, ["e3"]),
        ({"prefix": "it's"}, []),
        ({"prefix": "e", "label": "none", "min_score": 0.1, "release": 1}, ["e4"]),
    ],
)
def test_find__each_filter__what_meets_all_of_it(recorded: Path, filters: dict[str, Any], ids: list[str]) -> None:
    assert found(search(**filters)) == ids


def test_find__one_event__with_what_a_list_shows(recorded: Path) -> None:
    (row,) = find_events(search(prefix="e1")).events
    assert row == {
        "event_id": "e1",
        "intent": INTENT,
        "occurred_at": START + timedelta(hours=12),
        "score": 0.1,
        "probability": 0.0625,
        "predictor": "cards@1",
        "transform": 17,
        "release": 2,
        "route": "rest",
        "label": 1,
        "degraded": None,
    }


def test_find__of_one_intent_or_another_tenant__nobody_elses(recorded: Path) -> None:
    assert found(search(OTHER)) == ["o"]
    assert found(EventSearch(8, (INTENT, OTHER))) == ["x"]
    assert found(EventSearch(9, (INTENT,))) == []
    assert found(search("nothing")) == []


def test_find__context_never_recorded__names_what_is(recorded: Path) -> None:
    with pytest.raises(NeverRecorded, match="channel"):
        find_events(search(context=("colour", "red")))


def test_pages__to_and_fro_while_events_arrive__show_each_event_once(recorded: Path) -> None:
    first = find_events(search(), limit=3)
    assert [row["event_id"] for row in first.events] == ["e5", "e4", "e3"]
    assert first.newer is None
    write(writer(recorded), event("new", occurred_at=NOON + 10 * DAY), event("late", occurred_at=NOON + 30 * HOUR))
    consume(recorded)
    second = find_events(search(), older_than=first.older, limit=3)
    assert [row["event_id"] for row in second.events] == ["late", "e2", "e1"]
    third = find_events(search(), older_than=second.older, limit=3)
    assert ([row["event_id"] for row in third.events], third.older) == (["o", "e0"], None)
    back = find_events(search(), newer_than=third.newer, limit=3)
    assert back.events == second.events
    top = find_events(search(), newer_than=back.newer, limit=4)
    assert ([row["event_id"] for row in top.events], top.newer) == (["new", "e5", "e4", "e3"], None)


def test_pages__of_events_at_the_same_moment__none_twice_and_none_lost(segments: Path) -> None:
    write(writer(segments), *[event(f"e{number:02}") for number in range(20)])
    consume(segments)
    seen, place = [], None
    while True:
        page = find_events(search(), older_than=place, limit=3)
        seen += [row["event_id"] for row in page.events]
        if page.older is None:
            break
        place = Place.of(page.older.text)
    assert seen == [f"e{number:02}" for number in reversed(range(20))]


@pytest.mark.parametrize("text", ["", "1.2", "x.y.z", f"{10**30}.a.b"])
def test_place__of_no_page__is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        Place.of(text)


def test_find__time_is_over_at_once__says_so(recorded: Path) -> None:
    with pytest.raises(TooSlow):
        find_events(search(label="none"), seconds=0.0)


def test_find__time_is_over_on_the_way__gives_what_it_has_and_where_to_go_on(
    recorded: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pruning, "FIRST_FILES", 1)
    import duckdb

    from scoring.lake import search_reader

    read, reads = search_reader.SearchReader.read, []

    def slow(self: Any, *given: Any) -> Any:
        reads.append(given)
        if len(reads) == 3:
            raise duckdb.InterruptException("the time is over")
        return read(self, *given)

    monkeypatch.setattr(search_reader.SearchReader, "read", slow)
    page = find_events(search(INTENT))
    assert [row["event_id"] for row in page.events] == ["e5", "e4", "e3"][: len(page.events)]
    assert page.reached is not None
    rest = find_events(search(INTENT), older_than=page.older)
    assert [row["event_id"] for row in (*page.events, *rest.events)] == ["e5", "e4", "e3", "e2", "e1", "e0"]
    assert rest.reached is None


def test_count__by_day_and_hour__what_meets_the_search(recorded: Path) -> None:
    day = datetime(2026, 11, 25, tzinfo=UTC)
    assert count_events(search(INTENT, min_score=0.1)) == [(day + timedelta(days=n), 2 if n else 0) for n in (1, 2)] + [
        (day + timedelta(days=3), 1)
    ]
    hours = count_events(search(until=START + timedelta(hours=2)), step="hour")
    assert hours == [(START, 1), (START + timedelta(hours=1), 1)]
    with pytest.raises(TooSlow):
        count_events(search(label="none"), seconds=0.0)
