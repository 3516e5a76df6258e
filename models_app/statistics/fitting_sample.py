"""The probabilities that a transform was fitted on, as it keeps them: later events are held against them.

A transform holds the volume of alerts, whatever the probability does. Whether risk itself has risen since only shows
beside what the transform was made of, so each keeps how that was spread.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

import numpy as np

from models_app.statistics.clusters import variance_of_days, variance_of_weighted_days
from models_app.statistics.days import Day, Ordered, counts_above
from models_app.statistics.drift import ASSUMED, Drift, assumed
from models_app.statistics.halvings import Halvings, effective_size, weights_of
from models_app.statistics.references import Reference
from scoring.engine.probability import FloatArray

# Shares of events at whose probabilities a sample is kept: even in the body, log-spaced in the tail.
RATES = np.concatenate([np.arange(0.975, 0.1, -0.025), np.geomspace(0.1, 1e-5, 41)])


class Of(StrEnum):
    """Whose probabilities a transform was fitted on.

    EVENTS: the tenant's own events. OTHERS: events of other tenants. VALIDATION: what its models gave for the data that
    they were validated on. Only of the first does a difference tell that risk has moved.
    """

    EVENTS = "events"
    OTHERS = "events of other tenants"
    VALIDATION = "validation scores"


@dataclass(frozen=True)
class FittingSample:
    """`n` probabilities with this `mean`; the share `above[j]` of them is `values[j]` or more.

    `values` increase; the last is the largest of the sample. `n` is 0 where it is not known. Where it was weighted, `n`
    and `days` are what its `events` and their days are worth. `days` that it is of, 0 where they are not known; then
    `spread` and `of_day` are empty. Else `spread` has the standard deviation of each
    share, from how the days differ, with `degrees` of freedom, and `of_day` that of a single day's share. `kept`: as
    it was when the transform was made; else it is read from the transform's knots, which former versions kept alone.
    `sketched`: the standard error of a share, as a share of it, where sketches alone tell it.
    """

    of: Of
    n: int
    mean: float
    values: list[float]
    above: list[float]
    days: float = 0
    degrees: int = 0
    spread: list[float] = field(default_factory=list)
    of_day: list[float] = field(default_factory=list)
    kept: bool = True
    sketched: float = 0.0
    events: int = 0

    def share(self, probability: float) -> float:
        """The share at or above a probability, exact at `values`; 0 above the largest."""
        return 0.0 if probability > self.values[-1] else float(np.interp(probability, self.values, self.above))

    def reached(self, rates: FloatArray) -> FloatArray:
        """The probabilities that these shares of the sample reach."""
        found: FloatArray = np.interp(-rates, -np.array(self.above), self.values)
        return found

    def variance(self, probability: float) -> float:
        """Of the share at or above a probability: by days where they are known, at least that of independent events.

        What sketches do not know of it comes on top.
        """
        share = self.share(probability)
        shown = float(np.interp(probability, self.values, self.spread)) if self.spread else 0.0
        return max(share * (1.0 - share) / max(1, self.n), shown**2) + (share * self.sketched) ** 2

    def drift(self, probability: float, days: float) -> Drift:
        """How far the share of as many `days` may lie from this one's beyond sampling, where no past week tells.

        By how the sample's days differ, as `drift.of_days` has it, and by what is assumed for what they cannot show.
        """
        share = self.share(probability)
        if not self.spread or share <= 0.0:
            return ASSUMED
        excess = (self.variance(probability) - share * (1.0 - share) / self.n) / share**2
        return assumed(Drift(max(0.0, excess) * (1.0 + self.days / max(1.0, days)), float(self.degrees)))


def fitting_sample(
    sample: Ordered,
    at: Sequence[float],
    days: Sequence[Day] = (),
    of: Of = Of.EVENTS,
    halved: Halvings | None = None,
) -> FittingSample:
    """What is kept of a sample, exact at the probabilities `at` too: those at which thresholds are reached.

    `days`: the same probabilities day by day, of successive days, where they are known; each in increasing order.
    `halved`: how often the weight of each day's events has, where they are weighted.
    """
    values = _places(sample, at)
    above = (sample.counts_above(values) / sample.n).tolist()
    kept = FittingSample(of, sample.effective, sample.mean(), values.tolist(), above, events=sample.events)
    return _by_days(kept, days, halved) if len(days) > 1 else kept


def of_knots(
    x: Sequence[float], y: Sequence[float], reference: Reference, n: int, of: Of, *, kept: bool = False
) -> FittingSample | None:
    """A sample as a mapping's knots tell it: its alert rate at each is the reference's. None of one without knots."""
    values, scores = np.array(x[1:-1]), np.array(y[1:-1])
    if not len(values):
        return None
    above = np.asarray(reference.alert_rate(scores), dtype=np.float64)
    shares = np.diff([0.0, *(1.0 - above), 1.0])
    middles = np.concatenate([values[:1], (values[1:] + values[:-1]) / 2.0, values[-1:]])
    return FittingSample(of, n, float(np.sum(shares * middles)), values.tolist(), above.tolist(), kept=kept)


def _places(sample: Ordered, at: Sequence[float]) -> FloatArray:
    """Where the sample is kept: its ends, RATES as far as it has an event there, and `at` within it."""
    rates = RATES[RATES * sample.effective >= 1.0]
    own = sample.reached_by(np.maximum(1, np.rint(rates * sample.n).astype(np.int64)))
    inside = [each for each in at if sample.low < each < sample.high]
    return np.unique(np.concatenate([own, [sample.low, sample.high], inside]))


def _by_days(kept: FittingSample, days: Sequence[Day], halved: Halvings | None) -> FittingSample:
    """With how the shares of its days differ."""
    sizes = np.array([len(day) for day in days])
    weights = weights_of(halved, sizes)
    counts = np.array([counts_above(day, kept.values) for day in days])
    apart = counts - sizes[:, None] * np.array(kept.above)[None, :]
    worth: float = len(days)
    if halved is None:
        found = [variance_of_days(column) for column in apart.T]
    else:
        found, worth = [variance_of_weighted_days(weights * each, weights) for each in apart.T], effective_size(weights)
    degrees = found[0][1]
    if degrees is None:
        return kept
    spread = np.sqrt([variance for variance, _ in found]) / np.sum(weights * sizes)
    of_day = np.sqrt(np.sum(apart**2, axis=0) / (len(days) - 1)) / np.mean(sizes)
    return replace(kept, days=worth, degrees=degrees, spread=spread.tolist(), of_day=of_day.tolist())
