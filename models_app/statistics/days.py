"""The probabilities of days as a fit has them: all of each, in increasing order, or a sketch of each."""

from collections.abc import Sequence
from typing import cast

import numpy as np
from numpy.typing import NDArray

from models_app.statistics import sample
from models_app.statistics.sample import SampleArray, SortedSample
from models_app.statistics.sketch import Sketch, variance
from models_app.statistics.weighted_sample import WeightedSample
from scoring.engine.mapping import QuantileMapping

Day = SampleArray | Sketch
Ordered = SortedSample | WeightedSample


def merged(days: Sequence[Day]) -> Ordered:
    """The sample of all days together, which are of one kind. Raises ValueError where there is nothing in them."""
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


def sketching(parts: Sequence[Sequence[Day]], alert_rate: float) -> float:
    """The variance that sketches add to the logarithm of a ratio of alert rates, each of some days; 0 without any."""
    return variance([Sketch.merged(_sketches(days)) for days in parts if _sketches(days)], alert_rate)


def _sketches(days: Sequence[Day]) -> list[Sketch]:
    return [day for day in days if isinstance(day, Sketch)]
