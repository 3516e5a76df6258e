"""Alert rates as observed: the share of events at or above a threshold, with a confidence interval."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special


@dataclass(frozen=True)
class ObservedRate:
    """`alerts` of `n` events scored `threshold` or more: `rate`, and the Wilson interval `low` to `high` of it."""

    threshold: float
    alerts: int
    n: int
    rate: float
    low: float
    high: float


def observed_rates(
    scores: NDArray[np.floating], thresholds: Sequence[float], confidence: float = 0.95
) -> list[ObservedRate]:
    """The alert rates of n scores in [0, 1] at each threshold, in the order given, for independent events.

    Raises ValueError when there are no scores or one is NaN.
    """
    scores = np.asarray(scores)
    if scores.size == 0:
        raise ValueError("scores: expected at least one, found none")
    if np.isnan(scores).any():
        raise ValueError(f"scores: expected numbers, found {int(np.isnan(scores).sum())} NaN")
    # float64 on one side keeps a threshold from being rounded to float32.
    return [
        _observed(threshold, int(np.count_nonzero(scores >= np.float64(threshold))), scores.size, confidence)
        for threshold in thresholds
    ]


def wilson_interval(alerts: float, n: int, confidence: float = 0.95) -> tuple[float, float]:
    """Wilson's score interval for a share, within [0, 1]; sound for few alerts too (Wilson, JASA 22, 1927).

    Of weighted events, `n` is their effective number.

    Raises ValueError unless 0 <= alerts <= n, n >= 1 and confidence is within (0, 1).
    """
    if n < 1 or not 0 <= alerts <= n:
        raise ValueError(f"alerts: expected 0 to n of at least one event, found {alerts} of {n}")
    if not 0.0 < confidence < 1.0:
        raise ValueError(f"confidence: expected a number within (0, 1), found {confidence!r}")
    z = float(special.ndtri((1.0 + confidence) / 2.0))
    rate = alerts / n
    centre = (rate + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(rate * (1 - rate) / n + z * z / (4 * n * n))
    return max(0.0, min(rate, centre - half)), min(1.0, max(rate, centre + half))


def _observed(threshold: float, alerts: int, n: int, confidence: float) -> ObservedRate:
    low, high = wilson_interval(alerts, n, confidence)
    return ObservedRate(float(threshold), alerts, n, alerts / n, low, high)
