"""Segments, as a table: those in which alerts move beside the whole intent, and by how much."""

from collections.abc import Iterable, Sequence

from models_app.console.ui.panels import Cell, Panel, badge, percent, several
from models_app.console.ui.tables import Column, Table
from models_app.statistics.evidence import IntentEvidence
from models_app.statistics.evidence.decision import MOST_SEGMENTS, SegmentDecision, segments_of
from models_app.statistics.evidence.gates import FAIL
from models_app.statistics.evidence.segments import beside_in_words

_HINT = (
    "Beside all: how the segment’s alerts change beside those of the whole intent, with 95 % intervals. Few alerts "
    "draw it towards none; where under 20 alert on a side, the interval is exact. A band begins with its lower limit."
)


def segment_table(rows: Sequence[SegmentDecision], title: str) -> Panel:
    """Without the column of intents where there is but one."""
    left_out = set() if len({row.intent for row in rows}) > 1 else {"intent"}
    columns = [column for column in COLUMNS if column.name not in left_out]
    return Table(columns, rows, title=title, hint=_HINT, empty="")


def all_segments(intents: Sequence[IntentEvidence]) -> Iterable[Panel]:
    """All that move by more than chance, where there are more than the card has."""
    rows = segments_of(intents)
    if len(rows) > MOST_SEGMENTS:
        yield segment_table(rows, f"All {len(rows)} segments that move beside their intent")


def _segment(row: SegmentDecision) -> Cell:
    """Its name, and what it is of."""
    return several(Cell(row.segment.name, kind="strong"), Cell(row.segment.source))


def _rate(alerts: int, events: int) -> Cell:
    return Cell(percent(alerts / events).value, kind="number")


def _beside(row: SegmentDecision) -> Cell:
    return Cell(beside_in_words(row.segment) or "from none", kind="number")


def _gate(row: SegmentDecision) -> Cell:
    allowed = Cell(f"±{100 * row.segment.tolerance:.3g} % allowed")
    return several(badge(FAIL), allowed) if row.segment.moves else allowed


COLUMNS: Sequence[Column[SegmentDecision]] = (
    Column("intent", "Intent", lambda row: Cell(row.intent)),
    Column("segment", "Segment", _segment),
    Column("threshold", "Threshold", lambda row: Cell(row.threshold)),
    Column("events", "Events", lambda row: Cell(f"{row.segment.events:,}", kind="number")),
    Column("before", "Before", lambda row: _rate(row.segment.before, row.segment.events)),
    Column("after", "After", lambda row: _rate(row.segment.after, row.segment.events)),
    Column("beside", "Beside all", _beside),
    Column("gate", "Gate", _gate),
)
