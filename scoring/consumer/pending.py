"""What the consumer holds of one table: records that were read and are not committed, and how to commit them.

The table itself is the cursor. For each lane it says up to which position it has everything; what is at or before
that was committed already, by this process or by one that died, and is skipped.

A table that cannot be written for good is set apart: its records go to its quarantine instead, which is a cursor in the
same way, and from there, in the order of each lane, to the table, once that can be written.
"""

from collections.abc import Sequence
from itertools import chain, repeat
from typing import Any, NamedTuple, Protocol

import duckdb
import pyarrow as pa
import structlog
from deltalake import DeltaTable

from scoring import memory
from scoring.consumer.quarantine import Quarantine
from scoring.lake import delta
from scoring.lake.delta import TableName
from scoring.queue import system
from scoring.queue.record import Record, decode, encode
from scoring.store.documents import Unavailable

RETRY_SECONDS = 2.0
LONGEST_RETRY_SECONDS = 60.0
COMMITS_OF_ONE_VIEW = 25  # after which a table is opened anew: delta-rs holds on to each commit that it has made itself

log = structlog.get_logger(__name__)


class Batch(Protocol):
    """Records made ready for a commit: the rows, notes for the log, and what to do when they are in."""

    data: pa.Table | None
    notes: Any

    def committed(self) -> None: ...


class Maker(Protocol):
    """Turns records, each from its lane, into a batch. Raises documents.Unavailable when it cannot now."""

    def __call__(self, records: Sequence[Any], lanes: Sequence[str], table: DeltaTable | None) -> Batch: ...


class Part(NamedTuple):
    """The records that a group has for one table, and where in its lane the group is."""

    start: int
    end: int
    records: Sequence[Record]


class CannotMake(Exception):
    """No rows can be made of the records: the lake has nothing to do with it."""


class PendingTable:
    """Records on their way to one table.

    machine: the slot, which begins the names of application transactions. make: turns records into rows. Of what
    comes while the table cannot be written, only the position is kept, and the lane is read again from there.
    """

    def __init__(self, name: TableName, *, machine: str, make: Maker, quarantine: Quarantine) -> None:
        self.name = name
        self.quarantine = quarantine
        self.failures = 0
        self.failing_since = 0.0
        self.records: list[Record] = []
        self.lanes: list[str] = []  # of each record
        self.since = 0.0
        self._machine = machine
        self._make = make
        self._table: DeltaTable | None = None
        self._opened = False
        self._commits = 0  # since it was opened
        self._in_doubt = False  # whether what is held may have been committed
        self._first: dict[str, int] = {}  # lane → where the first record that is held begins
        self._last: dict[str, int] = {}  # lane → where the last one ends
        self._committed: dict[str, int] = {}
        self._left_out: dict[str, int] = {}  # lane → where the first record begins that is to be read again
        self._retry_at = 0.0

    def add(self, lane: str, parts: Sequence[Part]) -> None:
        """Take what groups of a lane have for this table, in their order. What the table has already is skipped."""
        if self.quarantine.active:
            for part in parts:
                self._set_aside(lane, *part)
        elif not self._opened and not self._open():
            self._left_out.setdefault(lane, parts[0].start)
        else:
            new = [part for part in parts if part.end > self._seen(lane)]
            if new and (self.failing or lane in self._left_out):
                self._left_out.setdefault(lane, new[0].start)
            elif new:
                self._hold(lane, new)

    def _hold(self, lane: str, parts: Sequence[Part]) -> None:
        if not self.records:
            self.since = system.monotonic()
        self._first.setdefault(lane, parts[0].start)
        self._last[lane] = parts[-1].end
        before = len(self.records)
        self.records.extend(chain.from_iterable(part.records for part in parts))
        self.lanes.extend(repeat(lane, len(self.records) - before))

    def holds_from(self, lane: str) -> int | None:
        """Where the first record of a lane begins that is not committed yet; None when all are."""
        begins = [starts[lane] for starts in (self._first, self._left_out) if lane in starts]
        aside = self.quarantine.holds_from(lane)
        return min(begins if aside is None else [*begins, aside], default=None)

    @property
    def failing(self) -> bool:
        return self.failures > 0

    @property
    def held(self) -> int:
        """How many records are held in memory."""
        return len(self.records) + self.quarantine.held

    @property
    def idle(self) -> bool:
        """Nothing is waiting here, but for what is safe in quarantine."""
        return not self.held and not self._left_out

    @property
    def may_try(self) -> bool:
        """Whether it is worth trying now: after a failure it is only after a pause."""
        return system.monotonic() >= self._retry_at

    def flush(self) -> dict[str, int]:
        """Commit what is held. Returns lanes that must be read again, and from where.

        Raises what the lake or the making of rows raise; everything is held on to then.
        """
        try:
            if self.quarantine.active:
                self._sync_quarantine()
            else:
                if not self._opened or self._commits >= COMMITS_OF_ONE_VIEW:
                    self._load()
                    memory.give_back()
                if self.records:
                    self._commit()
        except BaseException:
            self._pause()
            raise
        self.failures = 0
        again, self._left_out = self._left_out, {}
        return again

    def set_apart(self, reason: str) -> dict[str, int]:
        """Send everything to quarantine from now on. Returns what `flush` does. Raises OSError, and nothing changes.

        What is held is in the lanes still, and is read again from there.
        """
        self.quarantine.begin(reason)
        again = {lane: start for lane in self._first | self._left_out if (start := self.holds_from(lane)) is not None}
        self._clear()
        self._left_out = {}
        self.failures, self._retry_at = 0, 0.0
        return again

    def put_back(self) -> bool:
        """Bring the next records from quarantine to the table; whether there may be more.

        Raises what `flush` does; then they stay where they are. A part that the table has already is skipped.
        """
        try:
            self._load()
            groups = self.quarantine.portion()
            for part, payloads in groups:
                if part.end > self._committed_in(part.lane) and payloads:
                    self._last[part.lane] = part.end
                    self.records.extend(map(decode, payloads))
                    self.lanes.extend([part.lane] * len(payloads))
            if self.records:
                self._commit()
        except BaseException:
            self._clear()
            raise
        self.quarantine.taken()
        return bool(groups)

    def end_quarantine(self) -> None:
        """All of it was put back, and nothing is held: the table is written to directly again."""
        self.quarantine.end()

    def drop(self) -> None:
        """Forget everything that is held, in quarantine too, for good."""
        self.quarantine.end()
        self._committed |= self._last
        self._left_out = {}
        self._clear()

    def _set_aside(self, lane: str, start: int, end: int, records: Sequence[Record]) -> None:
        if self.failing or lane in self._left_out:  # the quarantine itself cannot be written
            self._left_out.setdefault(lane, start)
        elif end > self.quarantine.seen(lane) and not (self._opened and end <= self._committed_in(lane)):
            if not self.quarantine.held:
                self.since = system.monotonic()
            self.quarantine.put(lane, start, end, [encode(record) for record in records])

    def _sync_quarantine(self) -> None:
        begins = {
            lane: start for lane in self.quarantine.lanes if (start := self.quarantine.holds_from(lane)) is not None
        }
        try:
            self.quarantine.sync()
        except OSError:
            self._left_out = begins | self._left_out
            raise

    def _open(self) -> bool:
        if not self.may_try:
            return False
        try:
            self._load()
        except delta.Failure as error:
            self._pause()
            log.error("An event table cannot be read; its events wait.", table=self.name.path, reason=str(error))
            return False
        return True

    def _load(self) -> None:
        self._table = delta.open_table(self.name)
        self._committed = {}
        self._opened = True
        self._commits = 0

    def _seen(self, lane: str) -> int:
        return self._last.get(lane) or self._committed_in(lane)

    def _committed_in(self, lane: str) -> int:
        if lane not in self._committed:
            version = self._table.transaction_version(self._app(lane)) if self._table is not None else None
            self._committed[lane] = version or 0
        return self._committed[lane]

    def _app(self, lane: str) -> str:
        return f"{self._machine}/{lane}"

    def _commit(self) -> None:
        batch = self._batch()
        if batch.data is not None:
            self._append(batch.data, batch.notes)
        batch.committed()
        self._committed |= self._last
        self._clear()

    def _batch(self) -> Batch:
        try:
            return self._make(self.records, self.lanes, self._table)
        except (*delta.Failure, Unavailable, duckdb.Error, MemoryError):
            raise
        except Exception as error:
            raise CannotMake(f"{type(error).__name__}: {error}") from error

    def _append(self, data: pa.Table, notes: Any) -> None:
        """Commit, unless the table has it: a commit that failed may have been made all the same, also a while later."""
        if self._in_doubt and self._has_all():
            return
        self._in_doubt = True  # until the table itself was seen to have it
        transactions = {self._app(lane): end for lane, end in self._last.items()}
        try:
            delta.append(self.name, self._table, data, transactions, notes)
        except Exception:  # what delta-rs refuses has many types
            if not self._has_all():
                raise
        if self._table is None:
            self._load()
        self._commits += 1
        self._in_doubt = False

    def _has_all(self) -> bool:
        """Whether the table, opened anew, has everything that is held."""
        self._load()
        return all(self._committed_in(lane) >= end for lane, end in self._last.items())

    def _clear(self) -> None:
        self.records, self.lanes = [], []
        self._first, self._last = {}, {}

    def _pause(self) -> None:
        now = system.monotonic()
        if not self.failures:
            self.failing_since = now
        self.failures += 1
        self._retry_at = now + min(RETRY_SECONDS * 2 ** min(self.failures - 1, 10), LONGEST_RETRY_SECONDS)
