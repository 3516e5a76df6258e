"""One threshold of an intent, before a change and after it: rates, the change between them, and what is to come."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from models_app.statistics import clusters
from models_app.statistics.alert_rates import ObservedRate, observed_rates
from models_app.statistics.clusters import Effect
from models_app.statistics.drift import DAY
from models_app.statistics.evidence.decision_changes import alerting
from models_app.statistics.evidence.forecast import Forecast, forecast, with_past
from models_app.statistics.evidence.gates import Margin, against
from models_app.statistics.evidence.observations import Observations, Question, ThresholdQuestion
from models_app.statistics.evidence.paired import PairedChange, paired_change, score_interval
from models_app.statistics.movement import Movement, movement_of
from models_app.statistics.past_weeks import Contrast, Days, alike, contrasts, days_of
from models_app.statistics.sample_size import passing_events
from scoring.engine.probability import FloatArray


@dataclass(frozen=True)
class Sides:
    """`alerts`, `alerted`: which events alert after and before, (n,).

    `alerted`, `before`, `change` and `was` are None where nothing was live. `forecast`: of the next week after the
    change; `was`: what it would be without. `past`: what past weeks say of how they differ.
    """

    alerts: NDArray[np.bool_]
    alerted: NDArray[np.bool_] | None
    before: ObservedRate | None
    after: ObservedRate
    change: PairedChange | None
    forecast: Forecast
    was: Forecast | None
    past: list[Contrast]

    def margins(self, target: float, target_before: float) -> tuple[Margin | None, Margin | None, Margin | None]:
        """The rate after against the target and against what is live, and what is live against its own target."""
        change = None if self.change is None else Margin(self.change.relative, self.change.low, self.change.high)
        was = None if self.was is None else _against(target_before, self.was)
        return _against(target, self.forecast), change, was

    def needed(self, target: float, tolerance: float) -> int | None:
        """Events that would show a rate on target to be so, with what these say of design effect and drift."""
        if not 0.0 < target < 1.0:
            return None
        to_come = self.forecast
        return passing_events(target, tolerance, design_effect=to_come.design_effect, drift=to_come.drift**2)


def of(seen: Observations, asked: ThresholdQuestion, question: Question) -> Sides:
    """The threshold by these events: each side at its own score."""
    confidence, score = question.confidence, asked.score
    alerted, alerts = alerting(seen, asked)
    fate_after = clusters.of_rate(alerts, seen.entities)
    after = _observed(seen.after, score, fate_after, confidence)
    days_after = _days(seen, seen.after, None if seen.past is None else seen.past.after, score)
    past = [] if seen.past is None else contrasts(days_after, fate_after.factor)
    movement = _movement(past, question, after.rate)
    to_come = _to_come(seen, alerts, days_after, movement, fate_after, confidence)
    if seen.before is None or alerted is None:
        return Sides(alerts, None, None, after, None, to_come, None, past)
    fate_before = clusters.of_rate(alerted, seen.entities)
    before = _observed(seen.before, asked.score_before, fate_before, confidence)
    days = (int(np.max(seen.occurred_at)) - seen.occurred_at) // DAY
    effect = clusters.of_change(alerted, alerts, days, seen.entities)
    change = paired_change(alerted, alerts, confidence, effect)
    days_before = _days(seen, seen.before, None if seen.past is None else seen.past.before, asked.score_before)
    was = _to_come(seen, alerted, days_before, movement, fate_before, confidence)
    return Sides(alerts, alerted, before, after, change, to_come, was, past)


def _observed(scores: FloatArray, score: float, effect: Effect, confidence: float) -> ObservedRate:
    """Of the window's own days: Wilson's interval, its variance times the effect of entities. Drift is not in it."""
    (found,) = observed_rates(scores, [score], confidence)
    if effect == clusters.INDEPENDENT:
        return found
    low, high = score_interval(found.alerts, found.n, effect.quantile(confidence))
    return replace(found, low=low, high=high)


def _days(seen: Observations, scores: FloatArray, past: FloatArray | None, score: float) -> Days:
    """Of the window, and of the days before it as far as one side's scores are known there."""
    occurred_at, last = seen.occurred_at, int(np.max(seen.occurred_at))
    if seen.past is not None and past is not None:
        earlier = seen.past.occurred_at <= last - _window(seen) * DAY  # not on the window's first day
        occurred_at = np.concatenate([seen.past.occurred_at[earlier], occurred_at])
        scores = np.concatenate([past[earlier], scores])
    return days_of(occurred_at, scores, score, last)


def _window(seen: Observations) -> int:
    """In days, counted back from the last event."""
    return (int(np.max(seen.occurred_at)) - int(np.min(seen.occurred_at))) // DAY + 1


def _movement(own: list[Contrast], question: Question, rate: float) -> Movement | None:
    others = alike(rate, question.others)
    return movement_of(own, others) if own or others else None


def _to_come(
    seen: Observations,
    alerts: NDArray[np.bool_],
    days: Days,
    movement: Movement | None,
    effect: Effect,
    confidence: float,
) -> Forecast:
    if movement is None:
        return forecast(alerts, seen.occurred_at, None, effect, confidence)
    return with_past(days, _window(seen), movement, effect, confidence)


def _against(target: float, to_come: Forecast) -> Margin | None:
    rate, low, high = to_come.expected, to_come.expected_low, to_come.expected_high
    return None if rate is None or low is None or high is None else against(target, rate, low, high)
