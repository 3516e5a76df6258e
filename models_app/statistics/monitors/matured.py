"""What labels say of events that are old enough for them: precision at thresholds, and whether risk is as foretold."""

from collections.abc import Mapping

import msgspec
import numpy as np
from numpy.typing import NDArray

from models_app.statistics.evidence.labels import Counted
from models_app.statistics.evidence.paired import score_interval
from scoring.engine import bins
from scoring.engine.probability import FloatArray

_Z = 1.96
_WIDE = 4  # bins of log-odds that are counted together
_LEAST = 20  # events of a part of the calibration


class Share(msgspec.Struct, frozen=True):
    """`positive` of the `events` whose label counts; the share that is, between `low` and `high` with 95 %."""

    events: int
    positive: int
    low: float
    high: float

    @property
    def rate(self) -> float:
        return self.positive / self.events


class Foretold(msgspec.Struct, frozen=True):
    """Events of alike probability, which is `foretold` in the mean, and the share of them that came to be positive."""

    foretold: float
    came: Share


class Delay(msgspec.Struct, frozen=True):
    """Days within which half of the labels, and nine in ten, were reported after their events."""

    half: float
    most: float


class Matured(msgspec.Struct, frozen=True):
    """Of `events` that were old enough, `counted` had a label that counts. `precision` by threshold."""

    events: int
    counted: int
    precision: dict[str, Share] = {}
    calibration: tuple[Foretold, ...] = ()
    delay: Delay | None = None


def matured_of(
    scores: FloatArray,
    probabilities: FloatArray,
    found: Counted,
    after_days: FloatArray,
    thresholds: Mapping[str, float],
) -> Matured:
    """By the events of a window (n,); `after_days`: from event to label, NaN without one; scores by threshold."""
    alerts = {name: found.rows & (scores >= score) for name, score in thresholds.items()}
    precision = {name: share for name, rows in alerts.items() if (share := _share(found.positive[rows])) is not None}
    came = after_days[~np.isnan(after_days)]
    delay = Delay(*np.quantile(came, [0.5, 0.9]).tolist()) if len(came) else None
    calibration = _calibration(probabilities[found.rows], found.positive[found.rows])
    return Matured(len(scores), int(np.count_nonzero(found.rows)), precision, calibration, delay)


def _calibration(probabilities: FloatArray, positive: NDArray[np.bool_]) -> tuple[Foretold, ...]:
    parts = bins.of_probabilities(probabilities) // _WIDE
    found = []
    for part in np.unique(parts).tolist():
        rows = parts == part
        came = _share(positive[rows])
        if came is not None and came.events >= _LEAST:
            found.append(Foretold(float(np.mean(probabilities[rows])), came))
    return tuple(found)


def _share(positive: NDArray[np.bool_]) -> Share | None:
    n, count = len(positive), int(np.count_nonzero(positive))
    return Share(n, count, *score_interval(count, n, _Z)) if n else None
