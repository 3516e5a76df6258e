"""Where a fit's events come from, as it is asked for and stored."""

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import msgspec

from models_app.inputs.errors import invalid
from models_app.inputs.schema import read
from models_app.statistics.halvings import Halvings
from models_app.statistics.halvings import halvings as halvings_at

MAX_DAYS = 3660.0
LEAST_HALF_LIFE, MAX_HALF_LIFE = 0.1, 365.0  # days
HALVINGS = 7  # of a window whose length is not given: what is left out of it would have less than a hundredth of all
KINDS = ("recorded", "replay", "sample")


class WindowSource(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Events that occurred in [as_of − days, as_of): their recorded probabilities, or those of a replay.

    With `half_life_days` an event's weight is 2^(−age / half-life), its age that of its day at the window's end; else
    all weigh the same. With `routes`, only the events of the routes that have these names in a `release`, by its
    number; else all.
    """

    kind: Literal["recorded", "replay"]
    days: float = 0.0
    as_of: datetime | None = None
    half_life_days: float | None = None
    routes: tuple[str, ...] = ()
    release: int | None = None


class SampleSource(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An uploaded sample, by id."""

    kind: Literal["sample"]
    sample: int


Source = WindowSource | SampleSource


@dataclass(frozen=True)
class Window:
    """Start inclusive, end exclusive."""

    start: datetime
    end: datetime

    def days(self) -> list["Window"]:
        """The window in pieces of a day, the last one shorter."""
        pieces, start = [], self.start
        while start < self.end:
            end = min(start + timedelta(days=1), self.end)
            pieces.append(Window(start, end))
            start = end
        return pieces


def read_source(value: Any, *, now: datetime) -> Source:
    """A source as it was sent; `as_of` is now where it is not given. Raises ValidationError naming the field.

    Without `days` it is whole weeks of HALVINGS half-lives, so that the window has each weekday as often as another.
    """
    kind = value.get("kind") if isinstance(value, dict) else None
    if kind not in KINDS:
        raise invalid("source.kind", f"expected one of {', '.join(KINDS)}, found {kind!r}")
    if kind == "sample":
        return read(value, SampleSource, "source")
    source = read(value, WindowSource, "source")
    _check_half_life(source.half_life_days)
    days = source.days if "days" in value else _whole_weeks(source.half_life_days)
    end = read_window(days, source.as_of or now, "source.").end
    return msgspec.structs.replace(source, days=days, as_of=end)


def read_window(days: float, as_of: datetime, where: str = "") -> Window:
    """[as_of − days, as_of). Raises ValidationError naming the field, with `where` in front."""
    if not 0 < days <= MAX_DAYS:
        raise invalid(f"{where}days", f"expected days above 0 and up to {MAX_DAYS:g}, found {days:g}")
    if as_of.tzinfo is None:
        raise invalid(f"{where}as_of", "expected a time with its zone, such as 2026-11-23T20:06:01Z")
    if not 1980 <= as_of.year < 9999:
        raise invalid(f"{where}as_of", f"expected a time since 1980, found {as_of.isoformat()}")
    end = as_of.astimezone(UTC)
    return Window(end - timedelta(days=days), end)


def window_days(value: Any) -> float | None:
    """The length of the window of a source as it was sent; None where it has none."""
    source = read_source(value, now=datetime.now(UTC))
    return source.days if isinstance(source, WindowSource) else None


def window(source: WindowSource) -> Window:
    """The time that a stored source covers."""
    assert source.as_of is not None  # read_source has set it
    return Window(source.as_of - timedelta(days=source.days), source.as_of)


def halvings(source: WindowSource) -> Halvings | None:
    """How often the weight of each of the window's days has halved; None where all events weigh the same."""
    if source.half_life_days is None:
        return None
    whole = window(source)
    return halvings_at([(whole.end - day.end) / timedelta(days=1) for day in whole.days()], source.half_life_days)


def _check_half_life(days: float | None) -> None:
    if days is not None and not LEAST_HALF_LIFE <= days <= MAX_HALF_LIFE:
        allowed = f"from {LEAST_HALF_LIFE:g} up to {MAX_HALF_LIFE:g}"
        raise invalid("source.half_life_days", f"expected days {allowed}, found {days:g}")


def _whole_weeks(half_life: float | None) -> float:
    """The days of a window whose length is not given."""
    if half_life is None:
        raise invalid("source.days", f"expected days above 0 and up to {MAX_DAYS:g}, or half_life_days")
    return 7.0 * math.ceil(HALVINGS * half_life / 7)
