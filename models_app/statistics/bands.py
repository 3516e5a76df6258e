"""How far a sample of n events may be off, at each alert rate by itself."""

from collections.abc import Sequence
from typing import TypeVar

import numpy as np
from scipy import special

from scoring.engine.probability import FloatArray


def rate_band(
    n: int, alert_rates: Sequence[float], confidence: float = 0.95, sketched: float = 0.0
) -> tuple[FloatArray, FloatArray]:
    """Where the true alert rate lies at the value that the share `alert_rates` of n events reaches: (low, high).

    Of n events from any continuous distribution, the true alert rate at the m-th largest follows Beta(m, n − m + 1),
    whatever the distribution is; m is the share of n, at least one. The band holds at each rate by itself
    (pointwise), not at all of them at once. `sketched`: the standard error of a rate, as a share of it, where
    a sketch alone tells which value that is. Raises ValueError without events, or for a rate or a confidence outside
    (0, 1).
    """
    rates = np.asarray(alert_rates, dtype=np.float64)
    if n < 1:
        raise ValueError(f"n: expected at least one event, found {n}")
    if not np.all((rates > 0.0) & (rates < 1.0)):
        raise ValueError(f"alert_rates: expected numbers within (0, 1), found {list(alert_rates)}")
    if not 0.0 < confidence < 1.0:
        raise ValueError(f"confidence: expected a number within (0, 1), found {confidence!r}")
    m = np.clip(np.rint(rates * n), 1, n)
    tail = (1.0 - confidence) / 2.0
    low, high = special.betaincinv(m, n - m + 1, tail), special.betaincinv(m, n - m + 1, 1.0 - tail)
    return widened(rates, low, high, sketched, confidence)


Rates = TypeVar("Rates", float, FloatArray)


def widened(rate: Rates, low: Rates, high: Rates, sketched: float, confidence: float = 0.95) -> tuple[Rates, Rates]:
    """An interval that a sketch's error joins, by Zou and Donner (Statistics in Medicine 27, 2008).

    `sketched`: its standard error, as a share of the rate; with 0 the interval stays as it is.
    """
    if not sketched:
        return low, high
    apart = float(special.ndtri((1.0 + confidence) / 2.0)) * sketched * rate
    below, above = np.hypot(rate - low, apart), np.hypot(high - rate, apart)
    return np.maximum(0.0, rate - below), np.minimum(1.0, rate + above)
