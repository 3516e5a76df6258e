"""How far two quantile mappings are from each other."""

from collections.abc import Sequence

import numpy as np


def largest_move(
    before: tuple[Sequence[float], Sequence[float]], after: tuple[Sequence[float], Sequence[float]]
) -> float:
    """The largest difference of scores that any probability gets by two mappings, each of knots (x, y).

    Both are linear between their knots, so that it lies at a knot of one of them.
    """
    at = np.union1d(before[0], after[0])
    return float(np.max(np.abs(np.interp(at, *before) - np.interp(at, *after))))
