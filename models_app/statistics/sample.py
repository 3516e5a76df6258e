"""A sample of probabilities, sorted, and the gaps in it between which a monotone mapping can tell events apart."""

import math
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Self, cast

import numpy as np
from numpy.typing import NDArray

from scoring.engine.mapping import QuantileMapping
from scoring.engine.probability import FloatArray

SampleArray = NDArray[np.float32] | NDArray[np.float64]

# An atom is named when it holds more than this share of the events (and more than one event).
ATOM_SHARE = 0.001

# The largest float below 1. The mapping sends 1 to 1, so between this and 1 there is no room for a knot.
BELOW_ONE = math.nextafter(1.0, 0.0)


@dataclass(frozen=True)
class Atom:
    """A value that many events share, which no monotone mapping can split.

    `mass` is its share of all events. Alert rates strictly between `rate_above` (these events excluded) and
    `rate_from` (included) cannot be reached.
    """

    value: float
    mass: float
    rate_above: float
    rate_from: float


class SortedSample:
    """The n values of a sample in increasing order; float32 stays float32.

    A gap k, of 0 … n, lies below the value at index k, so that n − k events are above it. The gaps 0 and n are the
    spaces between the sample and the ends of [0, 1]. All values weigh the same, so that as many as there are `events`
    are `effective`.

    Raises ValueError for anything but a one-dimensional, non-empty array of float32 or float64 within [0, 1].
    """

    def __init__(self, sample: SampleArray) -> None:
        values = np.asarray(sample)
        if values.ndim != 1 or values.dtype not in (np.float32, np.float64):
            raise ValueError(
                f"sample: expected a one-dimensional array of float32 or float64, "
                f"found {values.ndim} dimension(s) of {values.dtype}"
            )
        if values.size == 0:
            raise ValueError("sample: expected at least one probability, found none")
        # A copy: the caller's array is not ours to change. NaN sorts to the end.
        self._take(np.sort(values))

    @classmethod
    def merged(cls, parts: Sequence[SampleArray]) -> Self:
        """The sample of all parts, of which each is in increasing order already: quicker than to sort them together."""
        if not any(len(part) for part in parts):
            raise ValueError("sample: expected at least one probability, found none")
        found = cls.__new__(cls)
        found._take(_merged(parts))
        return found

    def _take(self, values: SampleArray) -> None:
        self.values = values
        self.n = self.events = self.effective = int(values.size)
        self._check_range()
        self.low, self.high = float(values[0]), float(values[-1])

    def _check_range(self) -> None:
        low, high = float(self.values[0]), float(self.values[-1])
        if math.isnan(high):
            count = int(np.isnan(self.values).sum())
            raise ValueError(f"sample: expected probabilities, found {count} NaN among {self.n} values")
        if low < 0.0 or high > 1.0:
            found = low if low < 0.0 else high
            raise ValueError(f"sample: expected probabilities in [0, 1], found {found!r}")

    def edges(self, k: int) -> tuple[float, float]:
        """The values below and above gap k."""
        below = float(self.values[k - 1]) if k > 0 else 0.0
        above = float(self.values[k]) if k < self.n else 1.0
        return below, above

    def is_gap(self, k: int) -> bool:
        """Whether a knot fits there: above the lower value, at or below the upper one, and below 1."""
        below, above = self.edges(k)
        return below < above and below < BELOW_ONE

    def gap_at_or_below(self, k: int) -> int | None:
        """The nearest gap towards lower values (more alerts), k itself if it is one; None if there is none."""
        while not self.is_gap(k):
            if k == 0:
                return None
            k = self._first(k - 1)
        return k

    def gap_at_or_above(self, k: int) -> int | None:
        """The nearest gap towards higher values (fewer alerts), k itself if it is one; None if there is none."""
        while not self.is_gap(k):
            if k == self.n:
                return None
            k = self._end(k)
        return k

    def atoms(self) -> list[Atom]:
        """The atoms above ATOM_SHARE of mass, largest first.

        Whoever holds that many places in a row holds one of the places looked at.
        """
        stride = max(1, int(ATOM_SHARE * self.n))
        starts = np.unique(self.values[::stride], return_index=True)[1] * stride
        runs = [(self._first(int(k)), self._end(int(k))) for k in starts]
        found = [self._atom(*run) for run in runs if run[1] - run[0] > max(1.0, ATOM_SHARE * self.n)]
        return sorted(found, key=lambda atom: (-atom.mass, atom.value))

    def alerts(self, mapping: QuantileMapping, score: float) -> int:
        """How many events the mapping takes to `score` or above, found by bisection through the mapping itself."""
        return alerts_in(self.values, mapping, score)

    def distinct(self) -> int:
        """How many different values there are."""
        return 1 + int(np.count_nonzero(self.values[1:] != self.values[:-1]))

    def resolution(self, k: int) -> int:
        """Between how many events it cannot tell at gap k."""
        return 1

    def mean(self) -> float:
        return float(np.mean(self.values, dtype=np.float64))

    def counts_above(self, places: Sequence[float] | FloatArray) -> NDArray[np.int64]:
        """How many values are at or above each of the places."""
        return counts_above(self.values, places)

    def reached_by(self, counts: NDArray[np.int64]) -> FloatArray:
        """The values that so many values are at or above, each of 1 … n."""
        return np.asarray(self.values[self.n - counts], dtype=np.float64)

    def _atom(self, first: int, end: int) -> Atom:
        n = self.n
        value = float(self.values[first])
        return Atom(value=value, mass=(end - first) / n, rate_above=(n - end) / n, rate_from=(n - first) / n)

    # The value is taken from the array, with its type: a Python float would make numpy copy all to float64.
    def _first(self, k: int) -> int:
        return int(np.searchsorted(self.values, self.values[k], side="left"))

    def _end(self, k: int) -> int:
        return int(np.searchsorted(self.values, self.values[k], side="right"))


def alerts_in(values: SampleArray, mapping: QuantileMapping, score: float) -> int:
    """How many of these values, in increasing order, the mapping takes to `score` or above."""
    low, high = 0, len(values)
    while low < high:
        middle = (low + high) // 2
        if mapping.one(float(values[middle])) >= score:
            high = middle
        else:
            low = middle + 1
    return len(values) - low


def counts_above(values: SampleArray, places: Sequence[float] | FloatArray) -> NDArray[np.int64]:
    """How many of these values, in increasing order, are at or above each of the places."""
    found: NDArray[np.int64] = len(values) - np.searchsorted(
        values, np.asarray(places).astype(values.dtype), side="left"
    )
    return found


def _merged(parts: Sequence[SampleArray]) -> SampleArray:
    """All values in order. A stable sort merges runs that are in order; two threads do the lower and the upper half."""
    largest = max(parts, key=len)
    cuts = [int(np.searchsorted(part, largest[len(largest) // 2])) for part in parts]
    lower = [part[:cut] for part, cut in zip(parts, cuts, strict=True)]
    upper = [part[cut:] for part, cut in zip(parts, cuts, strict=True)]
    values = np.empty(sum(map(len, parts)), largest.dtype)
    halves = (values[: sum(cuts)], lower), (values[sum(cuts) :], upper)
    with ThreadPoolExecutor(len(halves)) as pool:
        list(pool.map(_merge, *zip(*halves, strict=True)))
    return cast(SampleArray, values)


def _merge(values: SampleArray, parts: Sequence[SampleArray]) -> None:
    np.concatenate(parts, out=values)
    values.sort(kind="stable")
