"""What the benchmark measures of scores: how far alert rates are from their targets, and that AUC is untouched."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from models_app.statistics.auc import auc

# Two thirds of a normal error's standard deviation: what half of all errors stay below.
_MEDIAN_OF_NORMAL = 0.674


@dataclass(frozen=True)
class Week:
    """What one arm gave one tenant in one week: n events by the same transform, which was fitted on `n_fit` events."""

    tenant: str
    number: int
    transform: int
    n_fit: int
    probability: NDArray[np.float64]
    score: NDArray[np.float64]
    fraud: NDArray[np.bool_]


@dataclass(frozen=True)
class Edge:
    """A threshold and the alert rate that is promised at it."""

    score: float
    rate: float

    @property
    def name(self) -> str:
        return f"{self.rate:g}"


@dataclass(frozen=True)
class AtEdge:
    """Absolute relative errors of the alert rate at one edge, in %. `ratios`: to the target, by tenant and week."""

    period_median: float
    period_worst: float
    week_median: float
    week_p90: float
    floor: float
    ratios: Mapping[str, Sequence[float]] = field(repr=False)


@dataclass(frozen=True)
class ArmMeasures:
    """All of one arm: by edge name, and the largest difference that a transform makes to AUC."""

    edges: Mapping[str, AtEdge]
    auc_difference: float

    def error_to_floor(self) -> float:
        """The median over the edges of a week's median error to what sampling alone gives."""
        return float(np.median([edge.week_median / edge.floor for edge in self.edges.values()]))


def measure(weeks: Sequence[Week], edges: Sequence[Edge]) -> ArmMeasures:
    """Measure one arm from all its weeks."""
    return ArmMeasures({edge.name: _at_edge(weeks, edge) for edge in edges}, auc_difference(weeks))


def floor(rate: float, n_fit: int, n_week: int) -> float:
    """The median error of a week's alert rate, in % of it, that sampling alone causes: of the fit and of the week."""
    return 100.0 * _MEDIAN_OF_NORMAL * math.sqrt((1.0 - rate) / rate * (1.0 / n_fit + 1.0 / n_week))


def auc_difference(weeks: Iterable[Week]) -> float:
    """The largest difference of AUC between probability and score within a (tenant, transform)."""
    groups: dict[tuple[str, int], list[Week]] = {}
    for week in weeks:
        groups.setdefault((week.tenant, week.transform), []).append(week)
    return max(_auc_difference(group) for group in groups.values())


def _auc_difference(weeks: Sequence[Week]) -> float:
    fraud = np.concatenate([week.fraud for week in weeks])
    before = auc(np.concatenate([week.probability for week in weeks]), fraud)
    return abs(auc(np.concatenate([week.score for week in weeks]), fraud) - before)


def _at_edge(weeks: Sequence[Week], edge: Edge) -> AtEdge:
    by_week = [_error(_alerts(week, edge), len(week.score), edge) for week in weeks]
    tenants = sorted({week.tenant for week in weeks})
    by_tenant = [_period_error([week for week in weeks if week.tenant == tenant], edge) for tenant in tenants]
    return AtEdge(
        period_median=float(np.median(by_tenant)),
        period_worst=max(by_tenant),
        week_median=float(np.median(by_week)),
        week_p90=float(np.quantile(by_week, 0.9)),
        floor=float(np.median([floor(edge.rate, week.n_fit, len(week.score)) for week in weeks])),
        ratios={tenant: _ratios(weeks, tenant, edge) for tenant in tenants},
    )


def _period_error(weeks: Sequence[Week], edge: Edge) -> float:
    return _error(sum(_alerts(week, edge) for week in weeks), sum(len(week.score) for week in weeks), edge)


def _ratios(weeks: Sequence[Week], tenant: str, edge: Edge) -> list[float]:
    own = sorted((week for week in weeks if week.tenant == tenant), key=lambda week: week.number)
    return [_alerts(week, edge) / len(week.score) / edge.rate for week in own]


def _alerts(week: Week, edge: Edge) -> int:
    return int(np.count_nonzero(week.score >= edge.score))


def _error(alerts: int, n: int, edge: Edge) -> float:
    return 100.0 * abs(alerts / n / edge.rate - 1.0)
