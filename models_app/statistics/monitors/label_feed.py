"""Whether labels come as they use to: how long none has come, and how many came on the last whole day.

Silences between hours with labels are taken for as long as chance makes those of events that come at random: a silence
is then r times as long as the longest of n earlier ones with a chance of Γ(r + 1) Γ(n + 1) / Γ(n + r + 1). Feeds that
come by a timetable are more regular, and so silences of theirs are told a little late, not too soon.
"""

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np
from scipy import special

from models_app.statistics.monitors.distribution import HOURS
from models_app.statistics.monitors.sequential import HOURS_A_YEAR

DAYS = 28
_LEAST = 5  # silences, or days, that must be known
_LEAST_SPREAD = 0.2
_DEGREES = 10.0
_FEW = 3.0  # labels that are added to either side


class Feed(msgspec.Struct, frozen=True):
    """The `hours`, counted from 1970, in which labels came last, of four weeks up to the latest of them."""

    hours: tuple[int, ...] = ()

    def after(self, latest: int) -> "Feed":
        """With the hour of the latest label, as it is known now."""
        if self.hours and latest <= self.hours[-1]:
            return self
        return Feed((*(each for each in self.hours if each > latest - DAYS * HOURS), latest))


class Unusual(msgspec.Struct, frozen=True):
    """`a_year`: how often as much comes about by chance; `since`: which hour; `times` as long, or as many, as usual."""

    a_year: float
    since: int
    times: float


def silence(feed: Feed, until: int) -> Unusual | None:
    """The hours before `until` (counted from 1970) in which no label came; None where it is not known what is usual."""
    gaps = np.diff(feed.hours)
    if len(gaps) < _LEAST:
        return None
    longest, n = float(gaps.max()), len(gaps)
    times = max(0.0, (until - 1 - feed.hours[-1]) / longest)
    chance = special.gammaln(times + 1.0) + special.gammaln(n + 1.0) - special.gammaln(n + times + 1.0)
    return Unusual(HOURS_A_YEAR / float(gaps.mean()) * float(np.exp(chance)), feed.hours[-1] + 1, times)


def last_day(days: Mapping[int, int], today: int) -> Unusual | None:
    """How many labels came yesterday, beside the same weekdays of the weeks before; days are counted from 1970."""
    past = [day for day in range(today - 1 - DAYS, today - 1) if day >= min(days, default=today)]
    apart = {day: _apart(days, day, [each for each in past if each != day]) for day in past}
    if len(past) < 2 * 7 or sum(days.get(day, 0) > 0 for day in past) < _LEAST:
        return None
    spread = max(_LEAST_SPREAD, float(np.sqrt(np.mean(np.square(list(apart.values()))))))
    found = _apart(days, today - 1, past)
    chance = 2.0 * float(special.stdtr(_DEGREES, -abs(found) / spread))
    return Unusual(HOURS_A_YEAR / HOURS * chance, (today - 1) * HOURS, float(np.exp(found)))


def _apart(days: Mapping[int, int], day: int, others: Sequence[int]) -> float:
    """The logarithm of how many times as many labels came on a day as on the others of its weekday."""
    alike = [days.get(each, 0) for each in others if (each - day) % 7 == 0]
    usual = float(np.mean(alike)) if alike else 0.0
    return float(np.log((days.get(day, 0) + _FEW) / (usual + _FEW)))
