"""Knot levels: at which alert rates a fitted mapping has its knots.

Thresholds sit in the upper tail, where steps that are equal in level would leave the rarest and dearest alerts
between two knots. So there is an even body, and tails whose levels are even in the logarithm.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

BODY_STEPS = 200
UPPER_STEPS_PER_DECADE = 32
LOWER_STEPS_PER_DECADE = 8
_TAIL_STARTS_AT = 0.1


def alert_counts(n: int, declared: Sequence[float] = ()) -> NDArray[np.int64]:
    """How many of `n` events shall lie above each knot: increasing, without repeats, each in [1, n − 1].

    The body, the upper tail down to one event (level 1 − 1/n), a coarser lower tail, and `declared` alert rates.
    """
    if n < 2:
        return np.empty(0, dtype=np.int64)
    body = np.arange(1, BODY_STEPS) / BODY_STEPS
    upper = _tail(n, UPPER_STEPS_PER_DECADE)
    lower = 1.0 - _tail(n, LOWER_STEPS_PER_DECADE)
    rates = np.concatenate([body, upper, lower, np.asarray(declared, dtype=np.float64)])
    counts = np.unique(np.rint(rates * n).astype(np.int64))
    return counts[(counts >= 1) & (counts <= n - 1)]


def _tail(n: int, steps_per_decade: int) -> NDArray[np.float64]:
    """Rates from a tenth down to 1/n, both included, even in the logarithm."""
    if _TAIL_STARTS_AT * n <= 1:
        return np.array([1.0 / n])
    steps = int(np.ceil(steps_per_decade * np.log10(_TAIL_STARTS_AT * n))) + 1
    return np.geomspace(_TAIL_STARTS_AT, 1.0 / n, max(steps, 2))
