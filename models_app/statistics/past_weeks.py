"""What past weeks say of how alert rates move, at a fixed mapping, apart from the rate itself.

Of successive weeks these are the coefficients of their discrete cosine transform, from slow swings to fast ones.
Whether rates scatter from week to week, or walk away step by step, the coefficients are independent of each other, and
only their variances tell the one from the other: the transform diagonalises second differences, which a random walk's
covariance is the inverse of (Strang, The Discrete Cosine Transform, SIAM Review 41, 1999, 135 to 147).
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models_app.statistics.drift import DAY, WEEK
from scoring.engine.probability import FloatArray

Counts = NDArray[np.integer]
# Of a day, events with a score: where fewer have one, what is known of it is of some events and not of all.
_KNOWN = 0.99


@dataclass(frozen=True)
class Contrast:
    """`error`: a sum of past weeks' alert rates whose weights add up to 0, as a share of `rate`, that of all of them.

    Its mean is 0, and its variance is `sampling` (what chance does to independent or clustered events), and `scatter`
    times that of a week from its level, and `walk` times that of the level's step from week to week. Those of former
    versions compare a week with the two before it.
    """

    error: float
    sampling: float
    rate: float
    scatter: float = 1.5
    walk: float = 1.25


@dataclass(frozen=True)
class Days:
    """Events and alerts of successive days, arrays of one shape (days,), the latest last.

    A day without events is one of which nothing is known. Weeks are whole ones, counted back from the last day.
    """

    events: Counts
    alerts: Counts

    @property
    def weeks(self) -> int:
        """How many successive weeks, up to the last day, are known on each of their days."""
        return int(np.argmin(np.append(self._known[::-1], False)))

    def last(self, days: int) -> tuple[int, int]:
        """Events and alerts of the last days."""
        return int(np.sum(self.events[-days:])), int(np.sum(self.alerts[-days:]))

    def runs(self) -> Iterator[tuple[FloatArray, FloatArray]]:
        """Events and alerts by week, (weeks,), of weeks that follow each other without a day that is not known."""
        places = np.flatnonzero(self._known)
        for run in np.split(places, np.flatnonzero(np.diff(places) > 1) + 1):
            yield self._weekly(self.events)[run], self._weekly(self.alerts)[run]

    @property
    def _known(self) -> NDArray[np.bool_]:
        events = self.events[len(self.events) % WEEK :].reshape(-1, WEEK)
        found: NDArray[np.bool_] = np.all(events > 0, axis=1)
        return found

    @staticmethod
    def _weekly(counts: Counts) -> FloatArray:
        found: FloatArray = counts[len(counts) % WEEK :].reshape(-1, WEEK).sum(axis=1).astype(np.float64)
        return found


def days_of(occurred_at: NDArray[np.int64], scores: FloatArray, score: float, last: int) -> Days:
    """Of events: when each occurred (µs) and its score, NaN where it is not known, (n,); alerts reach `score`.

    Days are counted back from `last` (µs), which lies at the latest of them or after it.
    """
    back, known = (last - occurred_at) // DAY, ~np.isnan(scores)
    every = np.bincount(back)
    events, alerts = (np.bincount(back[rows], minlength=len(every)) for rows in (known, scores >= score))
    is_told = events >= _KNOWN * every
    return Days(np.where(is_told, events, 0)[::-1], np.where(is_told, alerts, 0)[::-1])


def contrasts(days: Days, design_effect: float = 1.0) -> list[Contrast]:
    """One less than there are weeks, of each run of weeks that has alerts."""
    return [each for run in days.runs() for each in _of_run(*run, design_effect)]


def alike(rate: float, others: Sequence[Contrast]) -> list[Contrast]:
    """Those of thresholds whose alert rate is of this size, within a factor of about three: rare alerts drift more."""
    return [each for each in others if each.rate > 0.0 and abs(math.log10(each.rate / rate)) <= 0.5] if rate else []


def _of_run(events: FloatArray, alerts: FloatArray, design_effect: float) -> list[Contrast]:
    weeks = len(events)
    if weeks < 2 or not np.any(alerts):
        return []
    rate = float(np.sum(alerts) / np.sum(events))
    swing = np.arange(1, weeks)
    weights = np.sqrt(2.0 / weeks) * np.cos(np.pi * np.outer(swing, np.arange(weeks) + 0.5) / weeks)
    errors = weights @ (alerts / (events * rate))
    sampling = weights**2 @ (design_effect * (1.0 - rate) / (events * rate))
    walk = 0.25 / np.sin(np.pi * swing / (2.0 * weeks)) ** 2
    return [
        Contrast(float(error), float(chance), rate, 1.0, float(steps))
        for error, chance, steps in zip(errors, sampling, walk, strict=True)
    ]
