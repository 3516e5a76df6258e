"""Moments and days as requests name them, from years that can be reckoned with."""

from datetime import UTC, date, datetime, time, timedelta

from django.utils.dateparse import parse_date, parse_datetime
from django.utils.timezone import is_naive, make_aware

# Wide enough for any data, and far enough from the first and the last moment that there are to go on from both.
FIRST, LAST = datetime(1900, 1, 1, tzinfo=UTC), datetime(3000, 1, 1, tzinfo=UTC)
BEYOND = f"expected a time from {FIRST.year} to {LAST.year - 1}; leave it out where there is no limit"
_UNREADABLE = "Datetime has wrong format: expected a day or a moment, as 2026-11-23 or 2026-11-23T20:06:01Z"


def within_reach(at: datetime) -> datetime:
    """Return the moment. Raises ValueError for one too early or too late to compute with."""
    if not FIRST <= at < LAST:
        raise ValueError(BEYOND)
    return at


def first_moment(day: date) -> datetime:
    """Return the moment when a day begins (UTC). Raises ValueError for a day too early or too late to compute with."""
    return within_reach(make_aware(datetime.combine(day, time())))


def moment_of_day(text: str, *, whole: bool) -> datetime | None:
    """The first moment of the day that a text names; with `whole`, that of the next. None for no day."""
    try:
        day = parse_date(text) if len(text) == 10 else None
    except ValueError:
        return None
    return None if day is None else first_moment(day) + timedelta(days=1 if whole else 0)


def read_moment(text: str, *, whole: bool = False) -> datetime:
    """A moment (RFC 3339; without a zone UTC), or a day as `moment_of_day` has it. Raises ValueError in words."""
    if (of_day := moment_of_day(text, whole=whole)) is not None:
        return of_day
    try:
        at = parse_datetime(text)
    except ValueError:
        at = None
    if at is None:
        raise ValueError(_UNREADABLE)
    try:
        return within_reach(make_aware(at) if is_naive(at) else at)
    except OverflowError:
        raise ValueError(BEYOND) from None
