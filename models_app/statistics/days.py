"""The probabilities of days as a fit has them: all of each, in increasing order, or a sketch of each."""

from collections.abc import Sequence
from typing import cast

import numpy as np
from numpy.typing import NDArray

from models_app.statistics import sample
from models_app.statistics.halvings import Halvings, effective_events, whole_weights
from models_app.statistics.sample import SampleArray, SortedSample
from models_app.statistics.sketch import Sketch
from models_app.statistics.weighted_sample import WeightedSample
from scoring.engine.mapping import QuantileMapping

Day = SampleArray | Sketch
Ordered = SortedSample | WeightedSample


def merged(days: Sequence[Day], halved: Halvings | None = None) -> Ordered:
    """The sample of all days together, which are of one kind. Raises ValueError where there is nothing in them.

    `halved`: how often the weight of each day's events has; without it all weigh the same.
    """
    if halved is not None and np.ptp(halved) > 0.0:
        return _weighted(days, halved)
    sketches = _sketches(days)
    return Sketch.merged(sketches).weighted if sketches else SortedSample.merged(cast(Sequence[SampleArray], days))


def alerts_in(day: Day, mapping: QuantileMapping, score: float) -> int:
    """How many events of a day the mapping takes to `score` or above."""
    if not isinstance(day, Sketch):
        return sample.alerts_in(day, mapping, score)
    return day.weighted.alerts(mapping, score) if len(day) else 0


def counts_above(day: Day, places: Sequence[float]) -> NDArray[np.int64]:
    """How many of a day's values are at or above each of the places."""
    if not isinstance(day, Sketch):
        return sample.counts_above(day, places)
    return day.weighted.counts_above(places) if len(day) else np.zeros(len(places), np.int64)


def _weighted(days: Sequence[Day], halved: Halvings) -> WeightedSample:
    """Each value with the weight of its day, or as often as the day's sketch has it stand for others."""
    sizes = np.array([len(day) for day in days])
    if not np.any(sizes):
        raise ValueError("sample: expected at least one probability, found none")
    weights = whole_weights(halved, sizes)
    parts = [_values(day, int(weight)) for day, weight in zip(days, weights, strict=True) if weight]
    values, weighed = (np.concatenate(each) for each in zip(*parts, strict=True))
    return WeightedSample(values, weighed, int(np.sum(sizes)), effective_events(halved, sizes))


def _values(day: Day, weight: int) -> tuple[SampleArray, NDArray[np.int64]]:
    if not isinstance(day, Sketch):
        return day, np.full(len(day), weight, np.int64)
    values, stand_for = day.kept()
    return values, weight * stand_for


def _sketches(days: Sequence[Day]) -> list[Sketch]:
    return [day for day in days if isinstance(day, Sketch)]
