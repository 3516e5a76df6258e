"""Moments and days as fields of requests."""

from datetime import date, datetime
from typing import Any

from rest_framework import serializers

from tenants import times


class Moment(serializers.DateTimeField):
    """A moment (RFC 3339)."""

    def to_internal_value(self, value: Any) -> datetime:
        at: datetime = super().to_internal_value(value)
        try:
            return times.within_reach(at)
        except ValueError as error:
            raise serializers.ValidationError(str(error)) from None


class DayOrMoment(Moment):
    """A moment (RFC 3339), or a day, which stands for its first moment; with `whole`, for the first of the next."""

    def __init__(self, *, whole: bool = False, **words: Any) -> None:
        self.whole = whole
        super().__init__(**words)

    def to_internal_value(self, value: Any) -> datetime:
        try:
            of_day = times.moment_of_day(value, whole=self.whole) if isinstance(value, str) else None
        except ValueError as error:
            raise serializers.ValidationError(str(error)) from None
        return super().to_internal_value(value) if of_day is None else of_day


class Day(serializers.DateField):
    """A day (UTC)."""

    def to_internal_value(self, value: Any) -> date:
        day: date = super().to_internal_value(value)
        try:
            times.first_moment(day)
        except ValueError as error:
            raise serializers.ValidationError(str(error)) from None
        return day
