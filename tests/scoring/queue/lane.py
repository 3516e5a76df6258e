"""What there is in a lane of a segments directory."""

from pathlib import Path

from scoring.queue.lanes import LaneReader
from scoring.queue.segments import segment_bases, segment_path


def everything(reader: LaneReader) -> list[bytes]:
    found = []
    while groups := reader.read():
        found.extend(record for group in groups for record in group.records)
    return found


def last_segment(lane: Path) -> Path:
    return segment_path(lane, segment_bases(lane)[-1])
