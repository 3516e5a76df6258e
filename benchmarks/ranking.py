"""How well an arm's scores rank the events of all weeks together: refitting moves the scale between them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models_app.statistics.auc import auc

# At these shares of harmless events alerted.
FALSE_POSITIVE_RATES = (0.01, 0.001)


@dataclass(frozen=True)
class Ranking:
    """The ranking of one tenant's events over its whole period: AUC, and recall at each of FALSE_POSITIVE_RATES."""

    auc: float
    recall: tuple[float, ...]

    @property
    def figures(self) -> tuple[float, ...]:
        return (self.auc, *self.recall)

    def as_json(self) -> dict[str, Any]:
        recall = {f"{rate:g}": value for rate, value in zip(FALSE_POSITIVE_RATES, self.recall, strict=True)}
        return {"auc": self.auc, "recall": recall}


def ranking(scores: Sequence[NDArray[np.float64]], labels: Sequence[NDArray[np.bool_]]) -> Ranking:
    """Return the ranking of each week's scores and labels; all NaN where no event is risky, or all are."""
    score, label = np.concatenate(scores), np.concatenate(labels)
    if label.all() or not label.any():
        return Ranking(float("nan"), (float("nan"),) * len(FALSE_POSITIVE_RATES))
    return Ranking(auc(score, label), tuple(recall_at(score, label, rate) for rate in FALSE_POSITIVE_RATES))


def recall_at(score: NDArray[np.float64], label: NDArray[np.bool_], false_positives: float) -> float:
    """The share of risky events above the lowest score that alerts at most this share of the harmless ones."""
    harmless = np.sort(score[~label])[::-1]
    return float(np.mean(score[label] > harmless[int(false_positives * len(harmless))]))
