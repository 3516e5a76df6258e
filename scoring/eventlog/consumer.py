"""The event consumer: follows the lanes of one machine and writes their records to the lake, each exactly once.

It may be killed at any point. A segment is deleted only when every table that it touches has committed its records, and
a table's own application transactions tell what it has; so starting again means reading what segments there are.
"""

import fcntl
import os
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from threading import Event

import msgspec
import structlog

from scoring.eventlog import lake
from scoring.eventlog.batches import EventMaker, LabelMaker, Tally
from scoring.eventlog.documents import Documents
from scoring.eventlog.lanes import Group, LaneReader, lanes, lost_events
from scoring.eventlog.pending import PendingTable
from scoring.eventlog.record import EventRecord, Record, decode
from scoring.eventlog.shadows import ShadowRunner

POLL_SECONDS = 0.2
UPKEEP_SECONDS = 1.0
LOCK = "consumer.lock"
HELD_FLUSHES = 4  # how many flushes' worth of records are held at most, over all tables

log = structlog.get_logger(__name__)

Key = tuple[int, str, lake.Kind]


@dataclass(frozen=True)
class LaneState:
    """How far the consumer is in a lane, and what it found there since it began; `at` is when that was so."""

    lane: str
    position: int
    behind_bytes: int
    events: int
    duplicates: int
    dropped: int
    lost_events: int
    at: datetime = field(default_factory=lambda: datetime.now(UTC))


@contextmanager
def only_consumer(segments: Path, stop: Event) -> Iterator[bool]:
    """Be the one consumer of these segments; wait for it while there is another. False: told to stop meanwhile."""
    segments.mkdir(parents=True, exist_ok=True)
    with (segments / LOCK).open("a") as file:
        said = False
        while not _locked(file.fileno()):
            if not said:
                log.warning("Another consumer follows these segments; waiting for it to end.", segments=str(segments))
                said = True
            if stop.wait(POLL_SECONDS):
                yield False
                return
        yield True


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


class Consumer:
    """One machine's consumer; run it under `only_consumer`.

    flush_seconds, flush_events: age and number at which a table's records are committed. sync: bring the lake's files
    to the disk before segments are deleted. on_commit: told the name of each table that has got a commit.
    """

    def __init__(
        self,
        segments: Path,
        *,
        machine: str,
        flush_seconds: float,
        flush_events: int,
        sync: bool = False,
        on_commit: Callable[[lake.TableName], None] = lambda name: None,
    ) -> None:
        self.tally = Tally()
        self.shadows = ShadowRunner()
        self._segments = segments
        self._machine = machine
        self._flush_seconds = flush_seconds
        self._flush_events = flush_events
        self._before_delete = os.sync if sync and lake.is_local() else lambda: None
        self._on_commit = on_commit
        self._documents = Documents()
        self._lanes: dict[str, LaneReader] = {}
        self._tables: dict[Key, PendingTable] = {}
        self._upkeep_at = 0.0
        self._unreadable = 0
        self.states: list[LaneState] = []

    def run(self, stop: Event, *, drain: bool = False) -> None:
        """Follow the lanes until told to stop; with `drain`, until all that there is has been committed."""
        try:
            while not stop.is_set():
                busy = self.step(flush_all=drain)
                if drain and not busy and self._all_committed():
                    break
                if not busy:
                    stop.wait(POLL_SECONDS)
            self._upkeep()
        finally:
            self.shadows.close()

    def step(self, *, flush_all: bool = False) -> bool:
        """One round over lanes and tables; returns whether anything was read or committed."""
        read = self._read_lanes()
        flushed = self._flush_due(everything=(flush_all and not read) or self._holds_much())
        if flushed or time.monotonic() >= self._upkeep_at:
            self._upkeep()
        return read or flushed

    def _read_lanes(self) -> bool:
        for name in lanes(self._segments):
            if name not in self._lanes:
                self._lanes[name] = LaneReader(self._segments, name)
        read = False
        for name, reader in self._lanes.items():
            groups = reader.read()
            read = read or bool(groups)
            for group in groups:
                self._take(name, group)
        return read

    def _take(self, lane: str, group: Group) -> None:
        by_table: defaultdict[Key, list[Record]] = defaultdict(list)
        for payload in group.records:
            try:
                record = decode(payload)
            except msgspec.DecodeError as error:
                self._note_unreadable(lane, group, error)
                continue
            by_table[record.tenant, record.intent, _kind(record)].append(record)
        for key, records in by_table.items():
            table = self._tables.get(key) or self._new_table(key)
            table.add(lane, group.start, group.end, records)

    def _note_unreadable(self, lane: str, group: Group, error: Exception) -> None:
        self._unreadable += 1
        kept = self._lanes[lane].set_aside(group.start)
        log.error("A record is of no known kind, and is left out.", lane=lane, position=group.start, kept=kept,
                  reason=str(error))  # fmt: skip

    def _new_table(self, key: Key) -> PendingTable:
        name = lake.TableName(*key)
        if name.kind == "labels":
            made = PendingTable(name, machine=self._machine, make=LabelMaker(self.tally))
        else:
            maker = EventMaker(name, documents=self._documents, shadows=self.shadows, tally=self.tally)
            made = PendingTable(name, machine=self._machine, make=maker)
        self._tables[key] = made
        return made

    def _holds_much(self) -> bool:
        return sum(len(table.records) for table in self._tables.values()) >= HELD_FLUSHES * self._flush_events

    def _flush_due(self, *, everything: bool) -> bool:
        now = time.monotonic()
        flushed = False
        for table in list(self._tables.values()):
            old = now - table.since >= self._flush_seconds
            due = everything or old or len(table.records) >= self._flush_events or not table.records
            if not table.idle and due and table.may_try:
                flushed = self._flush(table) or flushed
        return flushed

    def _flush(self, table: PendingTable) -> bool:
        """Commit one table. What goes wrong with it stops no other: it is tried again, ever more seldom."""
        try:
            if lake.is_erased(table.name.tenant):
                self._drop(table)
                return True
            again = table.flush()
            if lake.is_erased(table.name.tenant):  # while we wrote
                lake.erase(table.name.tenant)
        except Exception as error:
            log.error("Events could not be written to their table; they wait in their segments.",
                      table=table.name.path, records=len(table.records), reason=f"{type(error).__name__}: {error}",
                      exc_info=not isinstance(error, lake.Failure))  # fmt: skip
            return False
        for lane, position in again.items():
            self._lanes[lane].rewind(position)
        self._on_commit(table.name)
        return True

    def _drop(self, table: PendingTable) -> None:
        dropped = Counter(table.lanes)
        self.tally.dropped.update(dropped)
        table.drop()
        self._documents.forget(table.name.tenant)
        log.warning("Events of an erased tenant are dropped.", table=table.name.path, records=dropped.total())

    def _upkeep(self) -> None:
        """Delete what is in every table, and note how far each lane is."""
        self._upkeep_at = time.monotonic() + UPKEEP_SECONDS
        states = []
        for name, reader in self._lanes.items():
            position = self._safe_position(reader)
            try:
                reader.delete_until(position, self._before_delete)
            except OSError as error:
                log.error("A segment could not be deleted.", lane=name, reason=str(error))
            states.append(self._state(reader, position))
        self.states = states

    def _safe_position(self, reader: LaneReader) -> int:
        """Everything in the lane before it is in its table."""
        held = [table.holds_from(reader.name) for table in self._tables.values()]
        return min([reader.position, *[position for position in held if position is not None]])

    def _state(self, reader: LaneReader, position: int) -> LaneState:
        return LaneState(
            lane=reader.name,
            position=position,
            behind_bytes=reader.bytes_after(position),
            events=self.tally.events[reader.name],
            duplicates=self.tally.duplicates[reader.name],
            dropped=self.tally.dropped[reader.name],
            lost_events=lost_events(reader.path),
        )

    def _all_committed(self) -> bool:
        return all(table.idle for table in self._tables.values())


def _kind(record: Record) -> lake.Kind:
    return "events" if isinstance(record, EventRecord) else "labels"
