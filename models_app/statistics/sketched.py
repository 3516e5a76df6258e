"""What the sketches of a fit's days tell together, and how closely."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from models_app.statistics.days import Day
from models_app.statistics.fit import FittedMapping
from models_app.statistics.sketch import Bounds, Sketch
from models_app.statistics.weighted_sample import WeightedSample

# At which an error is looked for that holds at all of them: log-spaced as thresholds are.
_RATES = np.geomspace(1e-6, 0.5, 100)


@dataclass(frozen=True)
class Sketched:
    """The sketch of all days; none, and false, where days are sorted: then nothing has an error by it."""

    whole: Sketch | None

    @classmethod
    def of(cls, days: Sequence[Day]) -> "Sketched":
        sketches = [day for day in days if isinstance(day, Sketch)]
        return cls(Sketch.merged(sketches) if sketches else None)

    def __bool__(self) -> bool:
        return self.whole is not None

    @property
    def sample(self) -> WeightedSample | None:
        """What is kept, as a sample of the whole."""
        return self.whole.weighted if self.whole else None

    def error(self, alert_rate: float) -> float:
        """The standard error of an alert rate, as a share of it."""
        return self.whole.error(alert_rate) if self.whole else 0.0

    @cached_property
    def largest_error(self) -> float:
        """The largest of any alert rate up to a half."""
        return max(self.error(float(rate)) for rate in _RATES) if self.whole else 0.0

    def at_knots(self, fitted: FittedMapping) -> list[Bounds]:
        """Between which alert rates each inner knot lies, in the order of the knots."""
        if self.whole is None:
            return []
        above = self.whole.weighted.counts_above(fitted.x[1:-1]) / len(self.whole)
        return [self.whole.bounds(float(rate)) for rate in above]
