"""Cold start: a default mapping for a tenant with no events, from quantiles of validation scores.

With each model come quantiles of its own outputs, registered before any tenant is served. Posterior correction is
monotone, so it takes a model's quantiles to quantiles of its corrected output, exactly. For several models, the
quantiles at each level are aggregated level by level. That is an approximation: it is exact when the models rank
events alike, and where they disagree it overstates the tails. A fit on the tenant's own events replaces it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models_app.statistics.fit import FittedMapping, ThresholdFit, checked_thresholds
from models_app.statistics.knots import Knot, assemble
from models_app.statistics.levels import alert_counts
from models_app.statistics.references import Reference
from models_app.statistics.sample import ATOM_SHARE, Atom, SampleArray, SortedSample
from scoring.engine.aggregation import aggregation_from
from scoring.engine.correction import PosteriorCorrection
from scoring.engine.probability import FloatArray

Quantiles = Sequence[Sequence[float]]


@dataclass(frozen=True)
class MemberQuantiles:
    """A predictor's member: `quantiles` as [level, value] pairs of its uncorrected outputs, its β and weight."""

    quantiles: Quantiles
    beta: float = 1.0
    weight: float = 1.0


def validation_quantiles(sample: SampleArray) -> list[list[float]]:
    """[level, value] pairs of a model's outputs on validation data, dense in the upper tail; plain JSON.

    Levels increase strictly within (0, 1): the share 1 − level of the outputs lies above the value.
    Raises ValueError as a fit does, and when there is only one output.
    """
    values = SortedSample(sample)
    if values.n < 2:
        raise ValueError(f"sample: expected at least 2 outputs, found {values.n}")
    gaps = [values.n - int(count) for count in alert_counts(values.n)[::-1]]
    return [[gap / values.n, sum(values.edges(gap)) / 2.0] for gap in gaps]


def checked_quantiles(quantiles: Quantiles) -> tuple[FloatArray, FloatArray]:
    """Levels and values of registered quantiles. Raises ValueError naming what is not as it should be."""
    if not quantiles or any(len(pair) != 2 for pair in quantiles):
        raise ValueError("quantiles: expected at least one pair [level, value], and nothing but pairs")
    levels, values = np.array(quantiles, dtype=np.float64).T
    for name, column in (("level", levels), ("value", values)):
        if not np.all((column >= 0.0) & (column <= 1.0)):
            raise ValueError(f"quantiles: expected every {name} in [0, 1], found {column.min()} to {column.max()}")
    for name, steps in (("levels", np.diff(levels) > 0.0), ("values", np.diff(values) >= 0.0)):
        if not np.all(steps):
            place = int(np.argmin(steps)) + 1
            raise ValueError(f"quantiles[{place}]: expected increasing {name}, found {list(quantiles[place])}")
    return levels, values


def default_mapping(
    members: Sequence[MemberQuantiles], aggregation: str, reference: Reference, thresholds: Sequence[float]
) -> FittedMapping:
    """The mapping that brings the validation events to the reference, with a knot at each declared threshold.

    `aggregation` is the predictor's: "mean", "logit_mean" or "max". The result has n = 0; what it says of thresholds
    and atoms is of the validation events, as far as their quantiles tell. Raises ValueError for malformed quantiles,
    weights, β or thresholds.
    """
    scores = checked_thresholds(thresholds)
    levels, values = _predictor_quantiles(members, aggregation)
    centres, places = _centres(levels, values)
    knots = [Knot(float(x), float(y)) for x, y in zip(places, reference.score_at(1.0 - centres), strict=True)]
    # Beyond the last quantile the source is taken to go on evenly to 0 and to 1.
    all_levels, all_places = np.array([0.0, *centres, 1.0]), np.array([0.0, *places, 1.0])
    wanted = np.interp(1.0 - reference.alert_rate(scores), all_levels, all_places)
    knots += [Knot(float(x), score, declared=True) for x, score in zip(wanted, scores, strict=True)]
    x, y = assemble(knots)
    atoms = _atoms(levels, values)
    reached = [_alert_rate(levels, values, float(np.interp(score, y, x))) for score in scores]
    report = tuple(_report(reference, atoms, score, rate) for score, rate in zip(scores, reached, strict=True))
    return FittedMapping(x, y, 0, len(places), report, tuple(atoms))


def _predictor_quantiles(members: Sequence[MemberQuantiles], aggregation: str) -> tuple[FloatArray, FloatArray]:
    """Quantiles of the aggregated, corrected output, at all levels that any member has."""
    aggregate = aggregation_from(aggregation, [member.weight for member in members])
    columns = [checked_quantiles(member.quantiles) for member in members]
    levels = np.unique(np.concatenate([column[0] for column in columns]))
    outputs = [
        PosteriorCorrection(member.beta).many(np.interp(levels, *column))
        for member, column in zip(members, columns, strict=True)
    ]
    # Logarithms may fall back by a last bit where values are all but equal.
    return levels, np.maximum.accumulate(aggregate.many(outputs))


def _runs(levels: FloatArray, values: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Each different value with the first and the last level that it has."""
    different, first = np.unique(values, return_index=True)
    last = np.append(first[1:], len(values)) - 1
    return different, levels[first], levels[last]


def _centres(levels: FloatArray, values: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Levels within (0, 1) and their values, both strictly increasing; tied values stand at the middle level."""
    different, first, last = _runs(levels, values)
    centres = (first + last) / 2.0
    inside = (centres > 0.0) & (centres < 1.0)
    return centres[inside], different[inside]


def _atoms(levels: FloatArray, values: FloatArray) -> list[Atom]:
    runs = zip(*_runs(levels, values), strict=True)
    found = [Atom(float(v), float(last - first), float(1.0 - last), float(1.0 - first)) for v, first, last in runs]
    return sorted((atom for atom in found if atom.mass > ATOM_SHARE), key=lambda atom: (-atom.mass, atom.value))


def _alert_rate(levels: FloatArray, values: FloatArray, x: float) -> float:
    """The share of validation events at or above x; an atom at x counts as above."""
    different, first, last = _runs(levels, values)
    if x in different:
        return float(1.0 - first[np.searchsorted(different, x)])
    ends = np.concatenate([[0.0], np.repeat(different, 2), [1.0]])
    shares = np.concatenate([[0.0], np.column_stack([first, last]).ravel(), [1.0]])
    return float(1.0 - np.interp(x, ends, shares))


def _report(reference: Reference, atoms: Sequence[Atom], score: float, achieved: float) -> ThresholdFit:
    target = float(reference.alert_rate(score))
    for atom in atoms:
        if atom.rate_above < target < atom.rate_from:
            return ThresholdFit(score, target, achieved, False, atom.rate_above, atom.rate_from)
    return ThresholdFit(score, target, achieved, True, target, target)
