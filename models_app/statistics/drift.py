"""How far the alert rate of a week lies from that of the weeks before it, at a fixed mapping and beyond sampling.

Days of one intent are not independent: risk comes in days, weekdays and trends. What a client lives through is the
next week, so the week is the unit. Weeks are whole ones, in which weekdays cancel. What past weeks say is in
`past_weeks`, and what follows for the next one in `movement`.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import special

from models_app.statistics.clusters import variance_of_days

WEEK = 7  # days
DAY = 86_400_000_000  # microseconds
_LEAST = 1e-18  # variance: nothing varies where every event alerts
_HALVINGS = 60  # of an interval in which a quantile lies, down to the last bit


@dataclass(frozen=True)
class Drift:
    """How far a week's alert rate lies from that of the weeks before it, beyond sampling.

    `variance` of the difference as a share of the rate, estimated from `degrees` of freedom; or, where `likely` is not
    empty, the mean of what it may be: each (variance, probability). `weeks` past weeks tell it, 0 where it is assumed.
    """

    variance: float
    degrees: float
    weeks: int = 0
    likely: tuple[tuple[float, float], ...] = ()

    @property
    def share(self) -> float:
        """The standard deviation, as a share of the rate."""
        return math.sqrt(self.variance)


# Of an intent of which no week is known, on a platform of which none is.
ASSUMED = Drift(variance=0.05**2, degrees=2.0)


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


def widened(drift: Drift, variance: float) -> Drift:
    """With more variance of the same difference, by something that has nothing to do with weeks."""
    likely = tuple((each + variance, weight) for each, weight in drift.likely)
    return replace(drift, variance=drift.variance + variance, likely=likely) if variance else drift


def quantile(drift: Drift, sampling: float, confidence: float) -> float:
    """The two-sided quantile for a variance of `sampling` (known) and drift (estimated).

    By Satterthwaite's degrees; where it is known what the drift may be, that of a mixture of normal distributions.
    """
    level, total = (1.0 + confidence) / 2.0, sampling + drift.variance
    if drift.likely:
        return _of_mixture(drift.likely, max(sampling, _LEAST), level) / math.sqrt(max(total, _LEAST))
    if drift.variance < 1e-6 * sampling:
        return float(special.ndtri(level))
    degrees = drift.degrees * (total / drift.variance) ** 2
    return float(special.stdtrit(degrees, level))


def _of_mixture(likely: Sequence[tuple[float, float]], sampling: float, level: float) -> float:
    variances, weights = np.array(likely).T
    spreads = np.sqrt(sampling + variances)
    low, high = (float(special.ndtri(level) * each) for each in (np.min(spreads), np.max(spreads)))
    for _ in range(_HALVINGS):
        middle = (low + high) / 2.0
        is_below = float(np.sum(weights * special.ndtr(middle / spreads))) < level
        low, high = (middle, high) if is_below else (low, middle)
    return high
