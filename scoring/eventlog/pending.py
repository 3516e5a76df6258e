"""What the consumer holds of one table: records that were read and are not committed, and how to commit them.

The table itself is the cursor. For each lane it says up to which position it has everything; what is at or before
that was committed already, by this process or by one that died, and is skipped.
"""

import time
from collections.abc import Sequence
from typing import Any, Protocol

import pyarrow as pa
import structlog
from deltalake import DeltaTable

from scoring.eventlog import lake
from scoring.eventlog.lake import TableName
from scoring.eventlog.record import Record

RETRY_SECONDS = 2.0
LONGEST_RETRY_SECONDS = 60.0

log = structlog.get_logger(__name__)


class Batch(Protocol):
    """Records made ready for a commit: the rows, notes for the log, and what to do when they are in."""

    data: pa.Table | None
    notes: Any

    def committed(self) -> None: ...


class Maker(Protocol):
    """Turns records, each from its lane, into a batch. Raises documents.Unavailable when it cannot now."""

    def __call__(self, records: Sequence[Any], lanes: Sequence[str], table: DeltaTable | None) -> Batch: ...


class PendingTable:
    """Records on their way to one table.

    machine: the slot, which begins the names of application transactions. make: turns records into rows. Of what
    comes while the table cannot be written, only the position is kept, and the lane is read again from there.
    """

    def __init__(self, name: TableName, *, machine: str, make: Maker) -> None:
        self.name = name
        self.records: list[Record] = []
        self.lanes: list[str] = []  # of each record
        self.since = 0.0
        self._machine = machine
        self._make = make
        self._table: DeltaTable | None = None
        self._opened = False
        self._first: dict[str, int] = {}  # lane → where the first record that is held begins
        self._last: dict[str, int] = {}  # lane → where the last one ends
        self._committed: dict[str, int] = {}
        self._left_out: dict[str, int] = {}  # lane → where the first record begins that is to be read again
        self._failures = 0
        self._retry_at = 0.0

    def add(self, lane: str, start: int, end: int, records: Sequence[Record]) -> None:
        """Take the records that a group has for this table. Those that the table has already are skipped."""
        if not self._opened and not self._open():
            self._left_out.setdefault(lane, start)
        elif end <= self._seen(lane):
            return
        elif self.failing or lane in self._left_out:
            self._left_out.setdefault(lane, start)
        else:
            if not self.records:
                self.since = time.monotonic()
            self._first.setdefault(lane, start)
            self._last[lane] = end
            self.records.extend(records)
            self.lanes.extend([lane] * len(records))

    def holds_from(self, lane: str) -> int | None:
        """Where the first record of a lane begins that is not committed yet; None when all are."""
        begins = [starts[lane] for starts in (self._first, self._left_out) if lane in starts]
        return min(begins, default=None)

    @property
    def failing(self) -> bool:
        return self._failures > 0

    @property
    def idle(self) -> bool:
        """Nothing is waiting here."""
        return not self.records and not self._left_out

    @property
    def may_try(self) -> bool:
        """Whether it is worth trying now: after a failure it is only after a pause."""
        return time.monotonic() >= self._retry_at

    def flush(self) -> dict[str, int]:
        """Commit what is held. Returns lanes that must be read again, and from where.

        Raises what the lake or the making of rows raise; everything is held on to then.
        """
        try:
            if not self._opened:
                self._load()
            if self.records:
                self._commit()
        except BaseException:
            self._pause()
            raise
        self._failures = 0
        again, self._left_out = self._left_out, {}
        return again

    def drop(self) -> None:
        """Forget everything that is held, for good."""
        self._committed |= self._last
        self._left_out = {}
        self._clear()

    def _open(self) -> bool:
        if not self.may_try:
            return False
        try:
            self._load()
        except lake.Failure as error:
            self._pause()
            log.error("An event table cannot be read; its events wait.", table=self.name.path, reason=str(error))
            return False
        return True

    def _load(self) -> None:
        self._table = lake.open_table(self.name)
        self._committed = {}
        self._opened = True

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
        batch = self._make(self.records, self.lanes, self._table)
        if batch.data is not None:
            self._append(batch.data, batch.notes)
        batch.committed()
        self._committed |= self._last
        self._clear()

    def _append(self, data: pa.Table, notes: Any) -> None:
        transactions = {self._app(lane): end for lane, end in self._last.items()}
        try:
            lake.append(self.name, self._table, data, transactions, notes)
        except lake.Failure:
            # The commit may have been made all the same, and only what follows it has failed: the table knows.
            self._load()
            if any(self._committed_in(lane) < end for lane, end in self._last.items()):
                raise
        if self._table is None:
            self._load()

    def _clear(self) -> None:
        self.records, self.lanes = [], []
        self._first, self._last = {}, {}

    def _pause(self) -> None:
        self._failures += 1
        self._retry_at = time.monotonic() + min(RETRY_SECONDS * 2 ** min(self._failures - 1, 10), LONGEST_RETRY_SECONDS)
