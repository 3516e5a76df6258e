"""The reference of an intent whose routes have different ones."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from models_app.statistics.references import AlertRates
from scoring.engine.probability import FloatArray

_HALVINGS = 60  # of the scores between the parts', down to the last bit


@dataclass(frozen=True)
class MixedReference:
    """How scores are spread of which each part is a share, by its own reference: (share, reference), adding up to 1."""

    parts: tuple[tuple[float, AlertRates], ...]

    def alert_rate(self, score: ArrayLike) -> FloatArray:
        return np.asarray(sum(share * reference.alert_rate(score) for share, reference in self.parts))

    def score_at(self, alert_rate: ArrayLike) -> FloatArray:
        """Between the scores of its parts: none has fewer alerts at the lowest of them, none more at the highest."""
        rate = np.asarray(alert_rate, dtype=np.float64)
        ends = np.stack([reference.score_at(rate) for _, reference in self.parts])
        low, high = ends.min(axis=0), ends.max(axis=0)
        for _ in range(_HALVINGS):
            middle = (low + high) / 2.0
            is_below = self.alert_rate(middle) >= rate
            low, high = np.where(is_below, middle, low), np.where(is_below, high, middle)
        return np.asarray(low)


def mixed(parts: Sequence[tuple[float, AlertRates]]) -> AlertRates:
    """Of parts (share, reference); where all have one reference, that itself. Raises ValueError without any part."""
    if not parts:
        raise ValueError("parts: expected at least one, found none")
    first = parts[0][1]
    return first if all(reference == first for _, reference in parts) else MixedReference(tuple(parts))
