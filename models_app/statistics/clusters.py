"""Events that share their fate: of one day, or of one entity (a card, an account) that an intent names.

The design effect is the variance that events in clusters have, over what independent ones would have: an interval for
independent events holds again once its variance is multiplied by it (Kish, Survey Sampling, 1965). Influences on a
rate, or on the logarithm of a ratio, are summed by cluster: the sums are what varies independently.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from models_app.statistics.halvings import effective_size
from scoring.engine.probability import FloatArray

Codes = NDArray[np.integer]
_WEEKDAYS = 7
_LEAST_DAYS = 3
# The few days of a window may agree by chance alone: below this they are not believed.
_LEAST_FACTOR = 0.3


@dataclass(frozen=True)
class Effect:
    """How much wider the variance is than that of independent events.

    `factor` of the variance; `degrees` of freedom that it is estimated from, None where it is as good as known.
    """

    factor: float
    degrees: int | None = None

    def quantile(self, confidence: float) -> float:
        """Two-sided, for the square root of the variance with this effect in it."""
        level = (1.0 + confidence) / 2.0
        found = special.ndtri(level) if self.degrees is None else special.stdtrit(self.degrees, level)
        return float(found) * float(np.sqrt(self.factor))


INDEPENDENT = Effect(1.0)


def of_rate(alerts: NDArray[np.bool_], entities: Codes | None) -> Effect:
    """For the alert rate of n events, by entity: what varies between the days is drift, and not in it. At least 1."""
    rate = float(np.mean(alerts)) if len(alerts) else 0.0
    if entities is None or not 0.0 < rate < 1.0:
        return INDEPENDENT
    by_entity = np.bincount(entities, weights=alerts - rate)
    return Effect(max(1.0, float(np.sum(by_entity**2)) / (len(alerts) * rate * (1.0 - rate))))


def of_change(
    before: NDArray[np.bool_], after: NDArray[np.bool_], days: Codes, entities: Codes | None = None
) -> Effect:
    """For log(alerts after / alerts before) of the same n events, by day and, where they are named, by entity.

    `days`: the number of each event's day, of successive days. Both clusterings together as Cameron, Gelbach and Miller
    (Journal of Business & Economic Statistics 29, 2011): the sum of both less that of cells of day and entity.
    With two weeks or more the pattern of weekdays is taken out, for it cancels in whole weeks.
    """
    (rows,) = np.nonzero(before | after)
    if not before.any() or not after.any() or np.array_equal(before, after):
        return INDEPENDENT
    influence = after[rows] / np.count_nonzero(after) - before[rows] / np.count_nonzero(before)
    return of_influence(influence, rows, days, entities)


def of_influence(
    influence: FloatArray, rows: NDArray[np.integer], days: Codes, entities: Codes | None = None
) -> Effect:
    """For a sum of influences (m,) of those `rows` of n events that have any; `days` and `entities` (n,) are of all.

    Clustered as `of_change` says.
    """
    alone = float(np.sum(influence**2))
    if alone == 0.0:
        return INDEPENDENT
    first = int(days.min())
    sums = np.bincount(days[rows] - first, influence, minlength=int(days.max()) - first + 1)
    by_day, degrees = variance_of_days(sums.astype(np.float64))
    if entities is None:
        return INDEPENDENT if degrees is None else Effect(max(_LEAST_FACTOR, by_day / alone), degrees)
    by_entity = _squares(entities[rows], influence)
    if degrees is None:
        return Effect(by_entity / alone)
    cells = np.unique(np.column_stack([days[rows], entities[rows]]), axis=0, return_inverse=True)[1]
    both = by_day + by_entity - _squares(cells.ravel(), influence)
    return Effect(max(_LEAST_FACTOR, max(both, by_day, by_entity) / alone), degrees)


def of_days(events: NDArray[np.integer], alerts: NDArray[np.integer]) -> Effect:
    """For the alert rate of all the days together, where only the `events` and `alerts` of each are known, (days,).

    At least 1: days that differ less than chance makes them do so by chance. Fewer than three days say nothing of it.
    """
    n, alerted = int(np.sum(events)), int(np.sum(alerts))
    if not 0 < alerted < n:
        return INDEPENDENT
    rate = alerted / n
    variance, degrees = variance_of_days((alerts - rate * events).astype(np.float64))
    factor = variance / (n * rate * (1.0 - rate))
    return INDEPENDENT if degrees is None or factor <= 1.0 else Effect(factor, degrees)


def variance_of_days(sums: FloatArray) -> tuple[float, int | None]:
    """The variance of the sum over days (n,), from how they differ, and its degrees of freedom.

    (0, None) for too few days.
    """
    days = len(sums)
    if days < _LEAST_DAYS:
        return 0.0, None
    if days < 2 * _WEEKDAYS:
        return days / (days - 1) * float(np.sum((sums - np.mean(sums)) ** 2)), days - 1
    total = 0.0
    for weekday in range(_WEEKDAYS):
        own = sums[weekday::_WEEKDAYS]
        total += len(own) / (len(own) - 1) * float(np.sum((own - np.mean(own)) ** 2))
    return total, days - _WEEKDAYS


def variance_of_weighted_days(sums: FloatArray, weights: FloatArray) -> tuple[float, int | None]:
    """As `variance_of_days`, of a sum in which days have weights (n,), 0 where they have no events; `sums` has them in.

    Weekdays do not cancel where recent days weigh more, so their pattern is among what varies. As many days count as
    the weights are worth.
    """
    days = effective_size(weights)
    if np.count_nonzero(weights) < _LEAST_DAYS or round(days) < 2:
        return 0.0, None
    return days / (days - 1.0) * float(np.sum(sums**2)), round(days) - 1


def _squares(clusters: Codes, influence: FloatArray) -> float:
    return float(np.sum(np.bincount(np.unique(clusters, return_inverse=True)[1], influence) ** 2))
