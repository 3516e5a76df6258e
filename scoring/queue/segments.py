"""The queue between scoring and the event consumer, writing side: files that a scoring process appends to.

`SEGMENTS/<lane>/<base>.seg`. A process claims a lane, which is its own for as long as it lives: a flock that the
kernel frees however the process dies. What one request has to record is one frame: a header, then the records, each
after its length. A frame is valid whole or not at all, so a reader never takes half a request, and a torn write can be
taken back while somebody reads.

A position in a lane is a segment's base plus an offset in it. Bases start at the clock in nanoseconds and never
go back, not even over restarts or where power loss has taken what was not synced, so positions only grow: the event
tables use them as transaction numbers.
"""

import errno
import fcntl
import os
import struct
import threading
import zlib
from pathlib import Path

import structlog

from scoring.queue import system
from scoring.queue.heads import Heads

HEADER = struct.Struct("<III")  # length of the body, CRC-32 of the body, CRC-32 of the eight bytes before
LENGTH = struct.Struct("<I")
_START, _CHECK = struct.Struct("<II"), struct.Struct("<I")  # of which a header is made
_SMALL = 65_536
SUFFIX = ".seg"
LOCK = "lock"  # in each lane; its text is the number of events that were lost in it
MAX_BODY = 1 << 30
MAX_LANES = 4096

_UNSEEN = 1 << 40  # more than memory holds of what was written, read, committed and lost with the power before a sync
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_MEASURE_SECONDS = 1.0
_RETRY_SECONDS = 0.2
_LOG_SECONDS = 5.0

log = structlog.get_logger(__name__)


def frame(records: list[bytes]) -> bytearray:
    """What is written for one request. Raises ValueError for none, or for more than 1 GiB of them."""
    if len(records) == 1 and len(records[0]) <= _SMALL:
        return _small_frame(records[0])
    parts = [part for record in records for part in (LENGTH.pack(len(record)), record)]
    data = bytearray().join([bytes(HEADER.size), *parts])  # the one copy of what may be megabytes
    length = len(data) - HEADER.size
    if not 0 < length <= MAX_BODY:
        raise ValueError(f"records: expected 1 to {MAX_BODY} bytes, found {length}")
    start = _START.pack(length, zlib.crc32(memoryview(data)[HEADER.size :]))
    HEADER.pack_into(data, 0, *struct.unpack("<II", start), zlib.crc32(start))
    return data


def _small_frame(record: bytes) -> bytearray:
    """The same for one record, which is copied once."""
    length = LENGTH.pack(len(record))
    start = _START.pack(LENGTH.size + len(record), zlib.crc32(record, zlib.crc32(length)))
    return bytearray().join((start, _CHECK.pack(zlib.crc32(start)), length, record))


def segment_path(lane: Path, base: int) -> Path:
    return lane / f"{base:020d}{SUFFIX}"


def segment_bases(lane: Path) -> list[int]:
    """The bases of a lane's segments, oldest first. A lane that is not there has none."""
    try:
        return sorted(int(path.stem) for path in lane.iterdir() if path.suffix == SUFFIX)
    except FileNotFoundError:
        return []


def used_bytes(directory: Path) -> int:
    """Size of everything in the lanes of a segments directory, and in its quarantine."""
    total = 0
    for lane in os.scandir(directory):
        if lane.is_dir():
            total += sum(_size(entry) for entry in os.scandir(lane.path))
    return total


def _size(entry: os.DirEntry[str]) -> int:
    try:
        return entry.stat().st_size
    except FileNotFoundError:  # consumed meanwhile
        return 0


class SegmentWriter:
    """Appends records to segments in a lane of its own. Make one in each process, after it has forked.

    directory: SEGMENTS. max_bytes: size at which a segment is closed. total_bound: size of all segments of all lanes
    beyond which events are lost; looked at once a second or so, hence approximate. fsync: sync each append.
    """

    def __init__(self, directory: Path, *, max_bytes: int, total_bound: int, fsync: bool = False) -> None:
        self.directory = Path(directory)
        self.max_bytes = max_bytes
        self.total_bound = total_bound
        self.fsync = fsync
        self.lost = 0
        self.lane: str | None = None
        self._lock = threading.Lock()
        self._lane_lock = self._file = -1
        self._heads = Heads()
        self._base = self._size = 0
        self._lane_lost = 0
        self._measure_step = max(4096, min(1 << 20, total_bound // 64))
        self._allowance = 0
        self._measure_at = self._retry_at = self._log_at = 0.0
        self._reason = ""
        with self._lock:
            self._ready(system.monotonic())

    def append(self, records: list[bytes], events: int | None = None) -> bool:
        """Write the records of one request, all or none. False: there was no room, and they are counted as lost.

        events: how many there are in the records, where that is not one in each.
        """
        if not records:
            return True
        data = frame(records)
        with self._lock:
            now = system.monotonic()
            try:
                if self._ready(now) and self._room(len(data), now) and self._write(data, now):
                    return True
            except OSError as error:
                self._reason = str(error)
            self._count_lost(len(records) if events is None else events)
            return False

    def close(self) -> None:
        """Give the lane up. Nothing needs this but tests: a process that dies gives it up too."""
        with self._lock:
            for file in (self._file, self._lane_lock):
                if file >= 0:
                    os.close(file)
            self._file = self._lane_lock = -1
            self._heads.close()

    # ---- all below runs under self._lock

    def _ready(self, now: float) -> bool:
        """Whether there is a segment to write to; where a new one is needed, try for it, now and then."""
        if self._file >= 0 and self._size < self.max_bytes:
            return True
        if now >= self._retry_at:
            try:
                self._open_segment()
            except OSError as error:
                self._reason = f"no segment can be opened: {error}"
                self._retry_at = system.monotonic() + _RETRY_SECONDS
        return self._file >= 0  # one that is over its size serves until there is another

    def _open_segment(self) -> None:
        """Open the next segment in our lane; take the first lane that nobody has, if we have none."""
        claims = self._lane_lock < 0
        if claims:
            self.directory.mkdir(parents=True, exist_ok=True)
            self.lane, self._lane_lock = _claim_lane(self.directory)
            self._lane_lost = _read_lost(self._lane_lock)
            _write_lost(self._lane_lock, self._lane_lost)
        lane = self.directory / str(self.lane)
        end = _end(lane) + (_UNSEEN if claims else 0)
        base = max(end, self._base + self._size, system.time_ns())
        opened = _create(lane, base)
        # Whatever follows, nothing more goes into the one before: a reader that sees a later one takes it for closed.
        if self._file >= 0:
            os.close(self._file)
        self._file, self._base, self._size = opened, base, 0
        self._heads.open(segment_path(lane, base))
        if self.fsync:
            self._sync_name(lane)

    def _sync_name(self, lane: Path) -> None:
        """Make the new segment's name safe; without that, nothing may be written to it."""
        try:
            sync_folders(lane, 3)
        except OSError:
            self._give_up()
            raise

    def _room(self, size: int, now: float) -> bool:
        """Whether the bound of all segments leaves room. They are measured now and then, not each time."""
        if size > self._allowance or now >= self._measure_at:
            if self._allowance < 0 and now < self._measure_at:
                return False  # it was full a moment ago
            left = self.total_bound - used_bytes(self.directory)
            self._allowance = min(left, max(self._measure_step, size)) if left >= size else -1
            self._measure_at = now + (_MEASURE_SECONDS if left >= size else _RETRY_SECONDS)
        if self._allowance < size:
            self._reason = f"all segments together have reached their bound of {self.total_bound} bytes"
            return False
        self._allowance -= size
        return True

    def _write(self, data: bytearray, now: float) -> bool:
        """One write; one that ends early is taken back, but not one that is whole: somebody may have read it by now."""
        try:
            written = system.write(self._file, data)
        except OSError as error:
            written = 0
            self._reason = f"the disk refuses to write: {error}"
            if error.errno not in _FULL:
                return self._give_up()
        if written == len(data):
            self._heads.note(self._size, now)
            self._size += written
            return not self.fsync or self._is_synced()
        if written:
            self._reason = "the disk is full"
        try:
            system.truncate(self._file, self._size)
        except OSError:
            return self._give_up()
        return False

    def _is_synced(self) -> bool:
        try:
            system.fdatasync(self._file)
        except OSError as error:
            self._reason = f"the disk does not sync: {error}"
            return self._give_up()
        return True

    def _give_up(self) -> bool:
        """Leave this segment as it is, whatever is at its end, and open another next time."""
        os.close(self._file)
        self._file = -1
        self._retry_at = system.monotonic() + _RETRY_SECONDS
        return False

    def _count_lost(self, count: int) -> None:
        self.lost += count
        self._lane_lost += count
        if self._lane_lock >= 0:
            _write_lost(self._lane_lock, self._lane_lost)
        if system.monotonic() >= self._log_at:
            self._log_at = system.monotonic() + _LOG_SECONDS
            log.error("Events are being lost; scoring goes on.", reason=self._reason, lost=self.lost, lane=self.lane)


def _claim_lane(directory: Path) -> tuple[str, int]:
    for number in range(MAX_LANES):
        lane = directory / str(number)
        lane.mkdir(exist_ok=True)
        lock = system.open_file(lane / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            continue
        return lane.name, lock
    raise OSError(errno.EMFILE, f"{MAX_LANES} lanes of {directory} are all in use")


def _end(lane: Path) -> int:
    """The position after everything that was ever written to a lane, as far as its files tell."""
    bases = segment_bases(lane)
    return bases[-1] + segment_path(lane, bases[-1]).stat().st_size if bases else 0


def _create(lane: Path, base: int) -> int:
    """A new segment's descriptor. An empty one that is there already, with this very base, serves as well."""
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
    return system.open_file(segment_path(lane, base), flags, 0o640)


def _read_lost(lock: int) -> int:
    text = system.pread(lock, 20, 0)
    return int(text) if text.isdigit() else 0


def _write_lost(lock: int, lost: int) -> None:
    """In place, always twenty digits: that needs no room on a full disk."""
    try:
        system.pwrite(lock, b"%020d" % lost, 0)
    except OSError as error:
        log.warning("The number of lost events could not be noted.", reason=str(error), lost=lost)


def sync_folders(folder: Path, levels: int) -> None:
    """A new file's name is safe when its folder is, and that folder's when the one above is."""
    for place in [folder, *folder.parents][:levels]:
        sync(place)


def sync(path: Path) -> None:
    """Make a file or a folder that somebody has written safe from power loss."""
    descriptor = system.open_file(path, os.O_RDONLY)
    try:
        system.fsync(descriptor)
    finally:
        os.close(descriptor)
