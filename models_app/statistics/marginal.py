"""How the outputs of one model, or of one predictor, are distributed, as far as registered quantiles tell."""

from dataclasses import dataclass

import numpy as np

from scoring.engine.probability import FloatArray


@dataclass(frozen=True)
class Marginal:
    """`levels` and `values` of quantiles, increasing (values may be tied), and the model's weight in its predictor."""

    levels: FloatArray
    values: FloatArray
    weight: float = 1.0

    def runs(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Each different value with the first and the last level that it has."""
        different, first = np.unique(self.values, return_index=True)
        last = np.append(first[1:], len(self.values)) - 1
        return different, self.levels[first], self.levels[last]

    def at(self, levels: FloatArray) -> FloatArray:
        """The values at any levels; beyond the last quantile they are taken to go on evenly to 0 and to 1."""
        found: FloatArray = np.interp(levels, [0.0, *self.levels, 1.0], [0.0, *self.values, 1.0])
        return found

    def alert_rate(self, x: float) -> float:
        """The share of events at or above x; an atom at x counts as above."""
        different, first, last = self.runs()
        if x in different:
            return float(1.0 - first[np.searchsorted(different, x)])
        ends = np.concatenate([[0.0], np.repeat(different, 2), [1.0]])
        shares = np.concatenate([[0.0], np.column_stack([first, last]).ravel(), [1.0]])
        return float(1.0 - np.interp(x, ends, shares))
