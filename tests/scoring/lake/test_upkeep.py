"""Compaction, retention, vacuum: nothing is lost by them but what is meant to be."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event

import pytest

from scoring.consumer.consumer import Consumer
from scoring.lake import delta, upkeep
from scoring.lake.recent import Answer
from tenants.models import Tenant
from tenants.scope import platform_scope
from tests.factories import serve
from tests.scoring.eventlog import (
    DAY,
    INTENT,
    NOON,
    TENANT,
    consume,
    event,
    ids,
    keep_document,
    label,
    rows,
    write,
    writer,
)  # fmt: skip

NAME = delta.TableName(TENANT, INTENT, "events")
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
    table = delta.open_table(NAME)
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
    table = delta.open_table(NAME)
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
    write(out["n"], event("a", scored_at=NOON + 5), event("b"))
    write(out["m"], event("a"), event("a", scored_at=NOON + HOUR_US, score=0.3))
    for consumer in consumers.values():
        drain(consumer)
    assert rows("event_id, score").count(("a", 0.125)) == 2  # neither machine saw the other's
    assert upkeep.compact(NAME, window=HOUR).repeated_events == 1
    assert rows("event_id, epoch_us(scored_at), score")[:2] == [("a", NOON, 0.125), ("a", NOON + HOUR_US, 0.3)]
    assert rows("event_id") == ["a", "a", "b", "first of m", "first of n"]


def test_compact__answered_otherwise_through_two_machines__is_a_repeat_as_through_one(segments: Path) -> None:
    folders = {"m": segments, "n": segments.parent / "other"}
    out = {machine: writer(folder) for machine, folder in folders.items()}
    consumers = {machine: Consumer(folder, machine=machine, **SOON) for machine, folder in folders.items()}
    for machine, consumer in consumers.items():
        write(out[machine], event(f"first of {machine}"))
        drain(consumer)
    write(out["m"], event("a"), event("a", scored_at=NOON + 7, score=0.2), event("b"))
    write(out["n"], event("a", scored_at=NOON + 5, score=0.2), event("it's", score=0.3))
    for consumer in consumers.values():
        drain(consumer)
    assert upkeep.compact(NAME, window=HOUR).repeated_events == 1
    columns = "event_id, epoch_us(scored_at) - epoch_us(TIMESTAMPTZ '2026-11-25 12:00Z'), repeat IS TRUE"
    found = [row for row in rows(columns) if row[0] in ("a", "b", "it's")]
    assert found == [("a", 0, False), ("a", 5, True), ("b", 0, False), ("it's", 0, False)]
    assert upkeep.compact(NAME, window=HOUR) == upkeep.NOTHING


def answer(event_id: str, at: int, score: float = 0.5, *, repeat: bool = False) -> Answer:
    return Answer(event_id, at, repeat, "cards@1", 17, 0.25, score)


def test_repeated__rows_alike_in_id_and_time__stay() -> None:
    found = [answer("a", at) for at in (0, 0, 5, 9, 10, 19)] + [answer("b", 3)]
    again, other = upkeep._repeated(found, 10)
    assert [(each.event_id, each.at) for each in again] == [("a", 5), ("a", 9), ("a", 19)]
    assert not other


def test_repeated__other_answers__are_marked_once_and_the_first_never() -> None:
    found = [answer("a", 0, 0.9, repeat=True), answer("a", 1), answer("a", 2, 0.1), answer("a", 3, 0.1, repeat=True)]
    found += [answer("b", 1), answer("b", 1, 0.1, repeat=True), answer("b", 4, 0.1)]
    again, other = upkeep._repeated(found, 10)
    assert again == [found[3], found[6]]
    assert other == [found[2]]


def test_delete_older__by_arrival__whatever_the_day_of_the_event(segments: Path) -> None:
    out = writer(segments)
    write(out, event("old", scored_at=NOON - 10 * DAY), event("late", occurred_at=NOON - 100 * DAY), label("old", 1))
    write(out, label("older", 1, NOON - 10 * DAY))
    consume(segments)
    before = datetime(2026, 11, 24, tzinfo=UTC)
    assert upkeep.delete_older(NAME, before)
    assert not upkeep.delete_older(NAME, before)
    assert upkeep.delete_older(delta.TableName(TENANT, INTENT, "labels"), before)
    assert rows("event_id") == ["late"]
    assert rows("event_id", kind="labels") == ["old"]
    assert consume(segments).tally.events.total() == 0


@pytest.mark.django_db
def test_retain_all__tenants_with_days_of_their_own__are_kept_so_long(segments: Path) -> None:
    usual, brief = serve(), serve()
    with platform_scope():
        Tenant.objects.filter(pk=brief.tenant.pk).update(retention_days=3)
    out, now = writer(segments), int(datetime.now(UTC).timestamp() * 1e6)
    for world in (usual, brief):
        keep_document(world.document, tenant=world.tenant.pk)
        for days in (2, 4, 11):
            at, scored = now - days * DAY, {"tenant": world.tenant.pk, "route": "all"}
            write(
                out, event(f"{days} days", scored_at=at, **scored), label(f"{days} days", 1, at, tenant=world.tenant.pk)
            )
    consume(segments)
    upkeep.retain_all(days=10)
    for kind in ("events", "labels"):
        assert rows("event_id", tenant=usual.tenant.pk, kind=kind) == ["2 days", "4 days"]
        assert rows("event_id", tenant=brief.tenant.pk, kind=kind) == ["2 days"]


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
