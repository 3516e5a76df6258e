"""The area under the ROC curve, exactly: counted in whole numbers, divided once."""

import numpy as np
from numpy.typing import NDArray


def auc(scores: NDArray[np.floating], labels: NDArray[np.bool_]) -> float:
    """The chance that a positive event scores above a negative one, ties counting half (Mann and Whitney, 1947).

    `scores` and `labels` (true for positive) have the shape (n,). A strictly increasing mapping of the scores
    changes nothing in it. Raises ValueError for other shapes, NaN, or without an event of each kind.
    """
    scores, labels = np.asarray(scores), np.asarray(labels)
    if scores.ndim != 1 or scores.shape != labels.shape:
        raise ValueError(f"labels: expected one for each score, found {labels.shape} for {scores.shape}")
    if np.isnan(scores).any():
        raise ValueError(f"scores: expected numbers, found {int(np.isnan(scores).sum())} NaN")
    positive = labels.astype(bool)
    above, below = scores[positive], np.sort(scores[~positive])
    if not above.size or not below.size:
        raise ValueError(f"labels: expected both kinds, found {above.size} positive, {below.size} negative")
    # Each positive beats those to its left; left plus right counts the beaten twice and the tied once.
    halves = int(np.searchsorted(below, above, "left").sum()) + int(np.searchsorted(below, above, "right").sum())
    return halves / (2 * int(above.size) * int(below.size))
