"""What the consumer does when the lake, Postgres or one table is in trouble: it keeps the segments, and goes on."""

import contextlib
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from deltalake.exceptions import DeltaError

from scoring.consumer import pending
from scoring.consumer.consumer import Consumer
from scoring.engine import document
from scoring.lake import delta, upkeep
from scoring.queue.record import encode
from scoring.queue.segments import segment_bases
from scoring.store import documents
from tests.documents import simple
from tests.scoring.eventlog import TENANT, event, ids, keep_document, rows, write, writer

EVENTS = delta.TableName(TENANT, "card-payments", "events")
SOON: dict[str, Any] = {"machine": "m", "flush_seconds": 0.0, "flush_events": 100}


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pending, "RETRY_SECONDS", 0.0)


def steps(consumer: Consumer, count: int = 5) -> None:
    for _ in range(count):
        consumer.step()


def test_consumer__one_table_cannot_be_written__others_go_on_and_it_catches_up(segments: Path) -> None:
    keep_document(simple().build(), tenant=8)
    out = writer(segments, max_bytes=2000)
    consumer = Consumer(segments, **SOON)
    place = Path(delta.TableName(8, "card-payments", "events").uri)
    place.parent.mkdir(parents=True)
    place.touch()  # where the table's folder should be
    for part in range(5):
        write(out, *[event(each, tenant=tenant) for each in ids(20, f"p{part}-") for tenant in (TENANT, 8)])
        steps(consumer, 20)
    assert len(rows("event_id")) == 100
    assert consumer.tally.events == {"0": 100}
    assert len(segment_bases(segments / "0")) > 5  # they wait for the other table
    place.unlink()
    steps(consumer, 200)  # each reads one segment
    assert len(rows("event_id", tenant=8)) == len(rows("event_id")) == 100
    assert len(segment_bases(segments / "0")) == 1
    assert consumer.tally.duplicates.total() == 0


def test_consumer__document_cannot_be_had__events_wait(segments: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(tenant: int, number: int) -> str:
        raise documents.Unavailable("Postgres is away")

    monkeypatch.setattr(documents, "_from_postgres", away)
    out, consumer = writer(segments), Consumer(segments, **SOON)
    write(out, event("a"), event("b", release=2))
    steps(consumer)
    assert rows("event_id") == []
    keep_document(simple().build(), number=2)
    steps(consumer)
    assert rows("event_id") == ["a", "b"]


def test_consumer__release_is_nowhere__its_events_alone_are_dropped(
    segments: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown(tenant: int, number: int) -> str:
        raise documents.Unknown("no such release")

    monkeypatch.setattr(documents, "_from_postgres", unknown)
    out, consumer = writer(segments), Consumer(segments, **SOON)
    write(out, event("a"), event("b", release=2))
    steps(consumer)
    assert rows("event_id") == ["a"]
    assert consumer.tally.dropped == {"0": 1}


def test_consumer__commit_made_but_reported_as_failed__is_not_made_again(
    segments: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    append = delta.append

    def failing_afterwards(*arguments: Any) -> None:
        append(*arguments)
        raise OSError("the checkpoint could not be written")

    monkeypatch.setattr(delta, "append", failing_afterwards)
    out, consumer = writer(segments), Consumer(segments, **SOON)
    write(out, *[event(each) for each in ids(3)])
    steps(consumer)
    assert rows("event_id") == ids(3)
    assert consumer.tally.events == {"0": 3}


def test_consumer__record_of_an_unknown_kind__is_set_aside_and_others_are_kept(segments: Path) -> None:
    out, consumer = writer(segments), Consumer(segments, **SOON)
    out.append([b"\x01 no record"])
    write(out, event("a"))
    steps(consumer)
    assert rows("event_id") == ["a"]
    assert len(list((segments / "quarantine").iterdir())) == 1


def test_consumer__record_with_bytes_that_are_no_text__is_set_aside_and_others_are_kept(segments: Path) -> None:
    out, consumer = writer(segments), Consumer(segments, **SOON)
    out.append([encode(event("a")).replace(b"card-payments", b"card-pay\xb0ents")])
    write(out, event("b"))
    steps(consumer)
    assert rows("event_id") == ["b"]
    assert len(list((segments / "quarantine").iterdir())) == 1


def test_consumer__other_commits_beside_its_own__neither_loses_rows(segments: Path) -> None:
    out, consumer = writer(segments), Consumer(segments, **SOON)
    for part in range(12):
        write(out, *[event(each) for each in ids(5, f"p{part:02d}-")])
        steps(consumer, 2)
        if part % 5 == 4:  # through table objects that the consumer knows nothing of
            upkeep.compact(EVENTS, window=timedelta(hours=1))
            upkeep.vacuum(EVENTS, hours=0)
            upkeep.delete_older(EVENTS, datetime(2026, 1, 1, tzinfo=UTC))
    assert len(rows("event_id")) == 60


def test_consumer__compaction_at_the_same_time__neither_loses_rows(segments: Path) -> None:
    def compact() -> None:
        while not done.is_set():
            with contextlib.suppress(DeltaError):
                upkeep.compact(EVENTS, window=timedelta(hours=1))

    done, out, consumer = threading.Event(), writer(segments), Consumer(segments, **SOON)
    thread = threading.Thread(target=compact)
    thread.start()
    try:
        for part in range(40):
            write(out, *[event(each) for each in ids(5, f"p{part:02d}-")])
            steps(consumer, 2)
    finally:
        done.set()
        thread.join()
    steps(consumer)
    assert len(rows("event_id")) == 200
    assert consumer.tally.events == {"0": 200}


def test_consumer__two_machines_add_the_same_feature_with_other_types__both_are_kept(segments: Path) -> None:
    types = {2: "integer", 3: "number"}
    for number, kind in types.items():
        content = simple()
        intent = content.intents["card-payments"]
        features = (*intent.features, document.Feature("x", type=kind))
        content.intents["card-payments"] = msgspec.structs.replace(intent, features=features)
        keep_document(content.build(), number=number)
    folders = [segments, segments.parent / "other"]
    outs = [writer(folder) for folder in folders]
    consumers = [Consumer(folder, **SOON | {"machine": str(n)}) for n, folder in enumerate(folders)]
    for number in range(2):  # both have the table open, without the feature
        write(outs[number], event(f"first {number}"))
        steps(consumers[number], 3)
    write(outs[0], event("a", release=2, features={"x": 5}))
    write(outs[1], event("b", release=3, features={"x": 2.5}))
    for consumer in consumers:
        steps(consumer)
    assert rows('event_id, feature_x, "feature_x~~number"')[:2] == [("a", 5, None), ("b", None, 2.5)]


def test_consumer__commit_made_but_neither_told_nor_to_be_seen_at_once__is_not_made_again(
    segments: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    append, open_table = delta.append, delta.open_table

    def away(*arguments: Any) -> None:
        raise OSError("the lake does not answer")

    def lost_on_the_way_back(*arguments: Any) -> None:
        append(*arguments)
        monkeypatch.setattr(delta, "open_table", away)
        away()

    out, consumer = writer(segments), Consumer(segments, **SOON)
    write(out, event("a"))
    steps(consumer)
    monkeypatch.setattr(delta, "append", lost_on_the_way_back)
    write(out, *[event(each) for each in ids(3)])
    steps(consumer)
    monkeypatch.setattr(delta, "append", append)
    monkeypatch.setattr(delta, "open_table", open_table)
    steps(consumer)
    assert rows("event_id") == ["a", *ids(3)]
    assert consumer.tally.events == {"0": 4}
