"""What pages are made of. Each part names the template that draws it; a page is a list of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from django.urls import reverse


@dataclass(frozen=True)
class Cell:
    """A value in a table or a list of facts. `kind`: text, code, number, time, or badge (in a `tone`: good, bad, …)."""

    value: Any
    href: str = ""
    kind: str = "text"
    tone: str = ""


@dataclass(frozen=True)
class Part:
    template: ClassVar[str]


@dataclass(frozen=True)
class Table(Part):
    """`empty` is said where there are no rows: why, and what to do. `listing` has search, filters and pages, if any."""

    template: ClassVar[str] = "console/parts/table.html"
    headers: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    title: str = ""
    empty: str = "There is nothing here yet."
    listing: Any = None


@dataclass(frozen=True)
class Facts(Part):
    template: ClassVar[str] = "console/parts/facts.html"
    facts: Sequence[tuple[str, Cell]]
    title: str = ""


@dataclass(frozen=True)
class Figure(Part):
    """`figure`: Plotly JSON. `name` is unique on its page."""

    template: ClassVar[str] = "console/parts/figure.html"
    name: str
    figure: Mapping[str, Any]

    @property
    def element(self) -> str:
        return "figure-" + "".join(each if each.isalnum() else "-" for each in self.name)

    @property
    def alternative(self) -> str:
        """What a screen reader says."""
        title = self.figure.get("layout", {}).get("title", self.name)
        return str(title.get("text", self.name) if isinstance(title, Mapping) else title)


@dataclass(frozen=True)
class Figures(Part):
    """Several, side by side where there is room."""

    template: ClassVar[str] = "console/parts/figures.html"
    figures: Sequence[Figure]


@dataclass(frozen=True)
class Note(Part):
    """A sentence that counts. `tone`: good, bad, wait or plain."""

    template: ClassVar[str] = "console/parts/note.html"
    text: str
    tone: str = "plain"
    heading: str = ""


@dataclass(frozen=True)
class Code(Part):
    template: ClassVar[str] = "console/parts/code.html"
    text: str
    title: str = ""


@dataclass(frozen=True)
class Progress(Part):
    """Long work: `share` done in [0, 1], and what it says of itself."""

    template: ClassVar[str] = "console/parts/progress.html"
    share: float
    state: str
    log: Sequence[str] = field(default_factory=tuple)

    @property
    def percent(self) -> int:
        return round(100 * self.share)


@dataclass(frozen=True)
class Links(Part):
    """Ways on from here: (words, address)."""

    template: ClassVar[str] = "console/parts/links.html"
    links: Sequence[tuple[str, str]]


GOOD = {"pass", "published", "succeeded", "usable", "approved", "active"}
BAD = {"fail", "failed", "unusable", "rejected", "rolled back", "dead"}
WAITING = {"in review", "queued", "running", "checking", "not enough events", "draft"}


def badge(state: str | None) -> Cell:
    """A state as a coloured word."""
    tone = "good" if state in GOOD else "bad" if state in BAD else "wait" if state in WAITING else "plain"
    return Cell(state or "–", kind="badge", tone=tone if state else "plain")


def link(value: Any, page: str, **place: Any) -> Cell:
    return Cell(value, href=address(page, **place))


def address(page: str, **place: Any) -> str:
    """Where a page of the console is, by its name in urls.py."""
    return reverse(f"console:{page}", kwargs=place)


def when(at: datetime | None) -> Cell:
    return Cell(at, kind="time")


def code(text: Any) -> Cell:
    return Cell(text, kind="code")


def number(value: float | None, digits: int = 0) -> Cell:
    return Cell("–" if value is None else f"{value:,.{digits}f}", kind="number")


def percent(share: float | None, digits: int = 3) -> Cell:
    """Three digits that count, as 1.02 % or 0.0987 %."""
    return Cell("–" if share is None else f"{100 * share:.{digits}g} %", kind="number")


def interval(rate: Any) -> Cell:
    """An observed rate with its interval, as 1.02 % [0.97, 1.07]."""
    if rate is None:
        return Cell("–", kind="number")
    return Cell(f"{100 * rate['rate']:.3g} % [{100 * rate['low']:.3g}, {100 * rate['high']:.3g}]", kind="number")


def log_lines(log: Sequence[Mapping[str, str]]) -> list[str]:
    """What long work says of itself, each line with its time (UTC)."""
    return [f"{line['at'][11:19]} {line['text']}" for line in log]
