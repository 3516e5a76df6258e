"""How far events lie from what is expected of them, by their bins of probability.

The distance is Kolmogorov's and Smirnov's, the greatest difference between the share of events at or above a
probability and the share that is expected there, at each bin's lower end. A transform is increasing, so this is the
distance of scores from what is expected of scores, too.
"""

from collections.abc import Callable, Mapping

import msgspec
import numpy as np
from scipy import special

from scoring.engine import bins

_HALF = float(special.kolmogi(0.5))


class Distance(msgspec.Struct, frozen=True):
    """Of so many `events`: how far `apart` they are, and how far half of all samples are `by_chance`, at most."""

    events: int
    apart: float
    by_chance: float


def distance(events: Mapping[str, int], expected: Callable[[float], float], fitted_on: int = 0) -> Distance | None:
    """`expected`: the share of events at or above a probability; it was `fitted_on` so many, 0 of a fixed one.

    None without events.
    """
    places = sorted(map(int, events), reverse=True)
    n = sum(events.values())
    if not n:
        return None
    above = np.cumsum([events[str(each)] for each in places]) / n
    due = np.array([expected(bins.least_probability(each)) for each in places[:-1]] + [1.0])
    chance = 1.0 / n + (1.0 / fitted_on if fitted_on else 0.0)
    return Distance(n, float(np.max(np.abs(above - due))), _HALF * chance**0.5)
