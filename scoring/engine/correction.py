"""Posterior correction, the first level: undoes the effect of undersampling on a model's output.

A model trained with a share β of the negatives sees more positives than there are, and says so. Its output y is
brought back by `p = β y / (1 − (1 − β) y)`, which is `logit p = logit y + ln β` (arXiv 2602.11776).
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from scoring.engine.probability import FloatArray, checked_many, checked_one


@dataclass(frozen=True)
class PosteriorCorrection:
    """The correction for one model; `beta` in (0, 1] is the share of negatives kept in training, 1 changes nothing.

    Monotone and within [0, 1] in floating point too. Raises ValueError for any other `beta`.
    """

    beta: float
    _dropped: float = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "beta", float(self.beta))
        if not 0.0 < self.beta <= 1.0:
            raise ValueError(f"beta: expected a number in (0, 1], found {self.beta!r}")
        object.__setattr__(self, "_dropped", 1.0 - self.beta)

    def one(self, y: float) -> float:
        """The corrected output of one event. Raises ValueError when y is NaN or outside [0, 1]."""
        y = checked_one("model output", y)
        rest = 1.0 - self._dropped * y
        # In exact arithmetic the denominator is never below β; held to that, rounding cannot push p above 1.
        return self.beta * y / (rest if rest >= self.beta else self.beta)

    def many(self, y: NDArray[np.floating]) -> FloatArray:
        """The corrected outputs of an array, same shape and same bits. Raises ValueError as `one` does."""
        y = checked_many("model output", y)
        result: FloatArray = self.beta * y / np.maximum(1.0 - self._dropped * y, self.beta)
        return result
