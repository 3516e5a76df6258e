"""Records of a table that cannot be written, in a file of their own until it can, so that nothing else waits for it.

`SEGMENTS/quarantine/<tenant id>/<intent>/events|labels/`: `why` says the reason, `records` has frames as segments have
them, one for each group that a lane had for the table. A frame's first record says which part of the lane it is. What
`sync` has written is safe from `kill -9` and from power loss, and only then may its segments go. Beyond a bound,
records of this table alone are lost: counted, in frames that have nothing but the count.
"""

import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import msgspec
import structlog

from scoring.lake.delta import Kind, TableName
from scoring.queue import system
from scoring.queue.lanes import QUARANTINE, Corrupt, parse, remove
from scoring.queue.segments import frame, sync, sync_folders
from scoring.store.artifacts import write_atomically

PUT_BACK_SECONDS = 300.0
CHUNK = 4 << 20
RECORDS, WHY = "records", "why"

log = structlog.get_logger(__name__)


class Part(msgspec.Struct, frozen=True, array_like=True):
    """A lane from position `start` to `end`: how many records it has for the table, and how many of them were lost."""

    lane: str
    start: int
    end: int
    records: int = 0
    lost: int = 0


class Why(msgspec.Struct, frozen=True):
    """Why a table is in quarantine, and since when."""

    reason: str
    since: datetime


@dataclass(frozen=True)
class QuarantineState:
    """What a table has in quarantine; `lost` records are not among `records`."""

    table: TableName
    reason: str
    since: datetime
    records: int
    bytes: int
    lost: int


def quarantined(segments: Path) -> list[TableName]:
    """The tables that are in quarantine on this machine."""
    places = [path.parts[-4:-1] for path in (segments / QUARANTINE).glob(f"*/*/*/{WHY}")]
    return sorted(TableName(int(tenant), intent, cast(Kind, kind)) for tenant, intent, kind in places)


class Quarantine:
    """The quarantine of one table; not active unless it was begun, now or by a process before.

    bound: bytes of its file at most. sync_lake: makes safe what the table has.
    """

    def __init__(
        self, segments: Path, name: TableName, *, bound: int, sync_lake: Callable[[], None] = lambda: None
    ) -> None:
        self.name = name
        self.folder = segments / QUARANTINE / name.path
        self.why: Why | None = None
        self._bound = bound
        self._sync_lake = sync_lake
        self._file = self.folder / RECORDS
        self._size = self._records = self._lost = 0
        self._offset = self._next = 0  # of what goes back
        self._put_back_at = 0.0
        self._ends: dict[str, int] = {}  # lane → up to where it was put
        self._safe: dict[str, int] = {}  # lane → up to where it was synced
        self._unsynced: list[Part] = []
        self._waiting: list[bytearray] = []  # the frames of those
        if (self.folder / WHY).exists():
            self._take_up()

    @property
    def active(self) -> bool:
        return self.why is not None

    @property
    def state(self) -> QuarantineState:
        assert self.why is not None
        return QuarantineState(self.name, self.why.reason, self.why.since, self._records, self._size, self._lost)

    @property
    def may_put_back(self) -> bool:
        """Whether it is time to see if the table can be written again."""
        return self.active and system.monotonic() >= self._put_back_at

    def begin(self, reason: str) -> None:
        """Raises OSError; then there is no quarantine."""
        why = Why(reason[:1000].replace("\0", ""), datetime.now(UTC))
        try:
            write_atomically(self.folder / WHY, msgspec.json.encode(why), mode=0o640)
        except OSError:
            if not (self.folder / WHY).exists():  # else it was written all the same, and says so
                raise
        self._put_back_at = system.monotonic() + PUT_BACK_SECONDS
        self.why = why

    def end(self) -> None:
        """Everything that was here is in its table, or is wanted no more."""
        if self._lost:
            log.error("Records were lost while their table was in quarantine.", table=self.name.path, lost=self._lost)
        remove(self._file)  # first: a reason without records is a quarantine that is over
        shutil.rmtree(self.folder, ignore_errors=True)
        self.why = None
        self._size = self._records = self._lost = self._offset = self._next = 0
        self._ends, self._safe = {}, {}
        self._unsynced, self._waiting = [], []

    # ---- records that come

    @property
    def held(self) -> int:
        """Records that were put and not yet synced."""
        return sum(part.records for part in self._unsynced)

    @property
    def lanes(self) -> set[str]:
        """Return the lanes of which something was put and not yet synced."""
        return {part.lane for part in self._unsynced}

    def seen(self, lane: str) -> int:
        """Return the position up to which this has the records of a lane."""
        return self._ends.get(lane, 0)

    def holds_from(self, lane: str) -> int | None:
        """Return where the first record of a lane begins that was put and not yet synced; None without any."""
        return min((part.start for part in self._unsynced if part.lane == lane), default=None)

    def put(self, lane: str, start: int, end: int, records: Sequence[bytes]) -> None:
        """Take what a lane had for the table between two positions; `sync` makes it safe."""
        part = Part(lane, start, end, len(records))
        data = frame([msgspec.msgpack.encode(part), *records])
        if self._size + sum(map(len, self._waiting)) + len(data) > self._bound:
            part = Part(lane, start, end, 0, len(records))
            data = frame([msgspec.msgpack.encode(part)])
            log.error("The quarantine of a table is full: its records are lost; others are kept.",
                      table=self.name.path, lost=self._lost + len(records))  # fmt: skip
        self._unsynced.append(part)
        self._waiting.append(data)
        self._ends[lane] = end

    def sync(self) -> None:
        """Bring what was put to the disk. Raises OSError; then nothing of it was put: it must be read again.

        Who finds a lane's records here takes it that those before are in the table, so there they are made safe first.
        """
        if not self._waiting:
            return
        parts, data = self._unsynced, b"".join(self._waiting)
        self._unsynced, self._waiting = [], []
        try:
            self._sync_lake()
            self._append(data)
        except OSError:
            for part in reversed(parts):
                self._ends[part.lane] = self._safe.get(part.lane, 0)
            raise
        for part in parts:
            self._count(part)
        self._size += len(data)

    def _append(self, data: bytes) -> None:
        descriptor = system.open_file(self._file, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o640)
        try:
            system.truncate(descriptor, self._size)  # what a process before has left unfinished
            if system.pwrite(descriptor, data, self._size) != len(data):
                raise OSError("the disk is full")
            system.fsync(descriptor)
        finally:
            os.close(descriptor)
        sync_folders(self.folder, 4)

    # ---- records that go back

    def portion(self) -> list[tuple[Part, list[bytes]]]:
        """The next records that are to go back, about 4 MiB; none when all have. Raises Corrupt."""
        groups, self._next = self._read(self._offset, self._size)
        if not groups and self._offset < self._size:
            raise Corrupt(f"the quarantine's file is damaged at {self._offset} of {self._size} bytes")
        return groups

    def taken(self) -> None:
        """The last portion is in its table."""
        self._offset = self._next

    def later(self) -> None:
        """The table cannot be written yet."""
        self._put_back_at = system.monotonic() + PUT_BACK_SECONDS

    def _read(self, offset: int, until: int) -> tuple[list[tuple[Part, list[bytes]]], int]:
        """Whole frames between two offsets, and where the next begins: behind may be what was not written in full."""
        try:
            with self._file.open("rb") as file:
                data = system.pread(file.fileno(), min(CHUNK, until - offset), offset)
                groups, end = parse(data, offset)
                if not groups and end > CHUNK:
                    groups, _ = parse(system.pread(file.fileno(), min(end, until - offset), offset), offset)
        except (FileNotFoundError, Corrupt):
            return [], offset
        parts = [(msgspec.msgpack.decode(group.records[0], type=Part), group.records[1:]) for group in groups]
        return parts, groups[-1].end if groups else offset

    def _take_up(self) -> None:
        """Go on with what a process before has left; a frame that it did not finish was never relied upon.

        One that it has finished may not be synced yet. Raises OSError.
        """
        try:
            self.why = msgspec.json.decode((self.folder / WHY).read_bytes(), type=Why)
        except (msgspec.DecodeError, UnicodeDecodeError):  # the reason was not safe from power loss; the records are
            self.why = Why("the reason was lost", datetime.now(UTC))
        if not self._file.exists():
            return
        sync(self._file)
        sync_folders(self.folder, 4)
        until = self._file.stat().st_size
        parts, end = self._read(0, until)
        while parts:
            for part, _ in parts:
                self._count(part)
            self._size = end
            parts, end = self._read(end, until)

    def _count(self, part: Part) -> None:
        self._safe[part.lane] = self._ends[part.lane] = part.end
        self._records += part.records
        self._lost += part.lost
