"""What each fault has done, as a row; and all rows as a table in docs/reliability.md."""

from dataclasses import dataclass
from pathlib import Path

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "reliability.md"
_BEGIN, _END = "<!-- faults: begin -->", "<!-- faults: end -->"
_HEAD = (
    "| fault | requests | answered | refused | failed | median, ms | 99th, ms | well after, s | lost | doubled |\n"
    "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
)


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
    lost: int = 0
    doubled: int = 0

    def line(self) -> str:
        counts = f"{self.requests:,} | {self.answered:,} | {self.refused:,} | {self.failed:,}"
        times = f"{self.median:.1f} | {self.slowest:.0f} | {self.well_after:.1f}"
        return f"| {self.fault} | {counts} | {times} | {self.lost} | {self.doubled} |"


def text(rows: list[Row]) -> str:
    """The rows as a Markdown table."""
    return "\n".join([_HEAD, *(row.line() for row in rows)])


def write(rows: list[Row], below: str, document: Path = DOCUMENT) -> None:
    """Put the table, and a text below it, between its marks in the document, in the place of the one before."""
    before, _, rest = document.read_text().partition(_BEGIN)
    _, _, after = rest.partition(_END)
    document.write_text(f"{before}{_BEGIN}\n\n{text(rows)}\n\n{below}\n\n{_END}{after}")
