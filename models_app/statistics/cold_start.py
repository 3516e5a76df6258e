"""Cold start: a default mapping for a tenant with no events, from quantiles of validation scores.

With each model come quantiles of its own outputs, registered before any tenant is served. Posterior correction is
monotone, so it takes a model's quantiles to quantiles of its corrected output, exactly. For several models, the
quantiles at each level are aggregated level by level, which assumes that the models rank events alike. Where they do
not, means have fewer events in the tails than that, the maximum has more; so nothing is said to be reached, but between
which alert rates each threshold lies. A fit on the tenant's own events replaces it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models_app.statistics.agreement import alert_rate_ranges
from models_app.statistics.fit import FittedMapping, ThresholdFit, checked_thresholds
from models_app.statistics.knots import Knot, assemble
from models_app.statistics.levels import alert_counts
from models_app.statistics.marginal import Marginal
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

    `aggregation` is the predictor's: "mean", "logit_mean" or "max". The result has n = 0. Of one model, what it says of
    thresholds and atoms is of its validation events, as far as their quantiles tell. Of several, thresholds have a
    range, and nothing is said of atoms. Raises ValueError for malformed quantiles, weights, β or thresholds.
    """
    scores = checked_thresholds(thresholds)
    models = [_corrected(member) for member in members]
    aligned = _aligned(models, aggregation)
    centres, places = _centres(aligned)
    knots = [Knot(float(x), float(y)) for x, y in zip(places, reference.score_at(1.0 - centres), strict=True)]
    # Beyond the last quantile the source is taken to go on evenly to 0 and to 1.
    all_levels, all_places = np.array([0.0, *centres, 1.0]), np.array([0.0, *places, 1.0])
    wanted = np.interp(1.0 - reference.alert_rate(scores), all_levels, all_places)
    knots += [Knot(float(x), score, declared=True) for x, score in zip(wanted, scores, strict=True)]
    x, y = assemble(knots)
    edges = [float(np.interp(score, y, x)) for score in scores]
    rates = [aligned.alert_rate(edge) for edge in edges]
    if len(models) > 1:
        ranges = alert_rate_ranges(models, aggregation, edges)
        assumed = [_assumed(reference, *each) for each in zip(scores, rates, ranges, strict=True)]
        return FittedMapping(x, y, 0, len(places), tuple(assumed), ())
    atoms = _atoms(aligned)
    report = tuple(_report(reference, atoms, score, rate) for score, rate in zip(scores, rates, strict=True))
    return FittedMapping(x, y, 0, len(places), report, tuple(atoms))


def _corrected(member: MemberQuantiles) -> Marginal:
    levels, values = checked_quantiles(member.quantiles)
    return Marginal(levels, PosteriorCorrection(member.beta).many(values), member.weight)


def _aligned(models: Sequence[Marginal], aggregation: str) -> Marginal:
    """Quantiles of the aggregated output of models that rank events alike, at all levels that any of them has."""
    aggregate = aggregation_from(aggregation, [model.weight for model in models])
    levels = np.unique(np.concatenate([model.levels for model in models]))
    outputs = [np.interp(levels, model.levels, model.values) for model in models]
    # Logarithms may fall back by a last bit where values are all but equal.
    return Marginal(levels, np.maximum.accumulate(aggregate.many(outputs)))


def _centres(aligned: Marginal) -> tuple[FloatArray, FloatArray]:
    """Levels within (0, 1) and their values, both strictly increasing; tied values stand at the middle level."""
    different, first, last = aligned.runs()
    centres = (first + last) / 2.0
    inside = (centres > 0.0) & (centres < 1.0)
    return centres[inside], different[inside]


def _atoms(aligned: Marginal) -> list[Atom]:
    runs = zip(*aligned.runs(), strict=True)
    found = [Atom(float(v), float(last - first), float(1.0 - last), float(1.0 - first)) for v, first, last in runs]
    return sorted((atom for atom in found if atom.mass > ATOM_SHARE), key=lambda atom: (-atom.mass, atom.value))


def _report(reference: Reference, atoms: Sequence[Atom], score: float, achieved: float) -> ThresholdFit:
    target = float(reference.alert_rate(score))
    for atom in atoms:
        if atom.rate_above < target < atom.rate_from:
            return ThresholdFit(score, target, achieved, False, atom.rate_above, atom.rate_from)
    return ThresholdFit(score, target, achieved, True, target, target)


def _assumed(reference: Reference, score: float, alike: float, range_: tuple[float, float]) -> ThresholdFit:
    """What is known without joint outputs: `alike` is the alert rate of models that rank events alike."""
    target, (low, high) = float(reference.alert_rate(score)), range_
    return ThresholdFit(score, target, None, None, None, None, min(low, alike), max(high, alike))
