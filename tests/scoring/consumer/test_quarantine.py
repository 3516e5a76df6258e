"""A table that cannot be written for good: nothing waits for it, and nothing of it is lost."""

import shutil
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pytest
from deltalake import write_deltalake

from scoring.consumer import consumer as consuming
from scoring.consumer import pending, quarantine
from scoring.consumer.consumer import Consumer
from scoring.lake import delta
from scoring.queue import system
from scoring.queue.segments import segment_bases
from tests.documents import simple
from tests.scoring.eventlog import TENANT, event, ids, keep_document, label, rows, write, writer

SOON: dict[str, Any] = {"machine": "m", "flush_seconds": 0.0, "flush_events": 100}
OTHER = 8
NAME = delta.TableName(OTHER, "card-payments", "events")


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pending, "RETRY_SECONDS", 0.0)
    monkeypatch.setattr(consuming, "SURE_SECONDS", 0.0)


@pytest.fixture
def spoilt(segments: Path) -> Path:
    """The other tenant's table takes no events: its scores are texts. No intent has an idempotency that would help."""
    documents = simple()
    documents.intents = {
        name: msgspec.structs.replace(intent, idempotency_seconds=0) for name, intent in documents.intents.items()
    }
    for tenant in (TENANT, OTHER):
        keep_document(documents.build(), tenant=tenant)
    write_deltalake(NAME.uri, pa.table({"event_id": ["x"], "score": ["a text"]}))
    return segments


def steps(consumer: Consumer, count: int = 20) -> None:
    for _ in range(count):
        consumer.step()
    consumer._upkeep()


def mend(consumer: Consumer) -> None:
    """Make the table writable, and let it be tried."""
    shutil.rmtree(NAME.uri)
    for table in consumer._tables.values():
        table.quarantine._put_back_at = 0.0


def fill(out: Any, part: int, count: int = 20) -> list[str]:
    names = list(ids(count, f"p{part}-"))
    write(out, *[event(each, tenant=tenant) for each in names for tenant in (TENANT, OTHER)])
    return names


def test_consumer__schema_refused_for_good__quarantine_holds_nothing_up_and_all_comes_back(spoilt: Path) -> None:
    out, consumer, names = writer(spoilt, max_bytes=2000), Consumer(spoilt, **SOON), []
    for part in range(5):
        names += fill(out, part)
        steps(consumer, 60)
    assert rows("event_id") == sorted(names)
    assert len(segment_bases(spoilt / "0")) == 1
    (state,) = consumer.quarantined
    assert (state.table, state.records, state.lost) == (NAME, 100, 0)
    assert "ast error" in state.reason or "chema" in state.reason
    mend(consumer)
    steps(consumer)
    assert rows("event_id", tenant=OTHER) == sorted(names)
    assert consumer.quarantined == []
    assert not list((spoilt / "quarantine").glob("*/*/*/*"))
    names += fill(out, 5)
    steps(consumer)
    assert rows("event_id", tenant=OTHER) == rows("event_id") == sorted(names)


def test_consumer__rows_cannot_be_made__quarantine_too(segments: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keep_document(simple().build(), tenant=OTHER)
    out, consumer = writer(segments), Consumer(segments, **SOON)

    def refuse(*arguments: Any) -> None:
        raise TypeError("no rows")

    with monkeypatch.context() as broken:
        broken.setattr("scoring.lake.columns.label_table", refuse)
        write(out, label("a", 1), event("a"))
        steps(consumer)
        assert rows("event_id") == ["a"]
        assert [(state.table.kind, state.reason) for state in consumer.quarantined] == [
            ("labels", "TypeError: no rows")
        ]
    consumer = Consumer(segments, **SOON)  # a new one tries at once
    steps(consumer, 5)
    assert rows("event_id", kind="labels") == ["a"]
    assert consumer.quarantined == []


@pytest.mark.parametrize("where", ["lake", "postgres"])
def test_consumer__fault_that_passes__is_waited_for_however_long(
    segments: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    from scoring.store.documents import Unavailable

    def away(*arguments: Any, **named: Any) -> Any:
        raise OSError("the lake is away") if where == "lake" else Unavailable("Postgres is away")

    place = "scoring.lake.delta.append" if where == "lake" else "scoring.store.documents.Documents.get"
    out, consumer = writer(segments), Consumer(segments, **SOON)
    monkeypatch.setattr(consuming, "DOUBTFUL_SECONDS", 0.0)
    write(out, event("a"), event("b", intent="card-payments"))
    with monkeypatch.context() as broken:
        broken.setattr(place, away)
        steps(consumer)
        assert consumer.quarantined == []
    steps(consumer)
    assert rows("event_id") == ["a", "b"]


def test_consumer__one_table_fails_while_the_lake_takes_others__is_set_apart_after_long(
    segments: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep_document(simple().build(), tenant=OTHER)
    place = Path(NAME.uri)
    place.parent.mkdir(parents=True)
    place.touch()  # where the table's folder should be
    out, consumer = writer(segments), Consumer(segments, **SOON)
    fill(out, 0)
    steps(consumer)
    assert consumer.quarantined == []
    monkeypatch.setattr(consuming, "DOUBTFUL_SECONDS", 0.0)
    fill(out, 1)
    steps(consumer)
    assert [(state.table, state.records) for state in consumer.quarantined] == [(NAME, 40)]
    place.unlink()
    steps(Consumer(segments, **SOON))
    assert len(rows("event_id", tenant=OTHER)) == 40


def test_consumer__killed_while_in_quarantine__each_record_once(spoilt: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As after `kill -9`: the consumer is simply given up, at each write to the disk in turn."""
    out, names = writer(spoilt, max_bytes=2000), []
    written = system.pwrite

    class Killed(BaseException):
        pass

    for part in range(6):
        names += fill(out, part)

        def torn(descriptor: int, data: bytes, offset: int, part: int = part) -> int:
            written(descriptor, data[: len(data) * part // 5], offset)
            raise Killed

        with monkeypatch.context() as dying:
            dying.setattr(system, "pwrite", torn)
            with pytest.raises(Killed):
                steps(Consumer(spoilt, **SOON), 100)
        steps(Consumer(spoilt, **SOON), 100)
    consumer = Consumer(spoilt, **SOON)
    steps(consumer, 5)
    assert [state.records for state in consumer.quarantined] == [120]
    mend(consumer)
    taken = quarantine.Quarantine.taken

    def killed(self: Any) -> None:
        raise Killed

    monkeypatch.setattr(quarantine, "CHUNK", 4000)  # some portions
    for _ in range(3):
        monkeypatch.setattr(quarantine.Quarantine, "taken", killed)
        with pytest.raises(Killed):  # what it has committed is still in the file
            steps(Consumer(spoilt, **SOON))
        monkeypatch.setattr(quarantine.Quarantine, "taken", taken)
    steps(Consumer(spoilt, **SOON), 60)
    assert rows("event_id", tenant=OTHER) == rows("event_id") == sorted(names)
    assert quarantine.quarantined(spoilt) == []


def test_consumer__quarantine_is_full__only_its_own_records_are_lost_and_counted(spoilt: Path) -> None:
    out, consumer = writer(spoilt), Consumer(spoilt, **SOON, quarantine_bytes=3000)
    names = fill(out, 0, 40)
    steps(consumer, 40)
    (state,) = consumer.quarantined
    assert rows("event_id") == names
    assert state.lost > 0
    assert state.records + state.lost == 40
    assert [(state.records, state.lost)] == [(each.records, each.lost) for each in _states_anew(spoilt)]
    mend(consumer)
    steps(consumer)
    assert rows("event_id", tenant=OTHER) == names[: state.records]


def _states_anew(segments: Path) -> list[quarantine.QuarantineState]:
    consumer = Consumer(segments, **SOON, quarantine_bytes=3000)
    consumer._upkeep()
    return consumer.quarantined


def test_consumer__quarantine_cannot_be_written__its_records_wait_in_their_segments(
    spoilt: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*arguments: Any) -> int:
        raise OSError("the disk is full")

    out, consumer = writer(spoilt), Consumer(spoilt, **SOON)
    names = fill(out, 0)
    with monkeypatch.context() as no_room:
        no_room.setattr(system, "pwrite", full)
        steps(consumer, 40)
        assert [state.records for state in consumer.quarantined] == [0]
        assert rows("event_id") == names
    steps(consumer, 40)
    assert [state.records for state in consumer.quarantined] == [20]


def test_consumer__tenant_is_erased__its_quarantine_too(spoilt: Path) -> None:
    out, consumer = writer(spoilt), Consumer(spoilt, **SOON)
    fill(out, 0)
    steps(consumer, 40)
    assert quarantine.quarantined(spoilt) == [NAME]
    delta.erase(OTHER)
    steps(Consumer(spoilt, **SOON), 5)
    assert quarantine.quarantined(spoilt) == []
    assert delta.table_names(tenant=OTHER) == []
