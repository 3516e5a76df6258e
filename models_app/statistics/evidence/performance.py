"""How well scores tell fraud from the rest, where labels exist. Labels come late: each figure says of how many."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from models_app.statistics.auc import auc, auc_difference, auc_interval
from models_app.statistics.evidence.calibration import Bin, Brier, bins_of, brier_of, in_the_large
from models_app.statistics.evidence.cuts import at_false_positive_rate
from models_app.statistics.evidence.labels import EVERY_LABEL, LabelRule, Selection
from models_app.statistics.evidence.outcomes import Known, Outcome
from models_app.statistics.evidence.shares import Estimate, Sampled, Share, share_of
from scoring.engine.probability import FloatArray

FALSE_POSITIVE_RATES = (0.001, 0.005, 0.01, 0.05)


@dataclass(frozen=True)
class Judged:
    """One side. `recall` at fixed false-positive rates, `precision` at each threshold that has labelled alerts.

    `auc_interval`: DeLong's, None with fewer than two events of a kind. `in_the_large`: positive events for each that
    the predictor expects, 1 where it is calibrated. What older evidence does not have is None.
    """

    auc: float
    recall: list[Share]
    precision: list[Share]
    calibration: list[Bin]
    auc_interval: tuple[float, float] | None = None
    brier: Brier | None = None
    in_the_large: Estimate | None = None


@dataclass(frozen=True)
class Performance:
    """`labelled` of `n` events have a label or count as negative, `positive` of them positive.

    `matured`: the share labelled, by week. `auc_change`, `recall_changes` (at FALSE_POSITIVE_RATES): after − before on
    the same events. `outcomes`: at declared thresholds, `ranked`: at fixed alert rates. `rule`: which events count;
    `young`: labelled ones that do not yet. `delays`: the share of positive labels that had come, by days. `warnings`:
    in sentences, what makes these figures unfair.
    """

    n: int
    labelled: int
    positive: int
    matured: list[float]
    before: Judged | None
    after: Judged
    auc_change: Estimate | None = None
    recall_changes: list[Estimate] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)
    ranked: list[Outcome] = field(default_factory=list)
    rule: LabelRule = EVERY_LABEL
    young: int = 0
    delays: list[Share] = field(default_factory=list)
    selections: list[Selection] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def judge(
    scores: FloatArray,
    probabilities: FloatArray,
    labels: NDArray[np.bool_],
    thresholds: Sequence[tuple[str, float]],
    sampled: Sampled,
) -> Judged:
    """Labelled events only, arrays of shape (n,); some are positive, some are not."""
    few = min(np.count_nonzero(labels), np.count_nonzero(~labels)) < 2
    bins = bins_of(probabilities, labels, sampled)
    return Judged(
        auc=auc(scores, labels),
        recall=[_recall(scores, labels, rate, sampled) for rate in FALSE_POSITIVE_RATES],
        precision=_precision(scores, labels, thresholds, sampled),
        calibration=bins,
        auc_interval=None if few else auc_interval(scores, labels, sampled.confidence),
        brier=brier_of(probabilities, labels, bins),
        in_the_large=in_the_large(probabilities, labels, sampled),
    )


def auc_change(known: Known) -> Estimate | None:
    """Of the same events after and before; None where nothing was live or there are fewer than two of a kind."""
    few = min(np.count_nonzero(known.positive), np.count_nonzero(~known.positive)) < 2
    if known.before is None or few:
        return None
    return Estimate(*auc_difference(known.before, known.after, known.positive, known.sampled.confidence))


def recall_changes(known: Known) -> list[Estimate]:
    """At FALSE_POSITIVE_RATES, each side at its own score; empty where nothing was live."""
    if known.before is None:
        return []
    sides = (known.before, known.after)
    cuts = [[at_false_positive_rate(side, known.positive, rate) for side in sides] for rate in FALSE_POSITIVE_RATES]
    return [after.less(before, known.sampled) for before, after in cuts]


def _recall(scores: FloatArray, labels: NDArray[np.bool_], rate: float, sampled: Sampled) -> Share:
    """The share of positives above the score that this share of negatives reaches."""
    return at_false_positive_rate(scores, labels, rate).share(f"{100 * rate:g} % false positives", sampled)


def _precision(
    scores: FloatArray, labels: NDArray[np.bool_], thresholds: Sequence[tuple[str, float]], sampled: Sampled
) -> list[Share]:
    alerts = {name: scores >= score for name, score in thresholds}
    return [share_of(name, labels[rows], sampled.of(rows)) for name, rows in alerts.items() if rows.any()]
