"""Where the frames of a segment begin, in a file beside it: a help for a reader who finds the head of one damaged.

`<base>.heads` has eight bytes for each frame, its offset. A reader looks for the next frame there, and nowhere else: to
look for one in damaged bytes would be to trust what clients have sent, which may look like one. It is a help and no
more: nothing waits until it is written, nothing is lost without it, and readers of earlier versions pass it over. So it
is written now and then: a call for each frame made each take half as long again.
"""

import os
from array import array
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from scoring.queue import system

SUFFIX = ".heads"
NOT_SOONER = 0.01  # seconds after the last write: so writes take a thousandth of the time, however many frames come


class Heads:
    """Notes where frames begin. What goes wrong with that goes by."""

    def __init__(self) -> None:
        self._file = -1
        self._next = 0
        self._waiting = array("Q")
        self._due = 0.0

    def open(self, segment: Path) -> None:
        """Begin those of another segment, which is there already; those of the one before are complete."""
        self._write()
        self.close()
        self._next = 0
        with suppress(OSError):
            self._file = system.open_file(path_of(segment), os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o640)

    def note(self, offset: int, now: float) -> None:
        """A frame begins here."""
        self._waiting.append(offset)
        if now >= self._due:
            self._write()
            self._due = now + NOT_SOONER

    def close(self) -> None:
        """Leave off, as where the process dies: what waits is not written."""
        del self._waiting[:]
        if self._file >= 0:
            os.close(self._file)
        self._file = -1

    def _write(self) -> None:
        """Each has a place of its own, whatever becomes of those before."""
        data = self._waiting.tobytes()
        del self._waiting[:]
        if self._file >= 0 and data:
            with suppress(OSError):
                system.pwrite(self._file, data, self._next)
            self._next += len(data)


def path_of(segment: Path) -> Path:
    return segment.with_suffix(SUFFIX)


def after(segment: Path, offset: int) -> Iterator[int]:
    """Where frames of a segment begin beyond an offset, in their order, as far as that was noted."""
    try:
        data = path_of(segment).read_bytes()
    except OSError:
        return
    noted = array("Q")
    noted.frombytes(data[: len(data) // noted.itemsize * noted.itemsize])
    yield from (begins for begins in noted if begins > offset)


def left_over(lane: Path, segments: str) -> list[Path]:
    """Those of segments that are gone. A segment is made before its heads are, so these are never of one to come."""
    noted = [path for path in lane.iterdir() if path.suffix == SUFFIX]
    return [path for path in noted if not path.with_suffix(segments).exists()]
