"""A sample whose values have weights: of how many others each stands for, or of how much each counts.

It has what a fit asks of a SortedSample. The gaps between values are fewer, so a rank is met within a value's weight.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from models_app.statistics.sample import ATOM_SHARE, BELOW_ONE, Atom, SampleArray
from scoring.engine.mapping import QuantileMapping
from scoring.engine.probability import FloatArray

Counts = NDArray[np.int64]


class WeightedSample:
    """Values (m,) within [0, 1], in any order and with repeats, and their weights (m,): whole numbers above 0.

    `n`: the sum of the weights. A gap k lies above the k lowest of the n values, as in a SortedSample; only those that
    the weights leave are gaps. `events` that it is of, and `effective`, how many of equal weight they are worth; both n
    where a value's weight is of how many it stands for. Raises ValueError for no values, NaN, or values outside [0, 1].
    """

    def __init__(
        self, values: SampleArray, weights: Counts, events: int | None = None, effective: int | None = None
    ) -> None:
        if not len(values):
            raise ValueError("sample: expected at least one probability, found none")
        order = np.argsort(values, kind="stable")
        ordered, weighed = values[order], weights[order]
        starts = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
        self.values: FloatArray = ordered[starts].astype(np.float64)
        self._ends: Counts = np.concatenate([[0], np.cumsum(np.add.reduceat(weighed, starts))])
        self._single: Counts = np.maximum.reduceat(weighed, starts)
        self._is_tied = np.diff(starts, append=len(ordered)) > 1
        self.n = int(self._ends[-1])
        self.events, self.effective = events or self.n, effective or self.n
        self.low, self.high = float(self.values[0]), float(self.values[-1])
        if not (self.low >= 0.0 and self.high <= 1.0):
            raise ValueError(f"sample: expected probabilities in [0, 1], found {self.low!r} to {self.high!r}")

    def edges(self, k: int) -> tuple[float, float]:
        """The values below and above gap k."""
        place = int(np.searchsorted(self._ends, k))
        below = float(self.values[place - 1]) if place > 0 else 0.0
        above = float(self.values[place]) if place < len(self.values) else 1.0
        return below, above

    def resolution(self, k: int) -> int:
        """Between how many events it cannot tell at gap k: the larger weight of a value beside it."""
        place = int(np.searchsorted(self._ends, k))
        return int(np.max(self._single[max(0, place - 1) : place + 1]))

    def gap_at_or_below(self, k: int) -> int | None:
        """The nearest gap towards lower values (more alerts), k itself if it is one; None if there is none."""
        place = int(np.searchsorted(self._ends, k, side="right")) - 1
        while place >= 0 and not self._is_gap(place):
            place -= 1
        return int(self._ends[place]) if place >= 0 else None

    def gap_at_or_above(self, k: int) -> int | None:
        """The nearest gap towards higher values (fewer alerts), k itself if it is one; None if there is none."""
        place = int(np.searchsorted(self._ends, k))
        while place < len(self._ends) and not self._is_gap(place):
            place += 1
        return int(self._ends[place]) if place < len(self._ends) else None

    def atoms(self) -> list[Atom]:
        """Values above ATOM_SHARE of mass, largest first; one that is kept once alone is no tie."""
        masses = np.diff(self._ends) / self.n
        places = np.nonzero((masses > ATOM_SHARE) & self._is_tied)[0]
        found = [self._atom(int(place), float(masses[place])) for place in places]
        return sorted(found, key=lambda atom: (-atom.mass, atom.value))

    def alerts(self, mapping: QuantileMapping, score: float) -> int:
        """About how many events the mapping takes to `score` or above, found by bisection through the mapping."""
        low, high = 0, len(self.values)
        while low < high:
            middle = (low + high) // 2
            low, high = (low, middle) if mapping.one(float(self.values[middle])) >= score else (middle + 1, high)
        return self.n - int(self._ends[low])

    def distinct(self) -> int:
        """How many different values are kept; there were as many at least."""
        return len(self.values)

    def mean(self) -> float:
        return float(np.sum(self.values * np.diff(self._ends)) / self.n)

    def counts_above(self, places: Sequence[float] | FloatArray) -> Counts:
        """About how many events are at or above each of the places."""
        return self.n - self._ends[np.searchsorted(self.values, np.asarray(places, dtype=np.float64), side="left")]

    def reached_by(self, counts: Counts) -> FloatArray:
        """The values that about so many events have, or more."""
        places = np.searchsorted(self._ends[1:], self.n - np.asarray(counts), side="right")
        found: FloatArray = self.values[places]
        return found

    def _is_gap(self, place: int) -> bool:
        below, above = self.edges(int(self._ends[place]))
        return below < above and below < BELOW_ONE

    def _atom(self, place: int, mass: float) -> Atom:
        above, at_or_above = (self.n - int(self._ends[each]) for each in (place + 1, place))
        return Atom(float(self.values[place]), mass, rate_above=above / self.n, rate_from=at_or_above / self.n)
