"""A witness of the segments: it keeps each under a second name, to be read when the consumer has deleted the first."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec

from scoring.queue.columnar import decode
from scoring.queue.lanes import Corrupt, parse
from scoring.queue.record import EventRecord
from scoring.queue.segments import SUFFIX

_EVERY = 0.1  # seconds; a segment is there for longer, for the consumer commits no sooner


class Witness:
    """Hard links to all segments of a folder, in another folder of the same disk."""

    def __init__(self, segments: Path, kept: Path) -> None:
        self._segments = segments
        self._kept = kept
        kept.mkdir()

    def look(self) -> None:
        """Keep what is new."""
        for path in self._segments.glob(f"[0-9]*/*{SUFFIX}"):
            kept = self._kept / f"{path.parent.name}-{path.name}"
            with suppress(FileExistsError, FileNotFoundError):
                kept.hardlink_to(path)

    def events(self, tenant: int) -> Counter[str]:
        """How often each event of a tenant was recorded; a record that is torn or poisoned is none."""
        self.look()
        return Counter(
            record.event_id
            for path in sorted(self._kept.iterdir())
            for record in _records(path.read_bytes())
            if isinstance(record, EventRecord) and record.tenant == tenant
        )


@contextmanager
def watching(segments: Path, kept: Path) -> Iterator[Witness]:
    """A witness that looks all the time."""
    witness, stop = Witness(segments, kept), threading.Event()

    def look() -> None:
        while not stop.wait(_EVERY):
            witness.look()

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield witness
    finally:
        stop.set()
        thread.join()


def _records(data: bytes) -> Iterator[object]:
    """Until a frame that is damaged, as the consumer reads them."""
    position = 0
    while position < len(data):
        try:
            groups, _ = parse(data[position:], position)
        except Corrupt:
            return
        if not groups:
            return
        for group in groups:
            for payload in group.records:
                with suppress(msgspec.DecodeError):
                    yield from decode(payload)
        position = groups[-1].end
