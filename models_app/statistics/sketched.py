"""What the sketches of a fit's days tell together, and how closely."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from models_app.statistics.days import Day, Ordered, counts_above, merged
from models_app.statistics.fit import FittedMapping
from models_app.statistics.halvings import Halvings, weights_of
from models_app.statistics.sketch import DEVIATIONS, Bounds, Sketch

# At which an error is looked for that holds at all of them: log-spaced as thresholds are.
_RATES = np.geomspace(1e-6, 0.5, 100)


@dataclass(frozen=True)
class Sketched:
    """Sketches of days; none, and false, where days are sorted: then nothing has an error by them.

    `halved`: how often the weight of each day's events has. Sketches of days that weigh the same are merged; where days
    weigh differently they are kept apart, and as their errors are independent, so are those of the days' shares.
    """

    days: Sequence[Sketch]
    halved: Halvings | None = None

    @classmethod
    def of(cls, days: Sequence[Day], halved: Halvings | None = None) -> "Sketched":
        return cls([day for day in days if isinstance(day, Sketch)], halved)

    def __bool__(self) -> bool:
        return bool(self.days)

    @cached_property
    def sample(self) -> Ordered | None:
        """What is kept, as a sample of the whole."""
        if not self.days:
            return None
        return self._whole.weighted if self.halved is None else merged(self.days, self.halved)

    def error(self, alert_rate: float) -> float:
        """The standard error of an alert rate, as a share of it."""
        if not any(map(len, self.days)):
            return 0.0
        return self._whole.error(alert_rate) if self.halved is None else self._weighted_error(alert_rate)

    @cached_property
    def largest_error(self) -> float:
        """The largest of any alert rate up to a half."""
        return max(self.error(float(rate)) for rate in _RATES) if self.days else 0.0

    def at_knots(self, fitted: FittedMapping) -> list[Bounds]:
        """Between which alert rates each inner knot lies, in the order of the knots."""
        if self.sample is None:
            return []
        return [self._bounds(float(rate)) for rate in self.sample.counts_above(fitted.x[1:-1]) / self.sample.n]

    @cached_property
    def _whole(self) -> Sketch:
        return Sketch.merged(self.days)

    def _bounds(self, alert_rate: float) -> Bounds:
        if self.halved is None:
            return self._whole.bounds(alert_rate)
        apart = DEVIATIONS * self.error(alert_rate) * alert_rate
        return Bounds(alert_rate, max(0.0, alert_rate - apart), min(1.0, alert_rate + apart))

    def _weighted_error(self, alert_rate: float) -> float:
        """Of the place that this share reaches: each day has a share of its own there, with an error of its own."""
        assert self.sample is not None
        place = self.sample.reached_by(np.array([max(1, round(alert_rate * self.sample.n))]))
        sizes = np.array([len(day) for day in self.days])
        shares = np.array([counts_above(day, place.tolist())[0] / max(1, len(day)) for day in self.days])
        errors = [day.error(float(share)) if share else 0.0 for day, share in zip(self.days, shares, strict=True)]
        weights = weights_of(self.halved, sizes) * sizes
        return float(np.linalg.norm(weights * shares * errors) / np.sum(weights) / alert_rate)
