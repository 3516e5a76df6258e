"""How long single events take to be scored, by tenant and intent: quantiles of the last minutes.

A request only appends to a queue, which no lock guards; the watcher's thread sorts what is in it into bins. A bin is
a tenth wider than the one before it, so a quantile is right within 10 %.
"""

import math
import time
from bisect import bisect_left
from collections import Counter, deque
from collections.abc import Callable, Sequence
from itertools import accumulate

MINUTES = 5
SMALLEST = 1e-5  # seconds: what is faster is counted as this
_STEP = math.log(1.1)

Place = tuple[int, str]  # tenant, intent


class Latencies:
    """`note` is for requests; the rest is for one thread alone."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._noted: deque[tuple[int, str, float]] = deque(maxlen=1_000_000)
        self._minutes: dict[int, dict[Place, Counter[int]]] = {}

    def note(self, tenant: int, intent: str, seconds: float) -> None:
        self._noted.append((tenant, intent, seconds))

    def sort(self) -> dict[Place, list[float]]:
        """Sort what was noted into bins, and forget what is too old; returns the seconds that were noted."""
        now = int(self._clock() // 60)
        for old in [minute for minute in self._minutes if minute <= now - MINUTES]:
            del self._minutes[old]
        bins, noted = self._minutes.setdefault(now, {}), self._taken()
        for place, seconds in noted.items():
            bins.setdefault(place, Counter()).update(map(_bin, seconds))
        return noted

    def _taken(self) -> dict[Place, list[float]]:
        found: dict[Place, list[float]] = {}
        for _ in range(len(self._noted)):
            tenant, intent, seconds = self._noted.popleft()
            found.setdefault((tenant, intent), []).append(seconds)
        return found

    def quantiles(self) -> dict[Place, list[float]]:
        """For each intent scored in the last minutes: events, median and 99th percentile in milliseconds."""
        whole: dict[Place, Counter[int]] = {}
        for minute in self._minutes.values():
            for place, bins in minute.items():
                whole.setdefault(place, Counter()).update(bins)
        return {
            place: [sum(bins.values()), *(_quantile(sorted(bins.items()), level) for level in (0.5, 0.99))]
            for place, bins in whole.items()
        }


def _bin(seconds: float) -> int:
    return math.ceil(math.log(max(seconds, SMALLEST) / SMALLEST) / _STEP)


def _quantile(bins: Sequence[tuple[int, int]], level: float) -> float:
    """Return the upper end, in milliseconds, of the bin that has this quantile."""
    counts = list(accumulate(count for _, count in bins))
    place = bins[bisect_left(counts, level * counts[-1] - 1e-9)][0]
    return float(f"{1000 * SMALLEST * math.exp(place * _STEP):.3g}")
