"""Aggregation: how the corrected outputs of a predictor's models become one probability.

Outputs come in the order of the members, each in [0, 1]. With one member all of these give its output unchanged.
One event (Python floats) and a batch (arrays) give the same bits: sums run in the order of the members, not by
`sum`, which adds with compensation from Python 3.12 on, nor by numpy's pairwise sum.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from scoring.engine.probability import FloatArray, checked_many, checked_one

# The logit of 0 or 1 is infinite, and one model that is that sure would overrule all others for good. A float64
# resolves 1 - p no finer than this, so nothing else is lost.
_LEAST = 2.0**-53


@dataclass(frozen=True)
class Aggregation:
    """What all have in common: one finite weight above 0 for each member. Raises ValueError for other weights."""

    weights: tuple[float, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "weights", tuple(float(weight) for weight in self.weights))
        if not self.weights:
            raise ValueError("weights: expected one for each member, found none")
        for index, weight in enumerate(self.weights):
            if not 0.0 < weight < math.inf:
                raise ValueError(f"weights[{index}]: expected a finite number above 0, found {weight!r}")
        if not math.isfinite(_total(self.weights)):
            raise ValueError("weights: expected a finite sum; divide all of them by the largest")

    def one(self, outputs: Sequence[float]) -> float:
        """The probability of one event from its members' outputs. Raises ValueError for NaN or outside [0, 1]."""
        self._check_count(len(outputs))
        checked = [checked_one(f"outputs[{index}]", p) for index, p in enumerate(outputs)]
        return checked[0] if len(checked) == 1 else self._one(checked)

    def many(self, outputs: Sequence[FloatArray]) -> FloatArray:
        """The probabilities of n events from the members' arrays of n outputs. Raises ValueError as `one` does."""
        self._check_count(len(outputs))
        checked = [checked_many(f"outputs[{index}]", p) for index, p in enumerate(outputs)]
        if len({array.shape for array in checked}) > 1:
            raise ValueError(f"outputs: expected equal shapes, found {[array.shape for array in checked]}")
        return checked[0] if len(checked) == 1 else self._many(checked)

    def _check_count(self, found: int) -> None:
        if found != len(self.weights):
            raise ValueError(f"outputs: expected one for each of {len(self.weights)} members, found {found}")

    def _one(self, outputs: Sequence[float]) -> float:
        raise NotImplementedError

    def _many(self, outputs: Sequence[FloatArray]) -> FloatArray:
        raise NotImplementedError


class WeightedMean(Aggregation):
    """`p = Σ w_i p_i / Σ w_i`. Never above 1: each rounded term of the upper sum is at most its like below."""

    def _one(self, outputs: Sequence[float]) -> float:
        total = self.weights[0] * outputs[0]
        for weight, p in zip(self.weights[1:], outputs[1:], strict=True):
            total = total + weight * p
        return total / _total(self.weights)

    def _many(self, outputs: Sequence[FloatArray]) -> FloatArray:
        total = self.weights[0] * outputs[0]
        for weight, p in zip(self.weights[1:], outputs[1:], strict=True):
            total = total + weight * p
        result: FloatArray = total / _total(self.weights)
        return result


class LogitMean(Aggregation):
    """`logit p = Σ w_i logit p_i / Σ w_i`, with outputs held to [2^-53, 1 − 2^-53] so that all logits are finite.

    Logarithms differ between mathematical libraries in the last bit, so one event is a batch of one.
    """

    def _one(self, outputs: Sequence[float]) -> float:
        return float(self._many([np.array([p]) for p in outputs])[0])

    def _many(self, outputs: Sequence[FloatArray]) -> FloatArray:
        total = self.weights[0] * _logit(outputs[0])
        for weight, p in zip(self.weights[1:], outputs[1:], strict=True):
            total = total + weight * _logit(p)
        result: FloatArray = 1.0 / (1.0 + np.exp(-(total / _total(self.weights))))
        return result


class Maximum(Aggregation):
    """The largest output; weights play no part."""

    def _one(self, outputs: Sequence[float]) -> float:
        return max(outputs)

    def _many(self, outputs: Sequence[FloatArray]) -> FloatArray:
        result = outputs[0]
        for p in outputs[1:]:
            result = np.maximum(result, p)
        return result


AGGREGATIONS: Mapping[str, type[Aggregation]] = MappingProxyType(
    {"mean": WeightedMean, "logit_mean": LogitMean, "max": Maximum}
)


def aggregation_from(name: str, weights: Sequence[float]) -> Aggregation:
    """The aggregation of a predictor. Raises ValueError for an unknown name or weights that are not positive."""
    if name not in AGGREGATIONS:
        raise ValueError(f"aggregation: expected one of {', '.join(AGGREGATIONS)}, found {name!r}")
    return AGGREGATIONS[name](tuple(weights))


def _total(weights: Sequence[float]) -> float:
    total = weights[0]
    for weight in weights[1:]:
        total = total + weight
    return total


def _logit(p: FloatArray) -> FloatArray:
    # Contiguous, because numpy may take another code path, with other bits, for strided input.
    held = np.ascontiguousarray(np.clip(p, _LEAST, 1.0 - _LEAST))
    result: FloatArray = np.log(held) - np.log1p(-held)
    return result
