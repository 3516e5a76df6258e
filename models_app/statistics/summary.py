"""What a person needs to see of a mapping: small arrays for plots, and the error at each threshold.

It works on any sample: the one that the mapping was fitted on, or later events, to see whether it still holds.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from models_app.statistics.alert_rates import wilson_interval
from models_app.statistics.bands import widened
from models_app.statistics.days import Ordered
from models_app.statistics.references import Reference
from scoring.engine.mapping import QuantileMapping

BINS = 50

# At these alert rates distributions are compared, as far as the sample has an event there.
RATES = (0.99, 0.95, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001, 1e-4, 1e-5)


@dataclass(frozen=True)
class Histogram:
    """Shares of the events in bins between `edges` (one more than `shares`); `expected` is what a reference has."""

    edges: tuple[float, ...]
    shares: tuple[float, ...]
    expected: tuple[float, ...] | None = None


@dataclass(frozen=True)
class Comparison:
    """At one alert rate: the probability and the score that this share of events reaches, and the reference's."""

    alert_rate: float
    probability: float
    score: float
    reference: float


@dataclass(frozen=True)
class ThresholdError:
    """At one threshold: `target` and observed `rate`, its 95 % interval, and `rate / target − 1`.

    `alerts`: of weighted events, as many as their effective number has.
    """

    score: float
    target: float
    alerts: int
    rate: float
    low: float
    high: float
    relative_error: float


@dataclass(frozen=True)
class Summary:
    """A mapping seen on n events, or on weighted ones that are worth n of equal weight."""

    n: int
    probabilities: Histogram
    scores: Histogram
    comparisons: tuple[Comparison, ...]
    thresholds: tuple[ThresholdError, ...]


def summarise(
    sample: Ordered,
    mapping: QuantileMapping,
    reference: Reference,
    thresholds: Sequence[float],
    sketched: Callable[[float], float] = lambda rate: 0.0,
) -> Summary:
    """Compare a sample of probabilities, taken through the mapping, with the reference; `thresholds` in (0, 1).

    `sketched`: the standard error of a rate, as a share of it, where a sketch alone tells it; it is in the intervals.
    """
    return Summary(
        n=sample.effective,
        probabilities=_probabilities(sample),
        scores=_scores(sample, mapping, reference),
        comparisons=tuple(
            _compare(sample, mapping, reference, rate) for rate in RATES if rate * sample.effective >= 1.0
        ),
        thresholds=tuple(_error(sample, mapping, reference, score, sketched) for score in thresholds),
    )


def _probabilities(sample: Ordered) -> Histogram:
    if sample.low == sample.high:
        return Histogram((sample.low, sample.high), (1.0,))
    edges = np.linspace(sample.low, sample.high, BINS + 1)
    shares = -np.diff([sample.n, *sample.counts_above(edges[1:-1]), 0]) / sample.n
    return Histogram(tuple(edges.tolist()), tuple(shares.tolist()))


def _scores(sample: Ordered, mapping: QuantileMapping, reference: Reference) -> Histogram:
    edges = np.arange(BINS + 1) / BINS
    above = np.array([*(sample.alerts(mapping, float(edge)) for edge in edges[:-1]), 0])
    shares, expected = -np.diff(above) / sample.n, -np.diff(reference.alert_rate(edges))
    return Histogram(tuple(edges.tolist()), tuple(shares.tolist()), tuple(expected.tolist()))


def _compare(sample: Ordered, mapping: QuantileMapping, reference: Reference, rate: float) -> Comparison:
    probability = float(sample.reached_by(np.array([max(1, round(rate * sample.n))]))[0])
    return Comparison(rate, probability, mapping.one(probability), float(reference.score_at(rate)))


def _error(
    sample: Ordered,
    mapping: QuantileMapping,
    reference: Reference,
    score: float,
    sketched: Callable[[float], float],
) -> ThresholdError:
    target, rate = float(reference.alert_rate(score)), sample.alerts(mapping, score) / sample.n
    alerts = rate * sample.effective
    low, high = widened(rate, *wilson_interval(alerts, sample.effective), sketched(rate))
    return ThresholdError(score, target, round(alerts), rate, low, high, rate / target - 1.0 if target else 0.0)
