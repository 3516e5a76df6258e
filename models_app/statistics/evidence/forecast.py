"""Where the alert rate of the next week will be, if nothing else changes."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from scoring.engine.probability import FloatArray

DAY = 86_400_000_000  # microseconds
_LEAST_DAYS = 5


@dataclass(frozen=True)
class Forecast:
    """`low` to `high`: a prediction interval of the next week's alert rate, for about `events` events.

    It holds the sampling of both periods, with `dispersion` (1: events are independent) as the days show it. Drift is
    not in it: `weeks` has the alert rates of past weeks, oldest first, whose spread shows it.
    """

    events: int
    low: float
    high: float
    dispersion: float
    weeks: list[float]


def forecast(alerts: NDArray[np.bool_], occurred_at: NDArray[np.int64], confidence: float = 0.95) -> Forecast:
    """From n ≥ 1 events: whether each alerts, and when it occurred (µs). Days are counted back from the last event."""
    days = (int(np.max(occurred_at)) - occurred_at) // DAY
    events = np.bincount(days)
    return of_days(events[::-1], np.bincount(days[alerts], minlength=len(events))[::-1], confidence)


def of_days(events: NDArray[np.integer], alerts: NDArray[np.integer], confidence: float = 0.95) -> Forecast:
    """As `forecast`, from events and alerts of each day in turn, arrays of one shape; there is some event.

    Where days differ more than independent events would, their scatter is estimated from few days itself, which
    Student's t allows for.
    """
    n, rate = int(np.sum(events)), float(np.sum(alerts) / np.sum(events))
    week, days = max(1, round(7 * n / len(events))), events > 0
    dispersion = _dispersion(events[days], alerts[days].astype(np.float64), rate)
    level = (1.0 + confidence) / 2.0
    z = special.stdtrit(np.count_nonzero(days) - 1, level) if dispersion > 1.0 else special.ndtri(level)
    low, high = prediction_interval(rate, n, week, dispersion, float(z))
    return Forecast(week, low, high, dispersion, _weeks(events, alerts))


def prediction_interval(rate: float, n: int, m: int, dispersion: float, z: float) -> tuple[float, float]:
    """The rates of m further events that a score test, of two samples with one rate, accepts beside `rate` of n.

    (p − q)² = z² φ r (1 − r) (1 / n + 1 / m), r = (n p + m q) / (n + m), solved for q: the joint sampling interval of
    Krishnamoorthy and Peng (Journal of Statistical Planning and Inference 141, 2011, 1709 to 1718) with dispersion φ.
    Unlike an interval of the rate's logarithm it is sound for few alerts, and for none.
    """
    spread, share = z * z * dispersion * (1.0 / n + 1.0 / m), m / (n + m)
    known = (1.0 - share) * rate
    square, linear = 1.0 + spread * share * share, 2.0 * rate + spread * share * (1.0 - 2.0 * known)
    constant = rate * rate - spread * known * (1.0 - known)
    root = math.sqrt(max(0.0, linear * linear - 4.0 * square * constant))
    low, high = (linear - root) / (2.0 * square), (linear + root) / (2.0 * square)
    return max(0.0, min(low, rate)), min(1.0, max(high, rate))


def _dispersion(events: NDArray[np.integer], alerts: FloatArray, rate: float) -> float:
    """Pearson's χ² over its degrees of freedom, of alerts by day; at least 1, for few days say little."""
    if len(events) < _LEAST_DAYS or not 0.0 < rate < 1.0:
        return 1.0
    chi = float(np.sum((alerts - events * rate) ** 2 / (events * rate * (1.0 - rate))))
    return max(1.0, chi / (len(events) - 1))


def _weeks(events: NDArray[np.integer], alerts: NDArray[np.integer]) -> list[float]:
    """Whole weeks, counted back from the last day."""
    ends = range(len(events) % 7 + 7, len(events) + 1, 7)
    weeks = [(events[end - 7 : end].sum(), alerts[end - 7 : end].sum()) for end in ends]
    return [float(alerted / n) for n, alerted in weeks if n]
