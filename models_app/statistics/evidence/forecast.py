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


def forecast(alerts: NDArray[np.bool_], occurred_at: NDArray[np.int64], confidence: float = 0.95) -> Forecast | None:
    """From n events, whether each alerts, and when it occurred (µs). None without alerts: there is no scale for it."""
    if not np.any(alerts):
        return None
    days = occurred_at // DAY - int(np.min(occurred_at)) // DAY
    alerted = np.bincount(days, weights=alerts).astype(np.float64)
    return of_days(np.bincount(days), alerted, confidence)


def of_days(events: NDArray[np.integer], alerts: FloatArray, confidence: float = 0.95) -> Forecast:
    """As `forecast`, from events and alerts of each day in turn, arrays of one shape; some alert.

    The rate's relative standard error is √(φ (1 − a) / a · (1 / n + 1 / m)) for m events of a week, on a log scale.
    """
    n, rate = int(np.sum(events)), float(np.sum(alerts) / np.sum(events))
    week, dispersion = max(1, round(7 * n / len(events))), _dispersion(events, alerts, rate)
    error = math.sqrt(dispersion * (1.0 - rate) / rate * (1.0 / n + 1.0 / week))
    factor = math.exp(min(50.0, float(special.ndtri((1.0 + confidence) / 2.0)) * error))
    return Forecast(week, rate / factor, min(1.0, rate * factor), dispersion, _weeks(events, alerts))


def _dispersion(events: NDArray[np.integer], alerts: FloatArray, rate: float) -> float:
    """Pearson's χ² over its degrees of freedom, of alerts by day; at least 1, for few days say little."""
    events, alerts = events[events > 0], alerts[events > 0]
    if len(events) < _LEAST_DAYS or rate >= 1.0:
        return 1.0
    chi = float(np.sum((alerts - events * rate) ** 2 / (events * rate * (1.0 - rate))))
    return max(1.0, chi / (len(events) - 1))


def _weeks(events: NDArray[np.integer], alerts: FloatArray) -> list[float]:
    """Whole weeks, counted back from the last day."""
    ends = range(len(events) % 7 + 7, len(events) + 1, 7)
    weeks = [(events[end - 7 : end].sum(), alerts[end - 7 : end].sum()) for end in ends]
    return [float(alerted / n) for n, alerted in weeks if n]
