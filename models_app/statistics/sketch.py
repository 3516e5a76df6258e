"""Sketches of probabilities: of many millions they keep some ten thousand, which tell alert rates within bounds.

Relative error quantiles (Cormode, Karnin, Liberty, Thaler and Veselý, Journal of the ACM 70, 2023) as Apache
DataSketches has them, accurate at high ranks: the rarer an alert rate, the closer it is known, so that its error is a
share of itself. Sketches of parts merge into one of the whole, in any order. They are random: two of the same values
differ within their bounds.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np
from datasketches import req_floats_sketch

from models_app.statistics.sample import SampleArray
from models_app.statistics.weighted_sample import Counts, WeightedSample
from scoring.engine.probability import FloatArray

K = 100  # of the algorithm: a standard error of 0.13 % of an alert rate, for some 20,000 values kept
DEVIATIONS = 2  # of the bounds that are told: they hold in 95 of 100 cases
CONFIDENCE = 0.95
_ROUNDING = 1e-12  # of ranks near 1


@dataclass(frozen=True)
class Bounds:
    """An alert rate as a sketch has it, and between which rates it lies by the sketch's own bounds."""

    alert_rate: float
    low: float
    high: float


class Sketch:
    """A sketch of n probabilities, which are kept as float32."""

    def __init__(self, inner: Any = None) -> None:
        self._inner = req_floats_sketch(K, True) if inner is None else inner

    @classmethod
    def merged(cls, parts: Iterable["Sketch"]) -> Self:
        """The sketch of all that the parts are of; they stay as they are."""
        found = cls()
        for part in parts:
            found._inner.merge(part._inner)
        return found

    @classmethod
    def of_bytes(cls, kept: bytes) -> Self:
        """Read what `to_bytes` gave."""
        return cls(req_floats_sketch.deserialize(kept))

    def to_bytes(self) -> bytes:
        return bytes(self._inner.serialize())

    def add(self, values: SampleArray) -> None:
        """Add probabilities. Raises ValueError for NaN and values outside [0, 1]."""
        if not len(values):
            return
        low, high = float(np.min(values)), float(np.max(values))
        if not (low >= 0.0 and high <= 1.0):
            raise ValueError(f"sample: expected probabilities in [0, 1], found {low!r} to {high!r}")
        self._inner.update(np.ascontiguousarray(values, dtype=np.float32))
        self.__dict__.pop("weighted", None)

    def __len__(self) -> int:
        return int(self._inner.n)

    @cached_property
    def weighted(self) -> WeightedSample:
        """What is kept, as a sample of the whole. Raises ValueError for a sketch of nothing."""
        return WeightedSample(*self.kept())

    def kept(self) -> tuple[FloatArray, Counts]:
        """The values that are kept, in no order, and of how many each stands for."""
        # To go through an empty one ends the process.
        found = np.array(list(self._inner) if len(self) else [], dtype=np.float64).reshape(-1, 2)
        return found[:, 0], found[:, 1].astype(np.int64)

    def bounds(self, alert_rate: float, deviations: int = DEVIATIONS) -> Bounds:
        """Of the share of the values at or above a place, where the sketch has it to be `alert_rate`."""
        rank = 1.0 - alert_rate
        high = 1.0 - self._inner.get_rank_lower_bound(rank, deviations)
        low = 1.0 - self._inner.get_rank_upper_bound(rank, deviations)
        return Bounds(alert_rate, max(0.0, min(low, alert_rate)), min(1.0, max(high, alert_rate)))

    def error(self, alert_rate: float) -> float:
        """The standard error of an alert rate, as a share of it; 0 where the sketch has all values, or none."""
        if not len(self):
            return 0.0
        found = self.bounds(alert_rate, deviations=1)
        apart = found.high - found.low
        return apart / 2.0 / alert_rate if apart > _ROUNDING else 0.0
