"""Hours of the day in which people are not to be disturbed, in a time zone by its name.

Written as `22:00-07:00 Europe/Berlin`; an empty text is no quiet hours.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from django.core.exceptions import ValidationError

EXPECTED = "expected hours and a time zone, as 22:00-07:00 Europe/Berlin, or nothing for none"
LONGEST = 80  # characters
_FORM = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d) (\S{1,60})", re.ASCII)


@dataclass(frozen=True)
class QuietHours:
    """From `begin` to `end`, by a clock in the `zone`; over midnight where the end is earlier than the begin."""

    begin: time
    end: time
    zone: str

    def __str__(self) -> str:
        return f"{self.begin:%H:%M}-{self.end:%H:%M} {self.zone}"

    def held_until(self, at: datetime) -> datetime:
        """When what is to be told at this time may be told: then, or at the end of the quiet hours that it is in."""
        local = at.astimezone(ZoneInfo(self.zone))
        if not self._holds(local.time()):
            return at
        end = datetime.combine(local.date(), self.end, local.tzinfo)
        if local.time() >= self.end:
            end = datetime.combine(local.date() + timedelta(days=1), self.end, local.tzinfo)
        return max(at, end.astimezone(UTC))

    def _holds(self, clock: time) -> bool:
        if self.begin < self.end:
            return self.begin <= clock < self.end
        return clock >= self.begin or clock < self.end


def read(text: str) -> QuietHours | None:
    """None for an empty text. Raises ValueError in words."""
    if not text:
        return None
    found = _FORM.fullmatch(text)
    if found is None:
        raise ValueError(EXPECTED)
    begin, end = (time(int(found[place]), int(found[place + 1])) for place in (1, 3))
    quiet = QuietHours(begin, end, found[5])
    if quiet.begin == quiet.end:
        raise ValueError("expected an end that is another time than the begin")
    if quiet.zone not in zones():
        raise ValueError(f"expected the name of a time zone, as Europe/Berlin, found {quiet.zone}")
    return quiet


def check(text: str) -> None:
    """As fields of models check it."""
    try:
        read(text)
    except ValueError as error:
        raise ValidationError(str(error)) from None


@lru_cache(maxsize=1)
def zones() -> frozenset[str]:
    """The names of time zones that this machine knows."""
    return frozenset(available_timezones())
