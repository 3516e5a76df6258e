"""What is examined: the same n events, as they were or would be scored before a change and after it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from models_app.statistics.references import Reference
from scoring.engine.probability import FloatArray

UNLABELLED = -1


@dataclass(frozen=True)
class Observations:
    """Arrays of shape (n,), a row for each event.

    `occurred_at`: microseconds since 1970, UTC. `before`, `probability_before`: None where nothing is live yet.
    `contexts`: attribute → values as text. `labels`: 0, 1, or UNLABELLED; empty where nobody labels.
    """

    event_ids: NDArray[np.object_]
    occurred_at: NDArray[np.int64]
    after: FloatArray
    probability_after: FloatArray
    before: FloatArray | None = None
    probability_before: FloatArray | None = None
    contexts: Mapping[str, NDArray[np.object_]] = field(default_factory=dict)
    labels: NDArray[np.int8] = field(default_factory=lambda: np.empty(0, np.int8))

    def __len__(self) -> int:
        return len(self.after)


@dataclass(frozen=True)
class ThresholdQuestion:
    """A threshold that a client declared; `tolerance`: by how much its alert rate may move, as a share of it."""

    name: str
    score: float
    action: str
    tolerance: float


@dataclass(frozen=True)
class Question:
    """What is asked of an intent's observations. The target at a threshold is the reference's alert rate there."""

    thresholds: tuple[ThresholdQuestion, ...]
    reference: Reference
    confidence: float = 0.95

    def target(self, threshold: ThresholdQuestion) -> float:
        return float(self.reference.alert_rate(threshold.score))
