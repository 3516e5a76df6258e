"""Recall where scores are not given but found: at those that a fixed share of events, or of negatives, reach.

Such a score is itself an estimate, of few events where the share is small. Its part of recall's variance is the slope
of recall by the share, squared, times the variance of the share (Pepe, The Statistical Evaluation of Medical Tests for
Classification and Prediction, 2003, section 5.2.2).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from models_app.statistics.evidence.shares import Estimate, Sampled, Share
from scoring.engine.probability import FloatArray

_REACH = 2.0  # the slope is taken from the share divided by it to the share times it

Rows = NDArray[np.bool_]


@dataclass(frozen=True)
class Cut:
    """`alerts`: which of n events score above `score`; `slope`: how recall grows with the share of the `base` events.

    `share` of the base events reach the score.
    """

    score: float
    alerts: Rows
    positive: Rows
    base: Rows
    share_reached: float
    slope: float

    @property
    def recall(self) -> float:
        return float(np.mean(self.alerts[self.positive]))

    def influence(self) -> FloatArray:
        """Each event's on recall, (n,): directly, and by where the score came to lie."""
        recall, base = _within(self.recall, int(self.positive.sum())), int(self.base.sum())
        direct = self.positive * (self.alerts - recall) / self.positive.sum()
        by_score = self.slope * self.base * (self.alerts - self.share_reached) / base
        found: FloatArray = direct - self._few() * by_score
        return found

    def share(self, at: str, sampled: Sampled) -> Share:
        """Recall with its interval, on the scale of the logit."""
        hits, n = int(np.count_nonzero(self.alerts & self.positive)), int(self.positive.sum())
        middle = _within(self.recall, n)
        half = sampled.half_width(self.influence()) / (middle * (1.0 - middle))
        low, high = (float(special.expit(special.logit(middle) + sign * half)) for sign in (-1.0, 1.0))
        return Share(at, hits, n, self.recall, min(low, self.recall), max(high, self.recall))

    def less(self, other: "Cut", sampled: Sampled) -> Estimate:
        """The recall of this less that of the other, of the same events."""
        value = self.recall - other.recall
        half = sampled.half_width(self.influence() - other.influence())
        return Estimate(value, max(-1.0, value - half), min(1.0, value + half))

    def _few(self) -> float:
        """How much more the logarithm of the share beyond the k-th highest score varies than 1/√k says.

        That is the square root of trigamma(k); k − 1 makes up for a slope that is found from the same few events.
        """
        k = max(1.0, self.share_reached * float(self.base.sum()))
        return float(np.sqrt(k * special.polygamma(1, max(0.5, k - 1.0))))


def at_alert_rate(scores: FloatArray, positive: Rows, rate: float) -> Cut:
    """Where this share of all n events alerts."""
    return _cut(scores, positive, np.ones(len(scores), bool), rate)


def at_false_positive_rate(scores: FloatArray, positive: Rows, rate: float) -> Cut:
    """Where this share of the negatives alerts; of scores that are equal there, none does."""
    return _cut(scores, positive, ~positive, rate)


def _cut(scores: FloatArray, positive: Rows, base: Rows, rate: float) -> Cut:
    ordered, caught = np.sort(scores[base])[::-1], scores[positive]
    score = _reached(ordered, rate)
    more, fewer = (np.mean(caught > _reached(ordered, each)) for each in (min(1.0, rate * _REACH), rate / _REACH))
    slope = float(more - fewer) / (min(1.0, rate * _REACH) - rate / _REACH)
    return Cut(score, scores > score, positive, base, rate, slope)


def _reached(ordered: FloatArray, share: float) -> float:
    """The score of the last of this share of events, the highest first."""
    return float(ordered[max(0, round(share * len(ordered)) - 1)])


def _within(rate: float, n: int) -> float:
    """Off 0 and 1, where the logit has no value (Agresti and Coull's half event)."""
    return (rate * n + 0.5) / (n + 1.0)
