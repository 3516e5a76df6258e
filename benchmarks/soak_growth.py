"""Whether something grows, told from samples of it: a slope that a few odd samples do not move, and a bound on it.

What leaks grows as fast at last as at first; what fills, such as a cache or the heap of a process that has just begun,
grows ever more slowly. So growth beyond a bound is a leak where it goes on in the second half of the samples as well.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import theilslopes

LEAST_SAMPLES = 5


@dataclass(frozen=True)
class Bound:
    """What is a leak: surely more than `per_hour`, and more than `at_least` in the time that was looked at."""

    per_hour: float
    at_least: float


@dataclass(frozen=True)
class Growth:
    """How one thing has grown.

    `first`, `last`: medians of the first and the last tenth of the samples. `per_hour`: the median of the slopes of all
    pairs (Theil–Sen); with 95 % it lies between `low` and `high`. `late`: the slope of the second half of the samples
    alone. `hours`: how long was looked at.
    """

    first: float
    last: float
    per_hour: float
    low: float
    high: float
    late: float
    hours: float

    def exceeds(self, bound: Bound) -> bool:
        """Even at the lower end of what the slope may be, so that noise alone is no leak; and still at last."""
        surely = self.low > bound.per_hour and self.per_hour * self.hours > bound.at_least
        return surely and self.late > bound.per_hour


def growth(hours: Sequence[float], values: Sequence[float]) -> Growth:
    """Of at least LEAST_SAMPLES samples, taken at these hours. Raises ValueError for fewer."""
    if len(hours) < LEAST_SAMPLES:
        raise ValueError(f"{len(hours)} samples tell no slope; it takes {LEAST_SAMPLES}")
    slope, _, low, high = theilslopes(values, hours, alpha=0.95)
    tenth, half = max(1, len(values) // 10), len(values) // 2
    return Growth(
        first=float(np.median(values[:tenth])),
        last=float(np.median(values[-tenth:])),
        per_hour=float(slope),
        low=float(low),
        high=float(high),
        late=float(theilslopes(values[half:], hours[half:])[0]),
        hours=hours[-1] - hours[0],
    )


def of_all(samples: Sequence[Mapping[str, float]], hours: Sequence[float]) -> dict[str, Growth]:
    """The growth of each thing by name; one that a sample lacks was 0 then."""
    names = sorted({name for sample in samples for name in sample})
    return {name: growth(hours, [sample.get(name, 0.0) for sample in samples]) for name in names}
