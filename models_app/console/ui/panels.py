"""What pages are made of: panels. Each names the template that draws it; a page is a list of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from html import unescape
from typing import Any, ClassVar, Literal
from urllib.parse import quote, urlencode

from django.urls import reverse

from models_app.console.ui.sparklines import Interval, Scale, Spark

NOTHING = "–"
LONG = 30  # characters: what is longer may break its line

Kind = Literal[
    "text", "code", "strong", "number", "time", "badge", "cells", "spark", "scale", "opens", "progress", "chooses"
]


@dataclass(frozen=True)
class Cell:
    """A value in a table or a list of facts. `tone`, of a badge: good, bad, wait or plain.

    Each kind has a template: `cells` is for several, `spark` and `scale` for a Spark and a Scale, `opens` for an
    Opener, `progress` for a share done in %, `chooses` for a row's box (chosen.Box).
    """

    value: Any
    href: str = ""
    kind: Kind = "text"
    tone: str = ""

    @property
    def template(self) -> str:
        """The template that draws a value of this kind."""
        return f"console/cells/{self.kind}.html"

    @property
    def look(self) -> str:
        """The classes of the table's cell around it."""
        is_long = isinstance(self.value, str) and len(self.value) > LONG
        return f"of-{self.kind}" + (" nothing" if self.value in (NOTHING, "", None) else " long" if is_long else "")


@dataclass(frozen=True)
class Opener:
    """A button's words, the act whose dialog it opens, and what the dialog's fields are filled in with."""

    words: str
    act: str
    fields: Mapping[str, Any]

    @property
    def query(self) -> str:
        """The fields as console.js reads them."""
        return urlencode(self.fields, quote_via=quote)


@dataclass(frozen=True)
class Panel:
    template: ClassVar[str]


@dataclass(frozen=True)
class Facts(Panel):
    template: ClassVar[str] = "console/panels/facts.html"
    facts: Sequence[tuple[str, Cell]]
    title: str = ""


@dataclass(frozen=True)
class Figure(Panel):
    """`figure`: Plotly JSON, its title above it. `name` is unique on its page; `hint` tells how to read it."""

    template: ClassVar[str] = "console/panels/figure.html"
    name: str
    figure: Mapping[str, Any]
    hint: str = ""

    @property
    def element(self) -> str:
        return "figure-" + "".join(each if each.isalnum() else "-" for each in self.name)

    @property
    def title(self) -> str:
        title = self.figure.get("layout", {}).get("title", self.name)
        text = str(title.get("text", self.name) if isinstance(title, Mapping) else title)
        return unescape(text)  # Plotly's way of it, and templates escape by themselves


@dataclass(frozen=True)
class Figures(Panel):
    """Several, side by side where there is room."""

    template: ClassVar[str] = "console/panels/figures.html"
    figures: Sequence[Figure]


@dataclass(frozen=True)
class Note(Panel):
    """A sentence that counts. `tone`: good, bad, wait or plain."""

    template: ClassVar[str] = "console/panels/note.html"
    text: str
    tone: str = "plain"
    heading: str = ""


@dataclass(frozen=True)
class Verdict(Panel):
    """What evidence comes to: its state as a badge, and the sentence that says it, large."""

    template: ClassVar[str] = "console/panels/verdict.html"
    state: Cell
    sentence: str


@dataclass(frozen=True)
class Words(Panel):
    """Sentences that belong together; `intro` stands before them, `empty` in their place."""

    template: ClassVar[str] = "console/panels/words.html"
    sentences: Sequence[str]
    title: str = ""
    intro: str = ""
    empty: str = "Nothing."


@dataclass(frozen=True)
class Folded(Panel):
    """Parts behind their title, which opens them."""

    template: ClassVar[str] = "console/panels/folded.html"
    title: str
    panels: Sequence[Panel]


@dataclass(frozen=True)
class Letterhead(Panel):
    """What a page says of itself on paper only: (term, value)."""

    template: ClassVar[str] = "console/panels/letterhead.html"
    facts: Sequence[tuple[str, Cell]]


@dataclass(frozen=True)
class Code(Panel):
    """Text to be read or copied as it is."""

    template: ClassVar[str] = "console/panels/code.html"
    text: str
    title: str = ""
    folded: bool = False


@dataclass(frozen=True)
class Stat:
    """One number that counts: what it is, the number, and what it says beside it."""

    label: str
    cell: Cell
    note: str = ""
    spark: Spark | None = None


@dataclass(frozen=True)
class Stats(Panel):
    """The few numbers of a page, side by side."""

    template: ClassVar[str] = "console/panels/stats.html"
    stats: Sequence[Stat]


@dataclass(frozen=True)
class Moment:
    """What happened at a time: its heading, more about it, and how it is to be seen."""

    at: datetime | None
    heading: Cell
    text: str = ""
    badges: Sequence[Cell] = ()
    lines: Sequence[str] = ()


@dataclass(frozen=True)
class Timeline(Panel):
    """Moments, newest first."""

    template: ClassVar[str] = "console/panels/timeline.html"
    moments: Sequence[Moment]
    title: str = ""
    empty: str = "Nothing has happened yet."
    listing: Any = None


@dataclass(frozen=True)
class Section(Panel):
    """Parts under a heading of their own, which its `name` makes an address for; `at`: when that was."""

    template: ClassVar[str] = "console/panels/section.html"
    name: str
    title: str
    panels: Sequence[Panel]
    hint: str = ""
    at: datetime | None = None


@dataclass(frozen=True)
class SideBySide(Panel):
    """Panels beside each other where there is room."""

    template: ClassVar[str] = "console/panels/side_by_side.html"
    panels: Sequence[Panel]


@dataclass(frozen=True)
class Progress(Panel):
    """Long work: `share` done in [0, 1], and what it says of itself."""

    template: ClassVar[str] = "console/panels/progress.html"
    share: float
    state: str
    log: Sequence[str] = field(default_factory=tuple)

    @property
    def percent(self) -> int:
        return round(100 * self.share)


@dataclass(frozen=True)
class Box:
    """One thing in a stage, and what is to be known of it."""

    heading: Cell
    text: str = ""


@dataclass(frozen=True)
class Stage:
    title: str
    boxes: Sequence[Box]


@dataclass(frozen=True)
class Flow(Panel):
    """Stages that follow each other, as a picture that is text."""

    template: ClassVar[str] = "console/panels/flow.html"
    stages: Sequence[Stage]


@dataclass(frozen=True)
class Step:
    """Something to do, and where; `is_here`: what is to be done now."""

    words: str
    text: str
    href: str
    is_done: bool
    is_here: bool = False


@dataclass(frozen=True)
class Steps(Panel):
    """Steps in their order, with what is done of them."""

    template: ClassVar[str] = "console/panels/steps.html"
    steps: Sequence[Step]
    title: str = ""


@dataclass(frozen=True)
class Watching(Panel):
    """Parts that tell of what a form's fields hold, fetched again as they change; `form` is its act's name."""

    template: ClassVar[str] = "console/panels/watching.html"
    form: str
    panels: Sequence[Panel]


@dataclass(frozen=True)
class Links(Panel):
    """Ways on from here: (words, address)."""

    template: ClassVar[str] = "console/panels/links.html"
    links: Sequence[tuple[str, str]]


GOOD = {
    "yes",
    "pass",
    "repairs",
    "published",
    "succeeded",
    "usable",
    "approved",
    "active",
    "live",
    "in force",
    "healthy",
    "up to date",
}
BAD = {
    "locked",
    "fail",
    "failed",
    "unusable",
    "rejected",
    "rolled back",
    "revoked",
    "expired",
    "not served",
    "silent",
    "events dropped",
    "quarantine",
    "set aside",
    "risk rose",
}
WAITING = {
    "in review", "queued", "running", "checking", "not enough events", "draft", "loading", "behind", "soon",
    "some pass", "none passes", "proposed", "waits",
}  # fmt: skip


def badge(state: str | None) -> Cell:
    """A state as a coloured word."""
    tone = "good" if state in GOOD else "bad" if state in BAD else "wait" if state in WAITING else "plain"
    return Cell(state or "–", kind="badge", tone=tone if state else "plain")


def opens(words: str, act: str, *, grave: bool = False, **fields: Any) -> Cell:
    """A button that opens an act's dialog with these of its fields filled in."""
    return Cell(Opener(words, act, fields), kind="opens", tone="grave" if grave else "")


def several(*cells: Cell) -> Cell:
    return Cell(cells, kind="cells")


def scale(observed: Interval | None, target: float | None = None) -> Cell:
    """An observed rate with its interval, drawn against its target."""
    if observed is None:
        return Cell("–", kind="number")
    return Cell(Scale(observed.rate, observed.low, observed.high, target), kind="scale")


def link(value: Any, page: str, **place: Any) -> Cell:
    return Cell(value, href=address(page, **place))


def address(page: str, **place: Any) -> str:
    """Return the address of a page of the console, by its name in urls.py."""
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
