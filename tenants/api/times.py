"""Moments and days as requests name them, from years that can be reckoned with."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.utils.dateparse import parse_date
from django.utils.timezone import make_aware
from rest_framework import serializers

# Wide enough for any data, and far enough from the first and the last moment that there are to go on from both.
FIRST, LAST = datetime(1900, 1, 1, tzinfo=UTC), datetime(3000, 1, 1, tzinfo=UTC)
BEYOND = f"expected a time from {FIRST.year} to {LAST.year - 1}; leave it out where there is no limit"


class Moment(serializers.DateTimeField):
    """A moment (RFC 3339)."""

    def to_internal_value(self, value: Any) -> datetime:
        return checked(super().to_internal_value(value))


class DayOrMoment(Moment):
    """A moment (RFC 3339), or a day, which stands for its first moment; with `whole`, for the first of the next."""

    def __init__(self, *, whole: bool = False, **words: Any) -> None:
        self.whole = whole
        super().__init__(**words)

    def to_internal_value(self, value: Any) -> datetime:
        try:
            day = parse_date(value) if isinstance(value, str) and len(value) == 10 else None
        except ValueError:
            day = None  # said below
        if day is None:
            return super().to_internal_value(value)
        return checked(make_aware(datetime.combine(day, time()))) + timedelta(days=1 if self.whole else 0)


class Day(serializers.DateField):
    """A day (UTC)."""

    def to_internal_value(self, value: Any) -> date:
        day: date = super().to_internal_value(value)
        checked(make_aware(datetime.combine(day, time())))
        return day


def checked(at: datetime) -> datetime:
    """The same. Raises ValidationError for a time that nothing can be reckoned with."""
    if not FIRST <= at < LAST:
        raise serializers.ValidationError(BEYOND)
    return at
