"""How well scores tell fraud from the rest, where labels exist. Labels come late: each figure says of how many."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models_app.statistics.alert_rates import wilson_interval
from models_app.statistics.auc import auc
from scoring.engine.probability import FloatArray

FALSE_POSITIVE_RATES = (0.001, 0.005, 0.01, 0.05)
_BINS = 10


@dataclass(frozen=True)
class Share:
    """`hits` of `n`, and the Wilson interval of their share; `at` says at what."""

    at: str
    hits: int
    n: int
    rate: float
    low: float
    high: float


@dataclass(frozen=True)
class Bin:
    """Labelled events of like probability: what the predictor says (`expected`) against what they were."""

    expected: float
    observed: Share


@dataclass(frozen=True)
class Judged:
    """One side. `recall` at fixed false-positive rates, `precision` at each threshold that has labelled alerts."""

    auc: float
    recall: list[Share]
    precision: list[Share]
    calibration: list[Bin]


@dataclass(frozen=True)
class Performance:
    """`labelled` of `n` events have a label, `positive` of them positive; `matured`: the share labelled, by week."""

    n: int
    labelled: int
    positive: int
    matured: list[float]
    before: Judged | None
    after: Judged


def judge(
    scores: FloatArray,
    probabilities: FloatArray,
    labels: NDArray[np.bool_],
    thresholds: Sequence[tuple[str, float]],
    confidence: float,
) -> Judged:
    """Labelled events only, arrays of shape (n,); some are positive, some are not."""
    return Judged(
        auc=auc(scores, labels),
        recall=[_recall(scores, labels, rate, confidence) for rate in FALSE_POSITIVE_RATES],
        precision=_precision(scores, labels, thresholds, confidence),
        calibration=_calibration(probabilities, labels, confidence),
    )


def _recall(scores: FloatArray, labels: NDArray[np.bool_], rate: float, confidence: float) -> Share:
    """The share of positives above the score that this share of negatives reaches, at most."""
    negatives = np.sort(scores[~labels])[::-1]
    bound = negatives[min(int(rate * len(negatives)), len(negatives) - 1)]
    hits = int(np.count_nonzero(scores[labels] > bound))
    return _share(f"{100 * rate:g} % false positives", hits, int(labels.sum()), confidence)


def _precision(
    scores: FloatArray, labels: NDArray[np.bool_], thresholds: Sequence[tuple[str, float]], confidence: float
) -> list[Share]:
    shares = []
    for name, score in thresholds:
        alerts = scores >= score
        if alerts.any():
            hits = int(np.count_nonzero(labels[alerts]))
            shares.append(_share(name, hits, int(alerts.sum()), confidence))
    return shares


def _calibration(probabilities: FloatArray, labels: NDArray[np.bool_], confidence: float) -> list[Bin]:
    """In bins of as many events each, by rising probability."""
    order = np.argsort(probabilities, kind="stable")
    bins = []
    for rows in np.array_split(order, min(_BINS, len(order))):
        expected = float(np.mean(probabilities[rows]))
        observed = _share(f"{expected:.3g}", int(labels[rows].sum()), len(rows), confidence)
        bins.append(Bin(expected, observed))
    return bins


def _share(at: str, hits: int, n: int, confidence: float) -> Share:
    low, high = wilson_interval(hits, n, confidence)
    return Share(at, hits, n, hits / n, low, high)
