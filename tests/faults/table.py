"""What each fault has done, as a row; and all rows as a table in docs/reliability.md."""

from dataclasses import dataclass
from pathlib import Path

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "reliability.md"
_BEGIN, _END = "<!-- faults: begin -->", "<!-- faults: end -->"
_COLUMNS = (
    "fault", "requests", "answered", "refused", "failed", "median, ms", "99th, ms", "well after, s", "kept after, s",
    "lost", "doubled",
)  # fmt: skip
_HEAD = "| " + " | ".join(_COLUMNS) + " |\n| --- |" + " ---: |" * (len(_COLUMNS) - 1)


@dataclass(frozen=True)
class Row:
    """What clients saw of one fault, and what the lake has of it."""

    fault: str
    requests: int
    answered: int
    refused: int
    failed: int
    median: float
    slowest: float
    well_after: float
    kept_after: float = 0.0
    lost: int = 0
    doubled: int = 0

    def line(self) -> str:
        counts = f"{self.requests:,} | {self.answered:,} | {self.refused:,} | {self.failed:,}"
        times = f"{self.median:.1f} | {self.slowest:.0f} | {self.well_after:.1f} | {self.kept_after:.1f}"
        return f"| {self.fault} | {counts} | {times} | {self.lost} | {self.doubled} |"


def write(rows: list[Row], below: str = "", document: Path = DOCUMENT) -> None:
    """Put rows between the marks of the document, each in the place of the one that its fault has; others stay.

    below: a text that stands under the table; empty leaves the one that is there.
    """
    before, _, rest = document.read_text().partition(_BEGIN)
    between, _, after = rest.partition(_END)
    lines = [line for line in between.splitlines() if line.startswith("|")][2:]
    by_fault = {_fault(line): line for line in lines} | {row.fault: row.line() for row in rows}
    below = below or between.strip().rpartition("|")[2].strip()
    parts = ["\n".join([_HEAD, *by_fault.values()]), *([below] if below else [])]
    document.write_text(before + "\n\n".join([_BEGIN, *parts, _END]) + after)


def _fault(line: str) -> str:
    return line.split("|")[1].strip()
