"""The event consumer: follows the lanes of one machine and writes their records to the lake, each exactly once.

It may be killed at any point. A segment is deleted only when every table that it touches has committed its records, and
a table's own application transactions tell what it has; so starting again means reading what segments there are.

What goes wrong with a table passes, or is its own for good. A lake or a Postgres that does not answer passes, and is
waited for. It is the table's own (`_is_for_good`) when it has failed again and again for a minute, and

- no rows can be made of its records, or Delta refuses them for their schema: no waiting mends that; or
- it is anything else, for ten minutes, in which the lake has taken commits of other tables.

Such a table goes to quarantine (quarantine.py), so that nothing waits for it; it is tried again every five minutes.
"""

import fcntl
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from threading import Event

import msgspec
import structlog

from scoring.consumer.batches import EventMaker, LabelMaker, Tally
from scoring.consumer.pending import CannotMake, Maker, Part, PendingTable
from scoring.consumer.quarantine import Quarantine, QuarantineState, quarantined
from scoring.consumer.shadows import ShadowRunner
from scoring.lake import delta
from scoring.queue import system
from scoring.queue.columnar import decode
from scoring.queue.lanes import Group, LaneReader, lanes, lost_events
from scoring.queue.record import EventRecord, Record
from scoring.store.documents import Documents, Unavailable

POLL_SECONDS = 0.2
UPKEEP_SECONDS = 1.0
LOCK = "consumer.lock"
TRIES, SURE_SECONDS, DOUBTFUL_SECONDS = 5, 60.0, 600.0
_REFUSED = re.compile(r"schema|cast error", re.IGNORECASE)  # delta-rs has no type for most of it
HELD_FLUSHES = 4  # how many flushes' worth of records are held at most, over all tables

log = structlog.get_logger(__name__)

Key = tuple[int, str, delta.Kind]


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
    conflicts: int = 0
    set_aside: int = 0
    at: datetime = field(default_factory=lambda: datetime.now(UTC))


@contextmanager
def only_consumer(segments: Path, stop: Event) -> Iterator[bool]:
    """Be the one consumer of these segments; wait for it while there is another. False: told to stop meanwhile."""
    segments.mkdir(parents=True, exist_ok=True)
    with (segments / LOCK).open("a") as file:
        is_logged = False
        while not _locked(file.fileno()):
            if not is_logged:
                log.warning("Another consumer follows these segments; waiting for it to end.", segments=str(segments))
                is_logged = True
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
    to the disk before anything relies upon them. quarantine_bytes: bound of what one table has in quarantine.
    on_commit: told the name of each table that has got a commit.
    """

    def __init__(
        self,
        segments: Path,
        *,
        machine: str,
        flush_seconds: float,
        flush_events: int,
        sync: bool = False,
        quarantine_bytes: int = 1 << 30,
        on_commit: Callable[[delta.TableName], None] = lambda name: None,
    ) -> None:
        self.tally = Tally()
        self.shadows = ShadowRunner()
        self._segments = segments
        self._machine = machine
        self._flush_seconds = flush_seconds
        self._flush_events = flush_events
        self._sync_lake = system.sync_all if sync and delta.is_local() else lambda: None
        self._quarantine_bytes = quarantine_bytes
        self._on_commit = on_commit
        self._documents = Documents()
        self._lanes: dict[str, LaneReader] = {}
        self._tables: dict[Key, PendingTable] = {}
        self._upkeep_at = 0.0
        self._committed_at: dict[Key, float] = {}
        self.states: list[LaneState] = []
        self.quarantined: list[QuarantineState] = []
        for name in quarantined(segments):
            self._new_table((name.tenant, name.intent, name.kind))

    def run(self, stop: Event, *, drain: bool = False, finish: bool = False) -> None:
        """Follow the lanes until told to stop; with `drain`, until all that there is has been committed.

        finish: when told to stop, commit all that there is before.
        """
        try:
            self._follow(stop, drain)
            if finish:
                self._follow(Event(), drain=True)
            self._upkeep()
        finally:
            self.shadows.close()

    def _follow(self, stop: Event, drain: bool) -> None:
        while not stop.is_set():
            busy = self.step(flush_all=drain)
            if drain and not busy and self._all_committed():
                break
            if not busy:
                stop.wait(POLL_SECONDS)

    def step(self, *, flush_all: bool = False) -> bool:
        """One round over lanes and tables; returns whether anything was read or committed."""
        read = self._read_lanes()
        flushed = self._flush_due(everything=(flush_all and not read) or self._holds_much())
        if flushed or system.monotonic() >= self._upkeep_at:
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
            self._take(name, groups)
        return read

    def _take(self, lane: str, groups: Iterable[Group]) -> None:
        by_table: defaultdict[Key, list[Part]] = defaultdict(list)
        for group in groups:
            own: defaultdict[Key, list[Record]] = defaultdict(list)
            for payload in group.records:
                for record in self._decoded(lane, group, payload):
                    own[record.tenant, record.intent, _kind(record)].append(record)
            for key, records in own.items():
                by_table[key].append(Part(group.start, group.end, records))
        for key, parts in by_table.items():
            table = self._tables.get(key) or self._new_table(key)
            table.add(lane, parts)

    def _decoded(self, lane: str, group: Group, payload: bytes) -> Sequence[Record]:
        try:
            return decode(payload)
        except msgspec.DecodeError as error:
            self._note_unreadable(lane, group, error)
            return []

    def _note_unreadable(self, lane: str, group: Group, error: Exception) -> None:
        kept = self._lanes[lane].set_aside(group.start)
        log.error("A record is of no known kind, and is left out.", lane=lane, position=group.start, kept=kept,
                  reason=str(error))  # fmt: skip

    def _new_table(self, key: Key) -> PendingTable:
        name = delta.TableName(*key)
        events = EventMaker(name, documents=self._documents, shadows=self.shadows, tally=self.tally)
        make: Maker = events if name.kind == "events" else LabelMaker(self.tally)
        quarantine = Quarantine(self._segments, name, bound=self._quarantine_bytes, sync_lake=self._sync_lake)
        table = PendingTable(name, machine=self._machine, make=make, quarantine=quarantine)
        self._tables[key] = table
        return table

    def _holds_much(self) -> bool:
        return sum(table.held for table in self._tables.values()) >= HELD_FLUSHES * self._flush_events

    def _flush_due(self, *, everything: bool) -> bool:
        now = system.monotonic()
        flushed = False
        for table in list(self._tables.values()):
            old = now - table.since >= self._flush_seconds
            much = table.held >= self._flush_events
            due = everything or old or much or not table.held or table.quarantine.may_put_back
            if not table.idle and due and table.may_try:
                flushed = self._flush(table) or flushed
            if table.quarantine.may_put_back and table.idle:
                flushed = self._put_back(table) or flushed
        return flushed

    def _flush(self, table: PendingTable) -> bool:
        """Commit one table. What goes wrong with it stops no other: it is tried again, ever more seldom."""
        try:
            if not table.quarantine.active and self._dropped(table):
                return True
            again = table.flush()
            self._dropped(table)  # while we wrote
        except Exception as error:
            log.error("Events could not be written to their table; they wait in their segments.",
                      table=table.name.path, records=table.held, reason=_reason(error),
                      exc_info=not isinstance(error, delta.Failure))  # fmt: skip
            return self._is_for_good(table, error) and self._set_apart(table, error)
        self._read_again(again)
        if not table.quarantine.active:
            self._has_committed(table)
        return True

    def _read_again(self, again: Mapping[str, int]) -> None:
        for lane, position in again.items():
            self._lanes[lane].rewind(position)

    def _has_committed(self, table: PendingTable) -> None:
        self._committed_at[_key(table)] = system.monotonic()
        self._on_commit(table.name)

    def _is_for_good(self, table: PendingTable, error: Exception) -> bool:
        """Whether waiting mends it hardly: see above."""
        if table.quarantine.active or isinstance(error, Unavailable) or table.failures < TRIES:
            return False
        failing = system.monotonic() - table.failing_since
        if isinstance(error, CannotMake) or (not isinstance(error, OSError) and _REFUSED.search(str(error))):
            return failing >= SURE_SECONDS
        others = [at for key, at in self._committed_at.items() if key != _key(table)]
        return failing >= DOUBTFUL_SECONDS and max(others, default=0.0) > table.failing_since

    def _set_apart(self, table: PendingTable, error: Exception) -> bool:
        try:
            again = table.set_apart(_reason(error))
        except OSError as fault:
            log.error("A table could not be put in quarantine.", table=table.name.path, reason=str(fault))
            return False
        log.error("A table is in quarantine: its events are kept in a file until it can be written; others go on.",
                  table=table.name.path, file=str(table.quarantine.folder), reason=_reason(error))  # fmt: skip
        self._read_again(again)
        return True

    def _put_back(self, table: PendingTable) -> bool:
        """Try to write what a table has in quarantine; whether it has got on."""
        try:
            if self._dropped(table):
                return True
            more = table.put_back()
            self._dropped(table)  # while we wrote
            if not more and table.idle:
                self._sync_lake()  # what the lake has got must be safe before its file goes
        except Exception as error:
            log.error("A table cannot be written yet; its events stay in quarantine.", table=table.name.path,
                      reason=_reason(error))  # fmt: skip
            table.quarantine.later()
            return False
        self._has_committed(table)
        if not more and table.idle:
            table.end_quarantine()
            log.warning("A table can be written again; nothing is left in quarantine.", table=table.name.path)
        return True

    def _dropped(self, table: PendingTable) -> bool:
        """Whether its tenant is erased; then nothing is left of what it held, nor of what it wrote."""
        if not delta.is_erased(table.name.tenant):
            return False
        delta.erase(table.name.tenant)
        self._drop(table)
        return True

    def _drop(self, table: PendingTable) -> None:
        dropped = Counter(table.lanes)
        self.tally.dropped.update(dropped)
        table.drop()
        self._documents.forget(table.name.tenant)
        log.warning("Events of an erased tenant are dropped.", table=table.name.path, records=dropped.total())

    def _upkeep(self) -> None:
        """Delete what is in every table, and note how far each lane is."""
        self._upkeep_at = system.monotonic() + UPKEEP_SECONDS
        states = []
        for name, reader in self._lanes.items():
            position = self._safe_position(reader)
            try:
                reader.delete_until(position, self._sync_lake)
            except OSError as error:
                log.error("A segment could not be deleted.", lane=name, reason=str(error))
            states.append(self._state(reader, position))
        self.states = states
        self.quarantined = [table.quarantine.state for table in self._tables.values() if table.quarantine.active]

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
            conflicts=self.tally.conflicts[reader.name],
            set_aside=reader.kept(),
        )

    def _all_committed(self) -> bool:
        return all(table.idle for table in self._tables.values())


def _key(table: PendingTable) -> Key:
    return table.name.tenant, table.name.intent, table.name.kind


def _reason(error: Exception) -> str:
    return str(error) if isinstance(error, CannotMake) else f"{type(error).__name__}: {error}"


def _kind(record: Record) -> delta.Kind:
    return "events" if isinstance(record, EventRecord) else "labels"
