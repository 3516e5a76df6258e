"""The area under the ROC curve, exactly: counted in whole numbers, divided once; and how well it is known."""

import math

import numpy as np
from numpy.typing import NDArray
from scipy import special

Scores = NDArray[np.floating]


def auc(scores: Scores, labels: NDArray[np.bool_]) -> float:
    """The chance that a positive event scores above a negative one, ties counting half (Mann and Whitney, 1947).

    `scores` and `labels` (true for positive) have the shape (n,). A strictly increasing mapping of the scores
    changes nothing in it. Raises ValueError for other shapes, NaN, or without an event of each kind.
    """
    above, below = _by_label(scores, labels)
    return int(_halves(above, below).sum()) / (2 * int(above.size) * int(below.size))


def auc_interval(scores: Scores, labels: NDArray[np.bool_], confidence: float = 0.95) -> tuple[float, float]:
    """The interval of `auc` by DeLong's variance (Biometrics 44, 1988), taken on the scale of the logit.

    Where all positives stand on one side of all negatives that variance is zero; then the bound is that of Clopper and
    Pearson for as many trials as there are events of the rarer kind. Raises ValueError as `auc` does, and for fewer
    than two events of a kind.
    """
    above, below = _by_label(scores, labels)
    positive, negative = int(above.size), int(below.size)
    if min(positive, negative) < 2:
        raise ValueError(f"labels: expected at least two of each kind, found {positive} positive, {negative} negative")
    area = auc(scores, labels)
    tail = (1.0 - confidence) / 2.0
    if area in (0.0, 1.0):
        bound = tail ** (1.0 / min(positive, negative))
        return (bound, 1.0) if area else (0.0, 1.0 - bound)
    won, lost = _halves(above, below) / (2.0 * negative), _halves(below, above) / (2.0 * positive)
    variance = np.var(won, ddof=1) / positive + np.var(lost, ddof=1) / negative
    half = float(special.ndtri(1.0 - tail)) * math.sqrt(variance) / (area * (1.0 - area))
    logit = special.logit(area)
    return float(special.expit(logit - half)), float(special.expit(logit + half))


def auc_difference(
    before: Scores, after: Scores, labels: NDArray[np.bool_], confidence: float = 0.95
) -> tuple[float, float, float]:
    """The `auc` after less that before, of the same events, and its interval by DeLong's paired variance.

    That variance is zero where both sides separate perfectly: then the ends come from both sides' own intervals.
    Raises ValueError as `auc_interval` does.
    """
    areas = [auc(side, labels) for side in (before, after)]
    intervals = [auc_interval(side, labels, confidence) for side in (before, after)]
    value = areas[1] - areas[0]
    if areas[0] in (0.0, 1.0) and areas[1] in (0.0, 1.0):
        (low_before, high_before), (low_after, high_after) = intervals
        return value, low_after - high_before, high_after - low_before
    won, lost = ((new - old) for old, new in zip(_placements(before, labels), _placements(after, labels), strict=True))
    variance = np.var(won, ddof=1) / won.size + np.var(lost, ddof=1) / lost.size
    half = float(special.ndtri((1.0 + confidence) / 2.0) * math.sqrt(variance))
    return value, max(-1.0, value - half), min(1.0, value + half)


def _placements(scores: Scores, labels: NDArray[np.bool_]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """In the order of events: the share of negatives that each positive beats, of positives that beat each negative."""
    above, below = _by_label(scores, labels)
    positive = np.asarray(labels).astype(bool)
    won = _halves(np.asarray(scores)[positive], below) / (2.0 * below.size)
    lost = 1.0 - _halves(np.asarray(scores)[~positive], above) / (2.0 * above.size)
    return won, lost


def _by_label(scores: Scores, labels: NDArray[np.bool_]) -> tuple[Scores, Scores]:
    """The scores of the positives and of the negatives, each in increasing order."""
    scores, labels = np.asarray(scores), np.asarray(labels)
    if scores.ndim != 1 or scores.shape != labels.shape:
        raise ValueError(f"labels: expected one for each score, found {labels.shape} for {scores.shape}")
    if np.isnan(scores).any():
        raise ValueError(f"scores: expected numbers, found {int(np.isnan(scores).sum())} NaN")
    positive = labels.astype(bool)
    above, below = np.sort(scores[positive]), np.sort(scores[~positive])
    if not above.size or not below.size:
        raise ValueError(f"labels: expected both kinds, found {above.size} positive, {below.size} negative")
    return above, below


def _halves(values: Scores, others: Scores) -> NDArray[np.int64]:
    """Twice how many of the sorted `others` each value beats: left plus right counts the beaten twice, ties once."""
    return np.searchsorted(others, values, "left") + np.searchsorted(others, values, "right")
