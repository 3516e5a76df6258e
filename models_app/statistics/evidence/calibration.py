"""Whether a probability means what it says, above all where the alerts are."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models_app.statistics.evidence.shares import Estimate, Sampled, Share, share_of
from scoring.engine.probability import FloatArray

_PER_DECADE = 2  # bins for each factor of ten in the share of events
_FEWEST = 10  # events in the bin of the highest probabilities

Rows = NDArray[np.bool_]


@dataclass(frozen=True)
class Bin:
    """Labelled events of like probability: what the predictor says (`expected`) against what they were."""

    expected: float
    observed: Share


@dataclass(frozen=True)
class Brier:
    """The mean squared error of the probability, and its parts over bins.

    Score = reliability − resolution + uncertainty, but for what varies within a bin (Murphy, Journal of Applied
    Meteorology 12, 1973). `reliability`: how far bins are from what they say, 0 is calibrated. `resolution`: how far
    they are apart, more is better. `uncertainty`: the score of one who always says the mean.
    """

    score: float
    reliability: float
    resolution: float
    uncertainty: float


def bins_of(probabilities: FloatArray, positive: Rows, sampled: Sampled) -> list[Bin]:
    """By rising probability; each holds about a third as many events as the one below, for alerts are few."""
    order = np.argsort(probabilities, kind="stable")
    return [_bin(probabilities, positive, sampled, rows) for rows in np.split(order, _ends(len(order))) if len(rows)]


def brier_of(probabilities: FloatArray, positive: Rows, bins: Sequence[Bin]) -> Brier:
    """Of events (n,) and the bins made of them."""
    mean = float(np.mean(positive))
    weights = np.array([each.observed.n for each in bins]) / len(positive)
    expected, observed = (np.array(each) for each in zip(*((b.expected, b.observed.rate) for b in bins), strict=True))
    return Brier(
        score=float(np.mean((probabilities - positive) ** 2)),
        reliability=float(weights @ (expected - observed) ** 2),
        resolution=float(weights @ (observed - mean) ** 2),
        uncertainty=mean * (1.0 - mean),
    )


def in_the_large(probabilities: FloatArray, positive: Rows, sampled: Sampled) -> Estimate | None:
    """Positive events for each that is expected, O / E; None where none is.

    The interval is of its logarithm, with the variance Σ (label − probability)² of O, by entity.
    """
    seen, expected = float(np.sum(positive)), float(np.sum(probabilities))
    if not seen or expected <= 0.0:
        return None
    apart = positive - probabilities * (seen / expected)  # about what was seen: a wrong mean is no spread
    ratio = float(np.exp(sampled.z * np.sqrt(sampled.variance(apart)) / seen))
    value = seen / expected
    return Estimate(value, value / ratio, value * ratio)


def _ends(n: int) -> list[int]:
    """Where n events in order are split: below each stand all but the last tenth, thirtieth and so on."""
    shares = 10.0 ** (-np.arange(1, 20) / _PER_DECADE)
    return [n - round(n * share) for share in shares if n * share >= _FEWEST]


def _bin(probabilities: FloatArray, positive: Rows, sampled: Sampled, rows: NDArray[np.intp]) -> Bin:
    expected, kept = float(np.mean(probabilities[rows])), np.zeros(len(positive), bool)
    kept[rows] = True
    return Bin(expected, share_of(f"{expected:.3g}", positive[kept], sampled.of(kept)))
