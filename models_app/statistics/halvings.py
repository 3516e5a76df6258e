"""Days whose events count less the older they are: half as much after every half-life.

What weighted events tell of a share is what fewer events of equal weight would: (Σ w)² / Σ w² of them, the effective
sample size (Kish, Survey Sampling, 1965, section 11.7). It takes the place of their number wherever a number of events
says how closely a share is known: a share a of weighted independent events has the variance a (1 − a) Σ w² / (Σ w)².
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from scoring.engine.probability import FloatArray

Halvings = FloatArray  # (days,): how often the weight of each day's events has halved, at the end of all of them
Counts = NDArray[np.int64]

# Of the heaviest event, in which others are told: one that has halved twenty-one times counts for nothing.
_UNIT = 2**20


def halvings(ages: Sequence[float], half_life: float) -> Halvings:
    """Of days of these ages, in the unit of the half-life."""
    return np.asarray(ages, dtype=np.float64) / half_life


def weights_of(halved: Halvings | None, sizes: Sequence[int] | Counts) -> FloatArray:
    """The weight of each day's events (days,), 1 on the youngest day that has any, and 0 where there are none.

    `sizes`: how many there are. Without halvings all weigh the same, days without events too.
    """
    has_events = np.asarray(sizes) > 0
    if halved is None or not np.any(has_events):
        return np.ones(len(has_events))
    since_youngest = np.maximum(0.0, halved - np.min(halved[has_events]))
    found: FloatArray = np.where(has_events, np.exp2(-since_youngest), 0.0)
    return found


def whole_weights(halved: Halvings, sizes: Sequence[int] | Counts) -> Counts:
    """As whole numbers without a common divisor, so that they are 0 for what has halved too often; not all are."""
    weights: Counts = np.rint(_UNIT * weights_of(halved, sizes)).astype(np.int64)
    found: Counts = weights // np.gcd.reduce(weights)
    return found


def effective_size(weights: FloatArray | Counts, sizes: Sequence[int] | Counts | None = None) -> float:
    """(Σ w)² / Σ w², of events whose weights these are, or of days that have so many events each; 0 for none."""
    each = np.asarray(weights, dtype=np.float64)
    counts = np.ones(len(each)) if sizes is None else np.asarray(sizes, dtype=np.float64)
    squares = float(np.sum(each**2 * counts))
    return float(np.sum(each * counts)) ** 2 / squares if squares else 0.0


def effective_events(halved: Halvings | None, sizes: Sequence[int] | Counts) -> int:
    """How many events of equal weight those of these days are worth, each day's `sizes` many; all of them at most."""
    events = int(np.sum(sizes))
    return events if halved is None else min(events, round(effective_size(weights_of(halved, sizes), sizes)))
