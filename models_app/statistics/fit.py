"""Fitting a quantile mapping on a sample of probabilities: `score = Q_ref(F_src(p))` (arXiv 2602.11776).

Knots lie in gaps between distinct values. Of the m events above a gap it is known exactly that they are m, so a knot
there with the score that the share m/n is meant to reach gives that alert rate on the sample, without error.
A declared threshold becomes a knot at its own score, in the gap whose m is nearest to its alert rate.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from models_app.statistics.days import Ordered
from models_app.statistics.knots import Knot, assemble, place_in_gap
from models_app.statistics.levels import alert_counts
from models_app.statistics.references import Reference
from models_app.statistics.sample import Atom, SampleArray, SortedSample
from scoring.engine.mapping import QuantileMapping


@dataclass(frozen=True)
class ThresholdFit:
    """What a fit makes of one declared threshold. All rates are shares of the events, in [0, 1].

    `target` is the reference's alert rate at `score`, `achieved` the mapping's on the fitted sample. `reachable` says
    whether they agree within one event; both are None where that was assumed and not seen. `nearest_below` and
    `nearest_above` are the rates next to the target that any monotone mapping can reach; None where there is none.
    `low` and `high`: between which rates it lies at a cold start, by what that assumes; None where nothing tells.
    """

    score: float
    target: float
    achieved: float | None
    reachable: bool | None
    nearest_below: float | None
    nearest_above: float | None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class FittedMapping:
    """Knots for a QuantileMapping, and what is to be known about them.

    `n` is the size of the sample, 0 when there was none and registered quantiles stood in; its events are worth
    `effective` of equal weight. `distinct` counts the different values in it. `thresholds` go by increasing score,
    without repeats.
    """

    x: tuple[float, ...]
    y: tuple[float, ...]
    n: int
    distinct: int
    thresholds: tuple[ThresholdFit, ...]
    atoms: tuple[Atom, ...]
    effective: int = 0

    def mapping(self) -> QuantileMapping:
        """The mapping as the engine evaluates it."""
        return QuantileMapping(self.x, self.y)

    def reaches(self, score: float) -> float:
        """The probability from which on events have the score, or more."""
        return float(np.interp(score, self.y, self.x))


def fit_mapping(sample: SampleArray | Ordered, reference: Reference, thresholds: Sequence[float]) -> FittedMapping:
    """Fit on `sample`, n probabilities in [0, 1] as float32 or float64, in any order; it is not changed.

    A SortedSample, where there is one already, saves sorting again. Of a WeightedSample, what is said below
    of 1/n holds of the weights of its values, and its knots are as dense as its effective size allows.

    `thresholds` are declared scores, strictly within (0, 1). The same events give the same knots, in any order.
    On the sample, each knot's score is reached by its alert rate within 1/n, save a threshold whose rate lies
    inside an atom, which gets the nearest rate there is and is reported as not reachable.

    Raises ValueError for an empty sample, NaN, values outside [0, 1] and thresholds outside (0, 1).
    """
    values = SortedSample(sample) if isinstance(sample, np.ndarray) else sample
    scores = checked_thresholds(thresholds)
    x, y = assemble(_knots(values, reference, scores))
    mapping = QuantileMapping(x, y)
    report = tuple(_report(values, reference, mapping, score) for score in scores)
    atoms = tuple(values.atoms())
    return FittedMapping(x, y, values.events, values.distinct(), report, atoms, values.effective)


def checked_thresholds(thresholds: Sequence[float]) -> list[float]:
    """Declared scores, increasing and without repeats. Raises ValueError for one not strictly within (0, 1)."""
    for index, score in enumerate(thresholds):
        if not 0.0 < score < 1.0:
            raise ValueError(f"thresholds[{index}]: expected a score above 0 and below 1, found {score!r}")
    return sorted({float(score) for score in thresholds})


def _knots(values: Ordered, reference: Reference, scores: Sequence[float]) -> Iterator[Knot]:
    declared: dict[int, list[float]] = defaultdict(list)
    met: set[int] = set()
    for score in scores:
        rate = float(reference.alert_rate(score))
        gap = _nearest_gap(values, rate)
        declared[gap].append(score)
        if abs(values.n - gap - rate * values.n) <= values.resolution(gap):
            met.add(gap)
    ordinary = _ordinary_gaps(values)
    for gap in sorted(ordinary | declared.keys()):
        here = [(score, True) for score in declared[gap]]
        if gap in ordinary and gap not in met:
            here.append((float(reference.score_at((values.n - gap) / values.n)), False))
        yield from place_in_gap(*values.edges(gap), sorted(here))


def _ordinary_gaps(values: Ordered) -> set[int]:
    """The gaps of the knot levels; where a level falls inside tied values, the gaps on both sides of them."""
    found: set[int | None] = set()
    for count in alert_counts(values.effective):
        k = values.n - round(int(count) * values.n / values.effective)
        found.update((values.gap_at_or_below(k), values.gap_at_or_above(k)))
    return {gap for gap in found if gap is not None and 0 < gap < values.n}


def _neighbours(values: Ordered, rate: float) -> tuple[int | None, int | None]:
    """The gaps next to an alert rate: that with as many alerts or fewer, and that with as many or more."""
    wanted = rate * values.n
    nearest = round(wanted)
    # A target such as 0.1 of 1,000 events is 100 of them, whatever the last bits say.
    exact = abs(wanted - nearest) < 1e-6
    fewer, more = (nearest, nearest) if exact else (int(wanted), int(wanted) + 1)
    return values.gap_at_or_above(values.n - fewer), values.gap_at_or_below(values.n - more)


def _nearest_gap(values: Ordered, rate: float) -> int:
    """The gap whose alert rate is nearest to `rate`. There always is one, for 0 and 1 cannot be tied."""
    gaps = [gap for gap in _neighbours(values, rate) if gap is not None]
    return min(gaps, key=lambda gap: (abs(values.n - gap - rate * values.n), -gap))


def _report(values: Ordered, reference: Reference, mapping: QuantileMapping, score: float) -> ThresholdFit:
    target = float(reference.alert_rate(score))
    below, above = (None if gap is None else (values.n - gap) / values.n for gap in _neighbours(values, target))
    achieved = values.alerts(mapping, score) / values.n
    step = values.resolution(_nearest_gap(values, target))
    reachable = abs(achieved - target) <= (step + 1e-6) / values.n
    return ThresholdFit(score, target, achieved, reachable, nearest_below=below, nearest_above=above)
