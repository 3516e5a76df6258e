"""One threshold of an intent, before a change and after it: rates, the change between them, and what is to come."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from models_app.statistics import clusters
from models_app.statistics.alert_rates import ObservedRate, observed_rates
from models_app.statistics.clusters import Effect
from models_app.statistics.drift import Drift, WeekAhead, alike, drift_of, weeks_ahead
from models_app.statistics.evidence.decision_changes import alerting
from models_app.statistics.evidence.forecast import DAY, Forecast, forecast
from models_app.statistics.evidence.gates import Margin, against
from models_app.statistics.evidence.observations import Observations, Question, ThresholdQuestion
from models_app.statistics.evidence.paired import PairedChange, paired_change, score_interval
from models_app.statistics.sample_size import passing_events
from scoring.engine.probability import FloatArray


@dataclass(frozen=True)
class Sides:
    """`alerts`, `alerted`: which events alert after and before, (n,).

    `alerted`, `before`, `change` and `was` are None where nothing was live. `forecast`: of the next week after the
    change; `was`: what it would be without. `past`: how past weeks differed.
    """

    alerts: NDArray[np.bool_]
    alerted: NDArray[np.bool_] | None
    before: ObservedRate | None
    after: ObservedRate
    change: PairedChange | None
    forecast: Forecast
    was: Forecast | None
    past: list[WeekAhead]

    def margins(self, target: float, target_before: float) -> tuple[Margin | None, Margin | None, Margin | None]:
        """The rate after against the target and against what is live, and what is live against its own target."""
        change = None if self.change is None else Margin(self.change.relative, self.change.low, self.change.high)
        was = None if self.before is None or self.was is None else _against(target_before, self.before, self.was)
        return _against(target, self.after, self.forecast), change, was

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
    past = past_weeks(seen, score)
    drift = _drift(past, question, after.rate)
    to_come = forecast(alerts, seen.occurred_at, drift, fate_after, confidence)
    if seen.before is None or alerted is None:
        return Sides(alerts, None, None, after, None, to_come, None, past)
    fate_before = clusters.of_rate(alerted, seen.entities)
    before = _observed(seen.before, asked.score_before, fate_before, confidence)
    days = (int(np.max(seen.occurred_at)) - seen.occurred_at) // DAY
    effect = clusters.of_change(alerted, alerts, days, seen.entities)
    change = paired_change(alerted, alerts, confidence, effect)
    was = forecast(alerted, seen.occurred_at, drift, fate_before, confidence)
    return Sides(alerts, alerted, before, after, change, to_come, was, past)


def _observed(scores: FloatArray, score: float, effect: Effect, confidence: float) -> ObservedRate:
    """Of the window's own days: Wilson's interval, its variance times the effect of entities. Drift is not in it."""
    (found,) = observed_rates(scores, [score], confidence)
    if effect == clusters.INDEPENDENT:
        return found
    low, high = score_interval(found.alerts, found.n, effect.quantile(confidence))
    return replace(found, low=low, high=high)


def past_weeks(seen: Observations, score: float) -> list[WeekAhead]:
    """Each past week beside the window's length of days before it, as scored after the change."""
    if seen.past is None or not len(seen.past.after):
        return []
    window = max(1, round(seen.days / 7)) * 7
    occurred_at = np.concatenate([seen.past.occurred_at, seen.occurred_at])
    scores: FloatArray = np.concatenate([seen.past.after, seen.after])
    days = (int(np.max(occurred_at)) - occurred_at) // DAY
    events = np.bincount(days)
    alerts = np.bincount(days[scores >= score], minlength=len(events))
    return weeks_ahead(events[::-1], alerts[::-1], window)


def _drift(own: list[WeekAhead], question: Question, rate: float) -> Drift | None:
    others = alike(rate, question.others)
    return drift_of(own, others) if own or others else None


def _against(target: float, rate: ObservedRate, to_come: Forecast) -> Margin | None:
    low, high = to_come.expected_low, to_come.expected_high
    return None if low is None or high is None else against(target, rate.rate, low, high)
