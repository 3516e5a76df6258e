"""Quantile mapping, the second level: brings a probability to the score that a client knows.

`score = Q_ref(F_src(p))` (arXiv 2602.11776), stored as knots (x, y) and evaluated by linear interpolation.
One event goes through plain Python floats, a batch through numpy; both do the same IEEE operations in the same
order, so they give the same bits.
"""

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from scoring.engine.probability import FloatArray, checked_many, checked_one


@dataclass(frozen=True)
class QuantileMapping:
    """Knots from probability `x` to score `y`, both strictly increasing from 0 to 1.

    What is promised, beyond being monotone: `score >= y[j]` exactly when `p >= x[j]`, at every knot j. So a
    threshold that is a knot splits events where the fit meant it to, whatever rounding does in between.

    Raises ValueError, naming the knot, for knots that are not such a mapping.
    """

    x: tuple[float, ...]
    y: tuple[float, ...]
    _segments: tuple[tuple[float, ...], ...] = field(init=False, repr=False, compare=False)
    _arrays: tuple[FloatArray, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "x", tuple(float(value) for value in self.x))
        object.__setattr__(self, "y", tuple(float(value) for value in self.y))
        if len(self.x) != len(self.y) or len(self.x) < 2:
            raise ValueError(f"knots: expected as many x as y, at least 2, found {len(self.x)} x and {len(self.y)} y")
        _check_knots("x", self.x)
        _check_knots("y", self.y)
        segments = _segments(self.x, self.y)
        object.__setattr__(self, "_segments", segments)
        object.__setattr__(self, "_arrays", tuple(np.array(column) for column in segments))

    def one(self, p: float) -> float:
        """The score of one probability. Raises ValueError when p is NaN or outside [0, 1]."""
        p = checked_one("probability", p)
        start, width, base, rise, ceiling = self._segments
        j = bisect_right(start, p) - 1
        score = base[j] + (p - start[j]) / width[j] * rise[j]
        return score if score <= ceiling[j] else ceiling[j]

    def many(self, p: NDArray[np.floating]) -> FloatArray:
        """The scores of an array of probabilities, same shape. Raises ValueError as `one` does."""
        p = checked_many("probability", p)
        start, width, base, rise, ceiling = self._arrays
        j = np.searchsorted(start, p, side="right") - 1
        score = base[j] + (p - start[j]) / width[j] * rise[j]
        return np.minimum(score, ceiling[j])


def _segments(x: tuple[float, ...], y: tuple[float, ...]) -> tuple[tuple[float, ...], ...]:
    """Columns start, width, base, rise and ceiling of each segment; the last segment is the point p = 1.

    The ceiling is the float just below the next knot's score: rounding may not carry an event over a threshold
    that its probability does not reach. A floor is not needed, for nothing negative is ever added to the base.
    """
    width = (*(high - low for low, high in pairwise(x)), 1.0)
    rise = (*(high - low for low, high in pairwise(y)), 0.0)
    ceiling = (*(math.nextafter(high, 0.0) for high in y[1:]), 1.0)
    return x, width, y, rise, ceiling


def _check_knots(name: str, values: Sequence[float]) -> None:
    if values[0] != 0.0 or values[-1] != 1.0:
        raise ValueError(f"knots.{name}: expected to start at 0 and end at 1, found {values[0]!r} to {values[-1]!r}")
    for j in range(1, len(values)):
        # Written so that NaN fails it; with both ends in [0, 1], infinity cannot pass it either.
        if not values[j] > values[j - 1]:
            raise ValueError(
                f"knots.{name}[{j}]: expected a number greater than {name}[{j - 1}] = {values[j - 1]!r}, "
                f"found {values[j]!r}"
            )
