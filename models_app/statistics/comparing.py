"""Whether probabilities that somebody got are those that a model gives: event by event, or by their distribution."""

import math
from dataclasses import dataclass

import numpy as np

from models_app.statistics.cold_start import Quantiles, checked_quantiles
from scoring.engine.probability import FloatArray


@dataclass(frozen=True)
class SameEvents:
    """Of `n` events, `differing` by more than the tolerance; their places in `first`; the `largest` difference of all.

    `mirrored`: where they differ, all that is given is one minus what the model gives, as of the other class.
    """

    n: int
    differing: int
    largest: float
    first: tuple[int, ...]
    mirrored: bool


@dataclass(frozen=True)
class SameDistribution:
    """The largest `distance` between two distribution functions, and how much of it comes by chance at most.

    It stands at the given `value`: the shares `given` and `found` of those on either side that lie below.
    """

    distance: float
    by_chance: float
    value: float
    given: float
    found: float

    @property
    def holds(self) -> bool:
        """Whether they may be of one distribution."""
        return self.distance <= self.by_chance


def same_events(found: FloatArray, given: FloatArray, tolerance: float, shown: int = 3) -> SameEvents:
    """Compare what a model gives for n events with what somebody got for them, both of the shape (n,)."""
    if found.shape != given.shape or found.ndim != 1 or not len(found):
        raise ValueError(f"given: expected one for each event, found {given.shape} for {found.shape}")
    difference = np.abs(found - given)
    places = np.flatnonzero(~(difference <= tolerance))
    mirrored = bool(len(places)) and bool(np.all(np.abs(found - (1.0 - given)) <= tolerance))
    first = tuple(int(place) for place in places[:shown])
    return SameEvents(len(found), len(places), float(difference.max()), first, mirrored)


def same_distribution(
    found: FloatArray, quantiles: Quantiles, tolerance: float, confidence: float = 0.999
) -> SameDistribution:
    """Compare a model's n outputs with the quantiles (`validation_quantiles`) of m that somebody got.

    By the test of Kolmogorov and Smirnov for two samples, at the levels that there are. The same events are no distance
    apart, where values are equal within the tolerance; for others of the same kind it is wrong in 1 − confidence of all
    cases at most. Raises ValueError for malformed quantiles.
    """
    levels, values = checked_quantiles(quantiles)
    ordered, n = np.sort(found), len(found)
    low = np.searchsorted(ordered, values - tolerance, "left") / n
    high = np.searchsorted(ordered, values + tolerance, "right") / n
    nearest = np.clip(levels, low, high)
    worst = int(np.argmax(np.abs(levels - nearest)))
    m = round(1.0 / (1.0 - levels[-1]))  # the last level leaves one of them above
    by_chance = math.sqrt(-math.log((1.0 - confidence) / 2.0) / 2.0 * (n + m) / (n * m))
    given, reached = float(levels[worst]), float(nearest[worst])
    return SameDistribution(abs(given - reached), by_chance, float(values[worst]), given, reached)
