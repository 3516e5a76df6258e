"""Shares and differences with their intervals, of events that may come in clusters: those of one entity vary as one."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from models_app.statistics import clusters
from models_app.statistics.clusters import Codes
from models_app.statistics.evidence.paired import score_interval
from scoring.engine.probability import FloatArray


@dataclass(frozen=True)
class Share:
    """`hits` of `n`, and the Wilson interval of their share; `at` says at what."""

    at: str
    hits: int
    n: int
    rate: float
    low: float
    high: float


@dataclass(frozen=True)
class Estimate:
    """A number and its interval; `high` is None where it has no bound."""

    value: float
    low: float
    high: float | None


@dataclass(frozen=True)
class Sampled:
    """How intervals are made: their `confidence`, and each event's entity, (n,), by number from 0 on, or None."""

    confidence: float = 0.95
    entities: Codes | None = None

    @property
    def z(self) -> float:
        return float(special.ndtri((1.0 + self.confidence) / 2.0))

    def of(self, rows: NDArray[np.bool_]) -> "Sampled":
        """For these events alone."""
        return self if self.entities is None else Sampled(self.confidence, self.entities[rows])

    def variance(self, influence: FloatArray) -> float:
        """Of the sum of each event's influence (n,), which varies by entity where there are some."""
        return float(np.sum(self._sums(influence) ** 2))

    def half_width(self, influence: FloatArray) -> float:
        """Of the interval of the sum of each event's influence (n,), which few entities may make up most of.

        Student's quantile, with the degrees of freedom that the variance is known with: twice its square over its own
        variance (Satterthwaite, Biometrics Bulletin 2, 1946), estimated from the entities' fourth powers. They tell the
        effective number of entities too (Carter, Schnepel and Steigerwald, Review of Economics and Statistics 99,
        2017), one of which is used up by the sum itself.
        """
        squares = self._sums(influence) ** 2
        total, fourth = float(np.sum(squares)), float(np.sum(squares**2))
        if fourth == 0.0:
            return 0.0
        effective = total**2 / fourth
        apart = fourth - total**2 / np.count_nonzero(squares)
        degrees = 2.0 * total**2 / apart if apart > 0.0 else np.inf
        quantile = float(special.stdtrit(max(1.0, degrees), (1.0 + self.confidence) / 2.0))
        return quantile * float(np.sqrt(total * effective / max(1.0, effective - 1.0)))

    def _sums(self, influence: FloatArray) -> FloatArray:
        """By entity, where there are some."""
        if self.entities is None:
            return influence
        return np.bincount(self.entities, influence).astype(np.float64)


def share_of(at: str, hits: NDArray[np.bool_], sampled: Sampled) -> Share:
    """The share of events (n,) that are hits; Wilson's interval, its variance times the design effect of entities."""
    count, n = int(np.count_nonzero(hits)), len(hits)
    z = clusters.of_rate(hits, sampled.entities).quantile(sampled.confidence)
    low, high = score_interval(count, n, z)
    return Share(at, count, n, count / n, low, high)


def paired_difference(before: NDArray[np.bool_], after: NDArray[np.bool_], sampled: Sampled) -> Estimate:
    """The share after less that before, of the same n events.

    Bonett and Price's adjusted Wald interval (British Journal of Mathematical and Statistical Psychology 65, 2012,
    479 to 488), its variance times the design effect of entities.
    """
    n, moved = len(before), after.astype(np.float64) - before
    gained, lost = ((np.count_nonzero(moved == side) + 1) / (n + 2) for side in (1.0, -1.0))
    apart = moved - np.mean(moved)
    alone = float(np.sum(apart**2))
    effect = max(1.0, sampled.variance(apart) / alone) if alone else 1.0
    half = sampled.z * np.sqrt(effect * (gained + lost - (gained - lost) ** 2) / (n + 2))
    return around(float(np.mean(moved)), float(gained - lost), float(half))


def around(value: float, centre: float, half: float) -> Estimate:
    """An estimate within [−1, 1], with the value in it."""
    return Estimate(value, max(-1.0, min(value, centre - half)), min(1.0, max(value, centre + half)))
