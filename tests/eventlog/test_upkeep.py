"""Compaction, retention, vacuum: nothing is lost by them but what is meant to be."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event

from scoring.eventlog import lake, upkeep
from scoring.eventlog.consumer import Consumer
from tests.eventlog.helpers import DAY, INTENT, NOON, TENANT, consume, event, ids, label, rows, write, writer

NAME = lake.TableName(TENANT, INTENT, "events")
HOUR = timedelta(hours=1)
HOUR_US = 3_600_000_000
SOON = {"flush_seconds": 0.0, "flush_events": 1000}


def fill(segments: Path, parts: int, machine: str = "m") -> None:
    out = writer(segments)
    for part in range(parts):
        write(out, *[event(each) for each in ids(5, f"{machine}{part}-")])
        consume(segments, machine=machine)


def drain(consumer: Consumer) -> None:
    consumer.run(Event(), drain=True)


def files() -> int:
    table = lake.open_table(NAME)
    assert table is not None
    return len(table.file_uris())


def test_compact__many_small_files__become_one_with_the_same_rows(segments: Path) -> None:
    fill(segments, 6)
    before = rows()
    assert upkeep.compact(NAME, window=HOUR) == upkeep.Compacted(days=1, removed_files=6, repeated_events=0)
    assert files() == 1
    assert rows() == before
    assert upkeep.compact(NAME, window=HOUR) == upkeep.NOTHING
    fill(segments, 1, machine="other")  # the consumer goes on
    assert len(rows()) == len(before) + 5


def test_compact__application_transactions__stay(segments: Path) -> None:
    fill(segments, 4)
    upkeep.compact(NAME, window=HOUR)
    table = lake.open_table(NAME)
    assert table is not None
    table.create_checkpoint()
    assert consume(segments).tally.events.total() == 0
    assert len(rows()) == 20


def test_compact__repeated_through_two_machines__first_within_the_window_stays(segments: Path) -> None:
    folders = {"m": segments, "n": segments.parent / "other"}
    out = {machine: writer(folder) for machine, folder in folders.items()}
    consumers = {machine: Consumer(folder, machine=machine, **SOON) for machine, folder in folders.items()}
    for machine, consumer in consumers.items():
        write(out[machine], event(f"first of {machine}"))
        drain(consumer)
    write(out["n"], event("a", scored_at=NOON + 5, score=0.2), event("b"))
    write(out["m"], event("a", score=0.1), event("a", scored_at=NOON + HOUR_US, score=0.3))
    for consumer in consumers.values():
        drain(consumer)
    assert rows("event_id, score").count(("a", 0.2)) == 1  # neither machine saw the other's
    assert upkeep.compact(NAME, window=HOUR).repeated_events == 1
    assert rows("event_id, score") == [
        ("a", 0.1), ("a", 0.3), ("b", 0.125), ("first of m", 0.125), ("first of n", 0.125),
    ]  # fmt: skip


def test_drop_repeated__rows_alike_in_id_and_time__stay() -> None:
    found = [("a", 0), ("a", 0), ("a", 5), ("a", 9), ("a", 10), ("a", 19), ("b", 3)]
    assert list(upkeep._repeated(found, 10)) == [("a", 5), ("a", 9), ("a", 19)]


def test_delete_older__by_arrival__whatever_the_day_of_the_event(segments: Path) -> None:
    out = writer(segments)
    write(out, event("old", scored_at=NOON - 10 * DAY), event("late", occurred_at=NOON - 100 * DAY), label("old", 1))
    write(out, label("older", 1, NOON - 10 * DAY))
    consume(segments)
    before = datetime(2026, 11, 24, tzinfo=UTC)
    assert upkeep.delete_older(NAME, before)
    assert not upkeep.delete_older(NAME, before)
    assert upkeep.delete_older(lake.TableName(TENANT, INTENT, "labels"), before)
    assert rows("event_id") == ["late"]
    assert rows("event_id", kind="labels") == ["old"]
    assert consume(segments).tally.events.total() == 0


def test_vacuum__after_compaction__removes_what_no_version_needs(segments: Path) -> None:
    fill(segments, 4)
    upkeep.compact(NAME, window=HOUR)
    assert upkeep.vacuum(NAME) == 0  # readers may still be at it
    assert upkeep.vacuum(NAME, hours=0) == 4
    assert len(rows()) == 20


def test_upkeep__no_table__is_nothing(segments: Path) -> None:
    assert upkeep.compact(NAME, window=HOUR) == upkeep.NOTHING
    assert not upkeep.delete_older(NAME, datetime.now(UTC))
    assert upkeep.vacuum(NAME) == 0
