"""The time that a page tells of: chosen by links, kept in its address, and fetched again while it goes on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import ClassVar

from django.http import HttpRequest
from django.utils import timezone

from models_app.console.ui.panels import Panel
from tenants.times import read_moment

LENGTHS: Mapping[str, timedelta] = {
    "day": timedelta(days=1),
    "week": timedelta(days=7),
    "month": timedelta(days=30),
    "year": timedelta(days=364),
}
USUAL = "month"


@dataclass(frozen=True)
class TimeRange:
    """So long a time, by `name`, up to `end`; `is_latest`: up to now, so that it goes on."""

    name: str
    end: datetime
    is_latest: bool

    @property
    def length(self) -> timedelta:
        return LENGTHS[self.name]

    @property
    def start(self) -> datetime:
        return self.end - self.length


@dataclass(frozen=True)
class Way:
    """To another time; `name` tells it from the others beside it."""

    name: str
    words: str
    href: str
    is_here: bool = False


@dataclass(frozen=True)
class RangeLinks(Panel):
    """Ways to another range, and to what was before and after; `words` say which this one is."""

    template: ClassVar[str] = "console/panels/ranges.html"
    part: str
    links: Sequence[Way]
    words: str


@dataclass(frozen=True)
class Refreshing(Panel):
    """Parts that are fetched again every so many `seconds`; None: they stay as they are. `name` is their address's."""

    template: ClassVar[str] = "console/panels/refreshing.html"
    name: str
    panels: Sequence[Panel]
    seconds: int | None = None


def range_of(request: HttpRequest) -> TimeRange:
    """As the address has it; what is no range or moment counts as not there, so that old links still open."""
    name, now = request.GET.get("range", USUAL), timezone.now()
    name = name if name in LENGTHS else USUAL
    try:
        end = read_moment(request.GET["until"].replace(" ", "+"))
    except (KeyError, ValueError):
        return TimeRange(name, now, True)
    return TimeRange(name, end, False) if end < now else TimeRange(name, now, True)


def range_links(request: HttpRequest, chosen: TimeRange, part: str) -> RangeLinks:
    """`part`: the name of the page's part that tells of the range, which alone is fetched anew."""
    until = "" if chosen.is_latest else _moment(chosen.end)
    links = [Way(name, name.capitalize(), _with(request, name, until), name == chosen.name) for name in LENGTHS]
    links.append(Way("earlier", "← Earlier", _with(request, chosen.name, _moment(chosen.start))))
    if not chosen.is_latest:
        later = chosen.end + chosen.length
        until = _moment(later) if later < timezone.now() else ""
        links.append(Way("later", "Later →", _with(request, chosen.name, until)))
    words = f"{chosen.start:%Y-%m-%d %H:%M} to {chosen.end:%Y-%m-%d %H:%M} UTC"
    return RangeLinks(part, links, words)


def _with(request: HttpRequest, name: str, until: str) -> str:
    query = request.GET.copy()
    query["range"] = name
    query.pop("until", None)
    if until:
        query["until"] = until
    return f"?{query.urlencode()}"


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%MZ}"
