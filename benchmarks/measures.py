"""What the benchmark measures of scores: how far each week's alert rate is from its target, and what that is worth."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from benchmarks.counts import Count
from benchmarks.ranking import Ranking, ranking
from models_app.statistics.auc import auc

# Two thirds of a normal error's standard deviation: what half of all errors stay below.
_MEDIAN_OF_NORMAL = 0.674


@dataclass(frozen=True)
class Week:
    """What one arm gave one tenant in one week: n events by the same transform, which was fitted on `n_fit` events.

    None is the transform of events that several mapped, each of them fitted on events that are worth about `n_fit`.
    """

    tenant: str
    number: int
    transform: int | None
    n_fit: int
    probability: NDArray[np.float64]
    score: NDArray[np.float64]
    label: NDArray[np.bool_]


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
    """The alert rate at one edge: `ratios` to the target by tenant, week after week.

    `floor`: the median error of a week, in %, that sampling alone causes. `period`: by tenant, the error of all weeks
    together, in %, in which errors of successive weeks cancel.
    """

    ratios: Mapping[str, Sequence[float]]
    floor: float
    period: Mapping[str, float] = field(default_factory=dict)

    @property
    def errors(self) -> NDArray[np.float64]:
        """Return the error of each tenant-week, as a share of the target in %, whichever way it errs."""
        return 100.0 * np.abs(np.concatenate([np.array(each) for each in self.ratios.values()]) - 1.0)

    @property
    def median(self) -> float:
        return float(np.median(self.errors))

    @property
    def p90(self) -> float:
        return float(np.quantile(self.errors, 0.9))

    @property
    def worst(self) -> float:
        return float(np.max(self.errors))

    @property
    def worst_period(self) -> float | None:
        """The error of all weeks together, in %, of the tenant that has the largest."""
        return max(self.period.values(), default=None)

    @property
    def to_floor(self) -> float:
        """The median error to what sampling alone causes: 1 is the best that any mapping can do."""
        return self.median / self.floor

    @property
    def figures(self) -> dict[str, float | None]:
        """All of them: in %, but for `to_floor`."""
        of_weeks = {"median": self.median, "p90": self.p90, "worst": self.worst, "floor": self.floor}
        return {**of_weeks, "to_floor": self.to_floor, "period_worst": self.worst_period}


@dataclass(frozen=True)
class ArmMeasures:
    """All of one arm: its edges by name; how well it ranks by tenant; what a transform does to AUC at most."""

    edges: Mapping[str, AtEdge]
    ranking: Mapping[str, Ranking]
    auc_difference: float


def measure(weeks: Sequence[Week], edges: Sequence[Edge]) -> ArmMeasures:
    """Measure one arm from all its weeks."""
    by_tenant = {name: _of(weeks, name) for name in sorted({week.tenant for week in weeks})}
    ranked = {name: ranking([week.score for week in own], [week.label for week in own])
              for name, own in by_tenant.items()}  # fmt: skip
    return ArmMeasures({edge.name: _at_edge(by_tenant, edge) for edge in edges}, ranked, auc_difference(weeks))


def nearer(arm: AtEdge, other: AtEdge) -> Count:
    """In how many tenant-weeks the arm is nearer to the target than the other, of those in which they differ."""
    differ = arm.errors != other.errors
    return Count(int(np.count_nonzero(arm.errors < other.errors)), int(np.count_nonzero(differ)))


def floor(rate: float, n_fit: int, n_week: int) -> float:
    """The median error of a week's alert rate, in % of it, that sampling alone causes: of the fit and of the week."""
    return 100.0 * _MEDIAN_OF_NORMAL * math.sqrt((1.0 - rate) / rate * (1.0 / n_fit + 1.0 / n_week))


def auc_difference(weeks: Iterable[Week]) -> float:
    """The largest difference of AUC between probability and score within a (tenant, transform) with both labels."""
    groups: dict[tuple[str, int], list[Week]] = {}
    for week in weeks:
        if week.transform is not None:
            groups.setdefault((week.tenant, week.transform), []).append(week)
    return max((_auc_difference(group) for group in groups.values()), default=0.0)


def _auc_difference(weeks: Sequence[Week]) -> float:
    label = np.concatenate([week.label for week in weeks])
    if label.all() or not label.any():
        return 0.0
    before = auc(np.concatenate([week.probability for week in weeks]), label)
    return abs(auc(np.concatenate([week.score for week in weeks]), label) - before)


def _of(weeks: Sequence[Week], tenant: str) -> list[Week]:
    return sorted((week for week in weeks if week.tenant == tenant), key=lambda week: week.number)


def _at_edge(by_tenant: Mapping[str, Sequence[Week]], edge: Edge) -> AtEdge:
    floors = [floor(edge.rate, week.n_fit, len(week.score)) for weeks in by_tenant.values() for week in weeks]
    ratios = {tenant: [_ratio(week, edge) for week in weeks] for tenant, weeks in by_tenant.items()}
    return AtEdge(ratios, float(np.median(floors)), {tenant: _period(own, edge) for tenant, own in by_tenant.items()})


def _period(weeks: Sequence[Week], edge: Edge) -> float:
    rate = float(np.mean(np.concatenate([week.score for week in weeks]) >= edge.score))
    return 100.0 * abs(rate / edge.rate - 1.0)


def _ratio(week: Week, edge: Edge) -> float:
    return float(np.mean(week.score >= edge.score)) / edge.rate
