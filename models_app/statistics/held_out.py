"""A fit judged on days that it has not seen: it is made again on the first days of its window, and meets the rest.

On the events that it is made of, a fit reaches its targets by construction. What it does on others is known from others
alone: about five days of every seven are fitted on, the days after them are held out, and the alert rate there is held
against the target. The transform itself is made of all events.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import dropwhile

import numpy as np
from numpy.typing import NDArray

from models_app.statistics.days import Day, alerts_in, merged
from models_app.statistics.drift import WEEK, Drift, widened
from models_app.statistics.fit import fit_mapping
from models_app.statistics.halvings import Halvings, effective_events, effective_size, weights_of
from models_app.statistics.movement import movement_of
from models_app.statistics.past_weeks import Contrast
from models_app.statistics.prediction import interval
from models_app.statistics.references import Reference
from models_app.statistics.sample_size import RATE_WITHOUT_THRESHOLDS, Verdict, assess, events_in_words
from models_app.statistics.sketched import Sketched
from scoring.engine.probability import FloatArray

FITTED_DAYS = 5  # of every WEEK days
LEAST_DAYS = 3  # how days differ is not seen in fewer

Counts = NDArray[np.int64]


@dataclass(frozen=True)
class HeldOutRate:
    """At one threshold: `alerts` of the `n` events held out score it or more, which is the `rate`.

    From `low` to `high` the target lies in 95 of 100 cases where nothing but chance and what differs from day to day
    lies between the days fitted on and those held out: the sampling of both is in it.
    """

    score: float
    target: float
    alerts: int
    n: int
    rate: float
    low: float
    high: float


@dataclass(frozen=True)
class HeldOut:
    """A fit on the `fitted` events of the first `fitted_days`, seen on the `n` of the next `days`, by threshold.

    `effective`: what the events fitted on are worth where they are weighted, else 0. `why_not`: why there is none; then
    the rest is empty.
    """

    fitted_days: int = 0
    days: int = 0
    fitted: int = 0
    n: int = 0
    thresholds: tuple[HeldOutRate, ...] = ()
    why_not: str = ""
    effective: int = 0

    @property
    def worth(self) -> int:
        """How many events of equal weight it was fitted on."""
        return self.effective or self.fitted


@dataclass(frozen=True)
class NextWeek:
    """At one threshold: `low` to `high` holds the alert rate that the next week will show in 95 of 100 cases.

    `drift`: how far weeks lie from those before them, beyond sampling, as a share of the rate.
    """

    score: float
    low: float
    high: float
    drift: float


@dataclass(frozen=True)
class Worth:
    """Of a fit on all days: what its `events` and `days` are worth, which are fewer where recent ones weigh more."""

    events: int
    days: float

    @classmethod
    def of(cls, days: Sequence[Day], halved: Halvings | None) -> "Worth":
        sizes = [len(day) for day in days]
        return cls(effective_events(halved, sizes), effective_size(weights_of(halved, sizes)))


def held_out(
    days: Sequence[Day], reference: Reference, scores: Sequence[float], halved: Halvings | None = None
) -> HeldOut:
    """Judge a fit of probabilities by the `days` on which they occurred, in turn; each day's in increasing order.

    The window is taken from its first day with events; five days of every seven, rounded, are fitted on. `scores`: the
    thresholds, each with an alert rate within (0, 1). `halved`: how often the weight of each day's events has, where
    the fit weighs them; so does the one that is judged, up to its own last day, and the days that it is held against
    weigh the same. Where days are sketches, the error of both sides is in the intervals.
    """
    days = list(dropwhile(lambda day: not len(day), days))
    halved = None if halved is None else halved[len(halved) - len(days) :]
    sizes = np.array([len(day) for day in days], dtype=np.int64)
    fitted_days = round(len(days) * FITTED_DAYS / WEEK)
    fitted, own = int(np.sum(sizes[:fitted_days])), None if halved is None else halved[:fitted_days]
    worth = effective_events(own, sizes[:fitted_days])
    if why_not := _why_not(sizes, fitted_days, worth, [float(reference.alert_rate(score)) for score in scores]):
        return HeldOut(why_not=why_not)
    mapping = fit_mapping(merged(days[:fitted_days], own), reference, scores).mapping()
    sketches = Sketched.of(days[:fitted_days], own), Sketched.of(days[fitted_days:])
    weights = np.concatenate([weights_of(own, sizes[:fitted_days]), np.ones(len(days) - fitted_days)])
    rates = []
    for score in scores:
        seen = np.array([alerts_in(day, mapping, score) for day in days], dtype=np.int64)
        target = float(reference.alert_rate(score))
        sketched = sum(each.error(target) ** 2 for each in sketches)
        first, rest = (
            _Part(sizes[part], seen[part], weights[part]) for part in (slice(fitted_days), slice(fitted_days, None))
        )
        rates.append(_rate(first, rest, worth, score, target, sketched))
    left, effective = int(np.sum(sizes)) - fitted, 0 if own is None else worth
    return HeldOut(fitted_days, len(days) - fitted_days, fitted, left, tuple(rates), effective=effective)


def next_week(
    held: HeldOut, rate: HeldOutRate, achieved: float, n: int, sketched: float = 0.0, worth: Worth | None = None
) -> NextWeek:
    """What the next week will show of the fit on all n events, on which it has `achieved` the alert rate.

    What was held out counts as a week ahead that has been seen, beside what is taken for granted of any intent.
    `sketched`: the variance of what it has achieved, as a share of that, where that is known by a sketch alone.
    `worth`: of the n events, where they are weighted.
    """
    days = held.fitted_days + held.days
    known = worth or Worth(n, days)
    drift, week = movement_of([ahead(held, rate)]).ahead(known.days / WEEK), max(1, round(WEEK * n / days))
    found = interval(round(achieved * known.events), known.events, week, widened(drift, sketched))
    return NextWeek(rate.score, *found, drift.share)


def ahead(held: HeldOut, rate: HeldOutRate) -> Contrast:
    """The days held out beside those fitted on, as a forecast of them would have been."""
    fitted = rate.target * held.worth
    error = math.log((rate.alerts + 0.5) / rate.n) - math.log((fitted + 0.5) / held.worth)
    return Contrast(error, 1.0 / (fitted + 0.5) + 1.0 / (rate.alerts + 0.5), rate.target)


def together(parts: Sequence[tuple[float, HeldOutRate]]) -> HeldOutRate:
    """The rate of events that several fits score, each its share of them, at one threshold; shares add up to 1.

    The interval recovers the variances of its parts from theirs (Zou and Donner, Statistics in Medicine 27, 2008).
    """
    if len(parts) == 1:
        return parts[0][1]
    rate, target = (sum(share * getattr(part, name) for share, part in parts) for name in ("rate", "target"))
    low = rate - math.sqrt(sum((share * (part.rate - part.low)) ** 2 for share, part in parts))
    high = rate + math.sqrt(sum((share * (part.high - part.rate)) ** 2 for share, part in parts))
    alerts, n = (sum(getattr(part, name) for _, part in parts) for name in ("alerts", "n"))
    return HeldOutRate(parts[0][1].score, target, alerts, n, rate, max(0.0, low), min(1.0, high))


def _why_not(days: Counts, fitted_days: int, worth: int, rates: Sequence[float]) -> str:
    if len(days) < LEAST_DAYS:
        length = "1 day" if len(days) == 1 else f"{len(days)} days"
        return f"its events are of {length}, and it takes {LEAST_DAYS} to hold some out"
    if not np.any(days[fitted_days:]):
        return f"there are no events after the first {fitted_days} days"
    if assess(worth, rates).verdict == Verdict.REFUSED:
        rarest = 100 * min(rates, default=RATE_WITHOUT_THRESHOLDS)
        fitted = events_in_words(int(np.sum(days[:fitted_days])), worth)
        return f"the first {fitted_days} days have {fitted}, too few to fit an alert rate of {rarest:.3g} % on"
    return ""


@dataclass(frozen=True)
class _Part:
    """Some of the days: events and alerts of each, and its weight; arrays (days,)."""

    events: Counts
    alerts: Counts
    weights: FloatArray

    @property
    def days(self) -> float:
        """What they are worth."""
        return effective_size(self.weights)

    @property
    def known(self) -> float:
        """What their alerts are worth."""
        return effective_size(self.weights, self.alerts)

    @property
    def squares(self) -> float:
        """Of how far each day's alerts lie from what its events have in the mean, as shares of the mean day's."""
        rate = float(np.sum(self.weights * self.alerts)) / float(np.sum(self.weights * self.events))
        mean = float(np.sum(self.weights * self.alerts) / np.sum(self.weights))
        apart = (self.alerts - rate * self.events) / mean
        return self.days * float(np.sum(self.weights * apart**2) / np.sum(self.weights))


def _rate(fitted: _Part, rest: _Part, worth: int, score: float, target: float, sketched: float) -> HeldOutRate:
    n, alerted = int(np.sum(rest.events)), int(np.sum(rest.alerts))
    drift = _between_days([fitted, rest])
    low, high = interval(alerted, n, worth, widened(drift, sketched))
    return HeldOutRate(score, target, alerted, n, alerted / n, low, high)


def _between_days(parts: Sequence[_Part]) -> Drift:
    """Of log(rate of one part / rate of the other), beyond sampling, from how the days of each part differ.

    Days count as independent of each other. Weekdays are among what differs, for the parts are no whole weeks.
    """
    with_alerts = [part for part in parts if np.any(part.weights * part.alerts)]
    degrees = sum(part.days - 1.0 for part in with_alerts)
    if degrees < 1.0 - 1e-9:
        return Drift(0.0, 1.0)
    sampling = sum(1.0 / part.known for part in with_alerts)
    variance = sum(part.squares for part in with_alerts) / degrees * sum(1.0 / part.days for part in parts)
    return Drift(max(0.0, variance - sampling), degrees)
