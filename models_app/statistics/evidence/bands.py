"""Numbers in bands between round limits, which a person can read."""

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from scoring.engine.probability import FloatArray

# Shares of events below each limit, about so: more of them at the top, where amounts are worth the most.
_LEVELS = (0.2, 0.4, 0.6, 0.8, 0.95)
_NEAR = 0.05  # how far off them, where that makes a limit rounder
_STEPS = (1.0, 0.5, 0.2)  # of a power of ten, the roundest first
_DIGITS = 15  # of a number that has no rounder one beside it
_LEAST = 1e-280  # and numbers that size, or as far beyond 1, stay as they are


def in_bands(numbers: FloatArray) -> tuple[list[str], NDArray[np.int64]]:
    """The names of the bands, in order, and which of them each of n numbers is in; NaN is in one beyond the last.

    A band begins with its lower limit and ends before its upper one. Bands without a number are left out.
    """
    known = ~np.isnan(numbers)
    limits = limits_of(numbers[known])
    used, place = np.unique(np.searchsorted(limits, numbers[known], side="right"), return_inverse=True)
    names = _names(limits)
    found = np.full(len(numbers), len(used))
    found[known] = place
    return [names[each] for each in used], found


def limits_of(numbers: FloatArray) -> list[float]:
    """Round numbers near quantiles of these, in order; none below which there would be nothing."""
    if not len(numbers):
        return []
    near = [(level, min(_NEAR, (1.0 - level) / 2.0)) for level in _LEVELS]
    lows, highs = (
        np.quantile(numbers, [level + sign * aside for level, aside in near], method="inverted_cdf")
        for sign in (-1.0, 1.0)
    )
    least = float(np.min(numbers))
    found = {roundest(float(low), float(high)) for low, high in zip(lows, highs, strict=True) if high > least}
    return sorted(found)


def roundest(low: float, high: float) -> float:
    """The roundest number above `low` and up to `high`, as 50 of 38.2 to 61.7; of equals that in the middle."""
    if low < 0.0 <= high:
        return 0.0
    size = max(abs(low), abs(high))
    if low == high or not _LEAST < size < 1.0 / _LEAST:
        return high
    middle, power = (low + high) / 2.0, math.floor(math.log10(size))
    for step in (each * 10.0**exponent for exponent in range(power + 1, power - _DIGITS, -1) for each in _STEPS):
        for times in (round(middle / step), round(middle / step) + 1):
            if low < (found := float(f"{step * times:.{_DIGITS}g}")) <= high:
                return found
    return high


def _names(limits: Sequence[float]) -> list[str]:
    if not limits:
        return ["any"]
    inner = [f"{_number(low)} to {_number(high)}" for low, high in pairwise(limits)]
    return [f"below {_number(limits[0])}", *inner, f"{_number(limits[-1])} and above"]


def _number(value: float) -> str:
    text = f"{value:,.{_DIGITS}g}"
    return text if float(text.replace(",", "")) == value else repr(value)
