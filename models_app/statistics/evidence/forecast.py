"""Where the alert rate of the next week will be, if nothing else changes than what changes from week to week anyway."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models_app.statistics import drift as drifts
from models_app.statistics.clusters import INDEPENDENT, Effect
from models_app.statistics.drift import WEEK, Drift
from models_app.statistics.prediction import interval

DAY = 86_400_000_000  # microseconds


@dataclass(frozen=True)
class Forecast:
    """Of the next week, with about `events` events: `low` to `high` holds the alert rate that will be observed.

    `expected_low` to `expected_high` holds the rate behind it, without the chance of that week's own events: it is
    what is held against a target. Both have the sampling of the window, with `design_effect` (1: events are
    independent), and the drift from week to week: `drift` is its standard deviation as a share of the rate, known
    from `past_weeks` weeks of this intent and of others; with 0 of them it is assumed, and the rate behind it has
    only what the days show. `weeks` has the alert rates of the window's weeks, oldest first. Evidence of former
    versions has no rate behind the week, and no drift.
    """

    events: int
    low: float
    high: float
    weeks: list[float]
    expected_low: float | None = None
    expected_high: float | None = None
    design_effect: float = 1.0
    drift: float = 0.0
    past_weeks: int = 0


def forecast(
    alerts: NDArray[np.bool_],
    occurred_at: NDArray[np.int64],
    drift: Drift | None = None,
    effect: Effect = INDEPENDENT,
    confidence: float = 0.95,
) -> Forecast:
    """From n ≥ 1 events: whether each alerts, and when it occurred (µs). Days are counted back from the last event."""
    days = (int(np.max(occurred_at)) - occurred_at) // DAY
    events = np.bincount(days)
    alerted = np.bincount(days[alerts], minlength=len(events))
    return of_days(events[::-1], alerted[::-1], drift, effect, confidence)


def of_days(
    events: NDArray[np.integer],
    alerts: NDArray[np.integer],
    drift: Drift | None = None,
    effect: Effect = INDEPENDENT,
    confidence: float = 0.95,
) -> Forecast:
    """As `forecast`, from events and alerts of each day in turn, arrays of one shape; there is some event.

    `drift` None: no past week is known. Then the days show some of it, and the forecast of what will be observed adds
    `drift.ASSUMED` for what lasts longer than a day.
    """
    n, alerted = int(np.sum(events)), int(np.sum(alerts))
    week = max(1, round(WEEK * n / len(events)))
    shown = drift or drifts.of_days(events, alerts, effect.factor)
    whole = drift or drifts.assumed(shown)
    low, high = interval(alerted, n, week, whole, effect, confidence)
    expected_low, expected_high = interval(alerted, n, math.inf, shown, effect, confidence)
    weeks = _weeks(events, alerts)
    return Forecast(week, low, high, weeks, expected_low, expected_high, effect.factor, whole.share, whole.weeks)


def _weeks(events: NDArray[np.integer], alerts: NDArray[np.integer]) -> list[float]:
    """Whole weeks, counted back from the last day."""
    ends = range(len(events) % WEEK + WEEK, len(events) + 1, WEEK)
    weeks = [(events[end - WEEK : end].sum(), alerts[end - WEEK : end].sum()) for end in ends]
    return [float(alerted / n) for n, alerted in weeks if n]
