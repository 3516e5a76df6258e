"""Where the alert rate of the next week will be, if nothing else changes than what changes from week to week anyway."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models_app.statistics import drift as drifts
from models_app.statistics.clusters import INDEPENDENT, Effect
from models_app.statistics.drift import DAY, WEEK, Drift
from models_app.statistics.movement import Movement
from models_app.statistics.past_weeks import Days
from models_app.statistics.prediction import interval


@dataclass(frozen=True)
class Forecast:
    """Of the next week, with about `events` events: `low` to `high` holds the alert rate that will be observed.

    `expected_low` to `expected_high` holds the rate behind it, without the chance of that week's own events: it is
    what is held against a target, and `expected` is where it most likely is. Both have the sampling of the `days` that
    they are told from, with `design_effect` (1: events are independent), and the drift from week to week: `drift` is
    its standard deviation as a share of the rate, known from `past_weeks` numbers of past weeks, of this intent and of
    others; with 0 of them it is assumed, and the rate behind it has only what the days show. `weeks` has the alert
    rates of the window's weeks, oldest first. Evidence of former versions was told from the window alone, and older
    has no rate behind the week, and no drift.
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
    expected: float | None = None
    days: int | None = None


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
    window = Days(events, alerts)
    shown = drift or drifts.of_days(events, alerts, effect.factor)
    return _told(window, window, len(events), (drift or drifts.assumed(shown), shown), effect, confidence)


def with_past(
    days: Days, window: int, movement: Movement, effect: Effect = INDEPENDENT, confidence: float = 0.95
) -> Forecast:
    """From days of which the last `window` are the window, and those before are past ones.

    Past weeks that are known on each of their days, up to the window, tell of the rate too, as far as they lie near
    enough: of all spans that end with the window, the one that is expected to be the nearest to next week counts.
    """
    span = _nearest(days, window, movement, effect)
    drift = movement.ahead(span / WEEK)
    recent = Days(days.events[-window:], days.alerts[-window:])
    return _told(days, recent, span, (drift, drift), effect, confidence)


def _nearest(days: Days, window: int, movement: Movement, effect: Effect) -> int:
    """How many days: the more, the less sampling and the more drift."""
    spans = [window, *(WEEK * weeks for weeks in range(1, days.weeks + 1) if WEEK * weeks > window)]
    n, alerts = days.last(spans[-1])
    each = effect.factor * n / (alerts + 0.5)  # the variance of one event's share, at the same rate for all spans
    return min(spans, key=lambda span: each / days.last(span)[0] + movement.variance(span / WEEK))


def _told(
    days: Days, window: Days, span: int, drift: tuple[Drift, Drift], effect: Effect, confidence: float
) -> Forecast:
    """From the last days of a span; `drift` is that of what will be observed, and of the rate behind it."""
    n, alerted = days.last(span)
    week = max(1, round(WEEK * int(np.sum(window.events)) / len(window.events)))
    whole, behind = drift
    low, high = interval(alerted, n, week, whole, effect, confidence)
    expected_low, expected_high = interval(alerted, n, math.inf, behind, effect, confidence)
    return Forecast(
        events=week,
        low=low,
        high=high,
        weeks=_weeks(window.events, window.alerts),
        expected_low=expected_low,
        expected_high=expected_high,
        design_effect=effect.factor,
        drift=whole.share,
        past_weeks=whole.weeks,
        expected=alerted / n,
        days=span,
    )


def _weeks(events: NDArray[np.integer], alerts: NDArray[np.integer]) -> list[float]:
    """Whole weeks, counted back from the last day."""
    ends = range(len(events) % WEEK + WEEK, len(events) + 1, WEEK)
    weeks = [(events[end - WEEK : end].sum(), alerts[end - WEEK : end].sum()) for end in ends]
    return [float(alerted / n) for n, alerted in weeks if n]
