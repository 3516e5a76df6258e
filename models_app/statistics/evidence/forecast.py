"""Where the alert rate of the next week will be, if nothing else changes than what changes from week to week anyway."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models_app.statistics import drift as drifts
from models_app.statistics.clusters import INDEPENDENT, Effect
from models_app.statistics.drift import WEEK, Drift, quantile

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


def interval(
    alerts: int, n: int, m: float, drift: Drift, effect: Effect = INDEPENDENT, confidence: float = 0.95
) -> tuple[float, float]:
    """Of the alert rate of m further events, after `alerts` of n; infinitely many give the rate behind them."""
    sampling = effect.factor * (1.0 / n + 1.0 / m) * n / (alerts + 0.5)
    z = quantile(drift, sampling, confidence)
    return prediction_interval(alerts / n, n, m, effect.factor, drift.variance, z)


def prediction_interval(
    rate: float, n: int, m: float, design_effect: float, drift: float, z: float
) -> tuple[float, float]:
    """The rates of m further events that a score test, of two samples with one rate, accepts beside `rate` of n.

    (p − q)² = z² (φ r (1 − r) (1 / n + 1 / m) + τ² r²), r = (n p + m q) / (n + m), solved for q: the joint sampling
    interval of Krishnamoorthy and Peng (Journal of Statistical Planning and Inference 141, 2011, 1709 to 1718) with a
    design effect φ, and a `drift` of variance τ² as a share of the rate. Unlike an interval of the rate's logarithm
    it is sound for few alerts, and for none. With m infinite and no drift it is Wilson's.
    """
    spread, share = z * z * design_effect * (1.0 / n + 1.0 / m), 1.0 / (1.0 + n / m)
    known, curve = (1.0 - share) * rate, spread - z * z * drift
    square, linear = 1.0 + curve * share * share, 2.0 * rate + spread * share - 2.0 * curve * known * share
    constant = rate * rate - spread * known + curve * known * known
    if square <= 0.0:  # the drift has no upper bound: z τ is 1 or more
        return 0.0, 1.0
    root = math.sqrt(max(0.0, linear * linear - 4.0 * square * constant))
    low, high = (linear - root) / (2.0 * square), (linear + root) / (2.0 * square)
    return max(0.0, min(low, rate)), min(1.0, max(high, rate))


def _weeks(events: NDArray[np.integer], alerts: NDArray[np.integer]) -> list[float]:
    """Whole weeks, counted back from the last day."""
    ends = range(len(events) % WEEK + WEEK, len(events) + 1, WEEK)
    weeks = [(events[end - WEEK : end].sum(), alerts[end - WEEK : end].sum()) for end in ends]
    return [float(alerted / n) for n, alerted in weeks if n]
