"""How far the alert rate of a week lies from that of the weeks before it, at a fixed mapping and beyond sampling.

Days of one intent are not independent: risk comes in days, weekdays and trends. What a client lives through is the
next week, so the week is the unit: each past week is compared with the window before it, as a forecast of it would
have been. Windows are whole weeks, in which weekdays cancel.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from models_app.statistics.clusters import variance_of_days

WEEK = 7
# Errors of successive weeks share a week, so that they know about two thirds of what independent ones would.
_INDEPENDENT = 2.0 / 3.0
# However many intents there are, another one may drift otherwise.
_MOST_DEGREES = 10.0


@dataclass(frozen=True)
class WeekAhead:
    """A past week beside the window before it: `error` is log(rate of the week / rate of the window).

    `sampling` is the variance that it would have if nothing but chance moved the rate; `rate` that of the window.
    """

    error: float
    sampling: float
    rate: float


@dataclass(frozen=True)
class Drift:
    """How far a week's alert rate lies from that of the window before it, beyond sampling.

    `variance` of log(rate of the week / rate of the window), estimated from `degrees` of freedom; `weeks` past weeks
    tell it, 0 where it is assumed.
    """

    variance: float
    degrees: float
    weeks: int = 0

    @property
    def share(self) -> float:
        """The standard deviation, as a share of the rate."""
        return math.sqrt(self.variance)


# Of an intent of which no week is known, on a platform of which none is.
ASSUMED = Drift(variance=0.05**2, degrees=2.0)


def weeks_ahead(
    events: NDArray[np.integer], alerts: NDArray[np.integer], window: int = 2 * WEEK, design_effect: float = 1.0
) -> list[WeekAhead]:
    """Each past week beside the `window` days before it, oldest first, from events and alerts of successive days.

    Arrays of one shape (days,); the last day is the latest, and weeks are counted back from it. Weeks and windows
    without events, or with a day without any, are left out: nothing is known of what their traffic was.
    """
    last = len(events) - WEEK
    found = []
    for start in range(last % WEEK, last + 1, WEEK):
        before, week = slice(start - window, start), slice(start, start + WEEK)
        if start >= window and np.all(events[before.start : week.stop] > 0):
            found.append(_ahead(events, alerts, before, week, design_effect))
    return found


def drift_of(own: Sequence[WeekAhead], others: Sequence[WeekAhead] = ()) -> Drift:
    """An intent's drift from its own past weeks, shrunk to that of other intents (or to what is assumed).

    Both are variances, weighted by their degrees of freedom, as independent estimates of one variance are pooled.
    """
    prior = _pooled(others) if others else ASSUMED
    degrees = _INDEPENDENT * len(own)
    excess = sum(each.error**2 - each.sampling for each in own) * _INDEPENDENT
    variance = max(0.0, (prior.degrees * prior.variance + excess) / (prior.degrees + degrees))
    return Drift(variance, prior.degrees + degrees, prior.weeks + len(own))


def of_days(events: NDArray[np.integer], alerts: NDArray[np.integer], design_effect: float = 1.0) -> Drift:
    """The drift that the days of the window show by themselves, where no past week is known.

    Arrays of one shape (days,). Days count as independent of each other: trends and what lasts for several days are
    not in it, so that it is too little where there are such.
    """
    alerted = int(np.sum(alerts))
    if not alerted:
        return Drift(0.0, 1.0)
    rate = alerted / int(np.sum(events))
    variance, degrees = variance_of_days((alerts - rate * events) / alerted)
    if degrees is None:
        return Drift(0.0, 1.0)
    excess = max(0.0, variance - design_effect * (1.0 - rate) / alerted)
    return Drift(excess * (1.0 + len(events) / WEEK), float(degrees))


def assumed(shown: Drift) -> Drift:
    """What a forecast takes for granted without past weeks: what days show, and ASSUMED for what they cannot."""
    degrees = shown.degrees if shown.variance > ASSUMED.variance else ASSUMED.degrees
    return Drift(shown.variance + ASSUMED.variance, degrees)


def alike(rate: float, others: Sequence[WeekAhead]) -> list[WeekAhead]:
    """Weeks of thresholds whose alert rate is of this size, within a factor of about three: rare alerts drift more."""
    return [each for each in others if each.rate > 0.0 and abs(math.log10(each.rate / rate)) <= 0.5] if rate else []


def quantile(drift: Drift, sampling: float, confidence: float) -> float:
    """The two-sided quantile for a variance of `sampling` (known) and drift (estimated), by Satterthwaite's degrees."""
    level, total = (1.0 + confidence) / 2.0, sampling + drift.variance
    if drift.variance < 1e-6 * sampling:
        return float(special.ndtri(level))
    degrees = drift.degrees * (total / drift.variance) ** 2
    return float(special.stdtrit(degrees, level))


def _ahead(
    events: NDArray[np.integer], alerts: NDArray[np.integer], before: slice, week: slice, design_effect: float
) -> WeekAhead:
    # Half an alert more keeps the logarithm of none finite.
    (seen, then), (alerted, came) = (
        [float(np.sum(days[part])) for part in (before, week)] for days in (events, alerts + 0.0)
    )
    error = math.log((came + 0.5) / then) - math.log((alerted + 0.5) / seen)
    return WeekAhead(error, design_effect * (1.0 / (alerted + 0.5) + 1.0 / (came + 0.5)), alerted / seen)


def _pooled(weeks: Sequence[WeekAhead]) -> Drift:
    """What the weeks have in common, by moments: each weighs by how closely it knows the variance."""
    errors, sampling = (np.array([getattr(each, name) for each in weeks]) for name in ("error", "sampling"))
    variance = 0.0
    for _ in range(20):
        weights = 1.0 / (sampling + variance) ** 2
        variance = max(0.0, float(np.sum(weights * (errors**2 - sampling)) / np.sum(weights)))
    known = _INDEPENDENT * float(np.sum(weights) ** 2 / np.sum(weights**2))
    return Drift(variance, min(known, _MOST_DEGREES), len(weeks))
