"""Where a fit's events come from, as it is asked for and stored."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import msgspec

from models_app.inputs.errors import invalid
from models_app.inputs.schema import read

MAX_DAYS = 3660.0
KINDS = ("recorded", "replay", "sample")


class WindowSource(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Events that occurred in [as_of − days, as_of): their recorded probabilities, or those of a replay.

    With `routes`, only the events of the routes that have these names in a `release`, by its number; else all.
    """

    kind: Literal["recorded", "replay"]
    days: float
    as_of: datetime | None = None
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
    """A source as it was sent; `as_of` is now where it is not given. Raises ValidationError naming the field."""
    kind = value.get("kind") if isinstance(value, dict) else None
    if kind not in KINDS:
        raise invalid("source.kind", f"expected one of {', '.join(KINDS)}, found {kind!r}")
    if kind == "sample":
        return read(value, SampleSource, "source")
    source = read(value, WindowSource, "source")
    end = read_window(source.days, source.as_of or now, "source.").end
    return msgspec.structs.replace(source, as_of=end)


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


def window(source: WindowSource) -> Window:
    """The time that a stored source covers."""
    assert source.as_of is not None  # read_source has set it
    return Window(source.as_of - timedelta(days=source.days), source.as_of)
