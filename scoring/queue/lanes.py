"""The queue between scoring and the event consumer, reading side: follows a lane's segments and deletes them.

A frame that is not whole yet is waited for while its writer lives. Once the segment is closed (a later one exists, or
nobody holds the lane), an unfinished frame at its end was never acknowledged, and is dropped; a wrong checksum means
that the disk has lied, so the segment is kept in `quarantine`. In one that is not closed, what seems damaged is given a
second, in which it might be a write that is seen in part. Where a body is damaged, its head says where the next frame
begins. Where a head is, its writer has noted that beside the segment (heads.py); else the rest is not read.
"""

import fcntl
import os
import struct
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

import structlog

from scoring.queue import heads, system
from scoring.queue.segments import HEADER, LENGTH, LOCK, SUFFIX, segment_bases, segment_path

QUARANTINE = "quarantine"
CHUNK = 4 << 20
SURE_SECONDS = 1.0

log = structlog.get_logger(__name__)


class Group(NamedTuple):
    """What one request has recorded, from position `start` to `end` of its lane."""

    start: int
    end: int
    records: list[bytes]


class Corrupt(ValueError):
    """These bytes are no frame, and no beginning of one. `length`: of the frame whose header alone is whole; else 0."""

    def __init__(self, why: str, length: int = 0) -> None:
        super().__init__(why)
        self.length = length


def lanes(directory: Path) -> list[str]:
    """Names of the lanes of a segments directory."""
    if not directory.is_dir():
        return []
    return sorted((path.name for path in directory.iterdir() if path.name.isdigit()), key=int)


def lost_events(lane: Path) -> int:
    """How many events were ever lost in a lane for want of disk."""
    try:
        text = (lane / LOCK).read_text()
    except OSError:
        return 0
    return int(text) if text.isdigit() else 0


def parse(data: bytes, position: int) -> tuple[list[Group], int]:
    """The whole frames at the beginning of `data`, and where the first that is not whole would end, at least.

    position: of the first byte. Raises Corrupt, but only if the very first frame is.
    """
    groups: list[Group] = []
    offset = 0
    try:
        while (end := frame_end(data, offset)) <= len(data):
            groups.append(Group(position + offset, position + end, _body(data, offset, end)))
            offset = end
    except Corrupt:
        if not groups:
            raise
        return groups, offset
    return groups, end


def frame_end(data: bytes, offset: int) -> int:
    """Where the frame at `offset` ends, which may be beyond the data. Raises Corrupt for a wrong header."""
    if offset + HEADER.size > len(data):
        return offset + HEADER.size
    length, _, check = HEADER.unpack_from(data, offset)
    if zlib.crc32(data[offset : offset + 8]) != check:
        raise Corrupt("the checksum of a header is wrong")
    return offset + HEADER.size + int(length)


def _body(data: bytes, offset: int, end: int) -> list[bytes]:
    """The records of the frame that is between these places. Raises Corrupt."""
    body = data[offset + HEADER.size : end]
    if zlib.crc32(body) != HEADER.unpack_from(data, offset)[1]:
        raise Corrupt("the checksum of a body is wrong", end - offset)
    try:
        return _records(body)
    except struct.error as error:
        raise Corrupt(f"a body is none: {error}", end - offset) from error


def _records(body: bytes) -> list[bytes]:
    records, offset = [], 0
    while offset < len(body):
        start = offset + LENGTH.size
        offset = start + LENGTH.unpack_from(body, offset)[0]
        records.append(body[start:offset])
    if offset > len(body):
        raise struct.error("a record is longer than its frame")
    return records


class LaneReader:
    """Reads one lane from `position` on, which moves with what is read and may be set back."""

    def __init__(self, directory: Path, lane: str) -> None:
        self.name = lane
        self.path = directory / lane
        self.position = 0
        self.corrupt = 0
        self._quarantine = directory / QUARANTINE
        self._doubt = (-1, 0.0)  # where a frame seems damaged whose writer lives, and since when
        self._finished: dict[int, int] = {}  # base of a segment that was read to its end → the position there

    def read(self) -> list[Group]:
        """The next groups, about 4 MiB of them; none when there is nothing new."""
        bases = segment_bases(self.path)
        self._finished = {base: end for base, end in self._finished.items() if base in bases}
        for index, base in enumerate(bases):
            # Listed before it is read: once a later segment exists, nothing more is written to this one.
            closed = index + 1 < len(bases)
            if base in self._finished and self._finished[base] <= self.position:
                continue
            groups = self._read_segment(base, closed)
            if groups:
                self.position = groups[-1].end
                return groups
        return []

    def rewind(self, position: int) -> None:
        """Read again from this position on."""
        self.position = min(self.position, position)

    def bytes_after(self, position: int) -> int:
        """How much is in the lane's segments beyond a position."""
        total = 0
        for base in segment_bases(self.path):
            size = _size(segment_path(self.path, base))
            total += max(0, base + size - max(base, position))
        return total

    def delete_until(self, position: int, before: Callable[[], None] = lambda: None) -> int:
        """Delete the segments that were read and end at or before a position; returns how many.

        A lane is never left empty: its last segment's name keeps the positions growing. before: called first, if
        there is anything to delete.
        """
        bases = segment_bases(self.path)
        deletable = [base for base in bases[:-1] if self._finished.get(base, position + 1) <= position]
        if deletable:
            before()
        for base in deletable:
            remove(segment_path(self.path, base))
        for path in heads.left_over(self.path, SUFFIX) if bases else ():
            remove(path)
        if bases and len(bases) - 1 == len(deletable) and self._replace_last(bases[-1], position, before):
            return len(deletable) + 1
        return len(deletable)

    def _replace_last(self, base: int, position: int, before: Callable[[], None]) -> bool:
        """Put an empty segment in the place of the last one, where its writer is gone and all of it is consumed."""
        size = _size(segment_path(self.path, base))
        if not size or base + size > position:
            return False
        with self._abandoned() as abandoned:
            if not abandoned or segment_bases(self.path)[-1] != base or _size(segment_path(self.path, base)) != size:
                return False
            before()
            _touch(segment_path(self.path, base + size))
            remove(segment_path(self.path, base))
        return True

    @contextmanager
    def _abandoned(self) -> Iterator[bool]:
        """Whether no process writes to the lane; none begins to within the block."""
        descriptor = system.open_file(self.path / LOCK, os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC, 0o640)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
            free = True
        except BlockingIOError:
            free = False
        try:
            yield free
        finally:
            os.close(descriptor)

    def kept(self) -> int:
        """How many of the lane's segments are in `quarantine`, until somebody takes them away."""
        return sum(1 for _ in self._quarantine.glob(f"{self.name}-*{SUFFIX}"))

    def _read_segment(self, base: int, closed: bool) -> list[Group]:
        """The next groups of a segment, what is damaged before them left out."""
        before = -1
        groups: list[Group] = []
        while not groups and self.position != before:
            before = self.position
            groups = self._read_on(base, closed)
        return groups

    def _read_on(self, base: int, closed: bool) -> list[Group]:
        path = segment_path(self.path, base)
        start = max(self.position, base)
        try:
            groups, rest = _read_from(path, start - base, base)
        except Corrupt as error:
            return self._unreadable(base, closed, error)
        if groups:
            return groups
        if rest:
            return self._unreadable(base, closed, None)
        if closed:
            self._finish(base)
        return []

    def _unreadable(self, base: int, closed: bool, fault: Corrupt | None) -> list[Group]:
        """Handle an unreadable record: wait for its writer, or give it up."""
        if closed:
            self._give_up(base, fault)
            return []
        with self._abandoned() as abandoned:
            if not abandoned:
                if fault is not None and self._is_for_good(base, fault):
                    self._give_up(base, fault)
                return []
            # It may have been finished between our look at it and its writer's end.
            groups, still = _try_read(segment_path(self.path, base), max(self.position, base) - base, base)
            if not groups:
                self._give_up(base, still)
            return groups

    def _is_for_good(self, base: int, fault: Corrupt) -> bool:
        """Whether a frame is damaged, not just being written, and it is known where the next one begins."""
        place = max(self.position, base)
        if self._doubt[0] != place:
            self._doubt = place, system.monotonic()
        if system.monotonic() - self._doubt[1] < SURE_SECONDS:
            return False
        return bool(fault.length or _to_next_head(segment_path(self.path, base), place - base))

    def _give_up(self, base: int, fault: Corrupt | None) -> None:
        """Leave out an unfinished write, a damaged frame or, where nobody knows where the next one is, all the rest."""
        path, offset = segment_path(self.path, base), max(self.position, base) - base
        rest = _size(path) - offset
        if fault is None:
            log.warning("An unfinished write of a process that died is dropped.", segment=str(path), bytes=rest)
            self._finish(base)
            return
        self.corrupt += 1
        damaged = fault.length or _to_next_head(path, offset)
        log.error("A segment is damaged; a part of it is not read.", segment=str(path), offset=offset,
                  bytes=damaged or rest, fault=str(fault), kept=self.set_aside(base))  # fmt: skip
        if damaged:
            self.position = base + offset + damaged
        else:
            self._finish(base)

    def set_aside(self, position: int) -> str:
        """Keep the segment of this position in `quarantine`: a second name costs no room on a disk that may be full."""
        path = segment_path(self.path, max(base for base in segment_bases(self.path) if base <= position))
        kept = self._quarantine / f"{self.name}-{path.stem}{SUFFIX}"
        self._quarantine.mkdir(exist_ok=True)
        if not kept.exists():
            system.link(path, kept)
        return str(kept)

    def _finish(self, base: int) -> None:
        end = base + _size(segment_path(self.path, base))
        self._finished[base] = end
        self.position = max(self.position, end)


def _try_read(path: Path, offset: int, base: int) -> tuple[list[Group], Corrupt | None]:
    try:
        return _read_from(path, offset, base)[0], None
    except Corrupt as error:
        return [], error


def _read_from(path: Path, offset: int, base: int) -> tuple[list[Group], int]:
    """Whole groups from an offset of a segment, and how many bytes there are if none of them makes a group."""
    with path.open("rb", buffering=0) as file:
        data = system.pread(file.fileno(), CHUNK, offset)
        groups, end = parse(data, base + offset)
        if not groups and end > CHUNK:  # one frame that is larger than what we read
            data = system.pread(file.fileno(), end, offset)
            groups, end = parse(data, base + offset)
    return groups, 0 if groups else len(data)


def _to_next_head(path: Path, offset: int) -> int:
    """How far it is from an offset of a segment to the next frame, as its writer has noted; 0: nobody knows."""
    with path.open("rb", buffering=0) as file:
        for begins in heads.after(path, offset):
            head = system.pread(file.fileno(), HEADER.size, begins)
            with suppress(Corrupt):
                if len(head) == HEADER.size and frame_end(head, 0):
                    return begins - offset
    return 0


def _touch(path: Path) -> None:
    os.close(system.open_file(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o640))


def remove(path: Path) -> None:
    """Remove a file, unless somebody else has."""
    with suppress(FileNotFoundError):
        system.unlink(path)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0
