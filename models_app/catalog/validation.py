"""What a model file gives on its validation events, compared with all that came with them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from models_app.catalog.models import ModelVersion
from models_app.catalog.validation_file import Columns, Events
from models_app.modelfiles import Check
from models_app.statistics.auc import auc, auc_interval
from models_app.statistics.cold_start import Quantiles, validation_quantiles
from models_app.statistics.comparing import SameEvents, same_distribution, same_events
from models_app.statistics.in_words import percent
from scoring.engine.probability import FloatArray

TOLERANCE = 1e-5  # what float32 and the printing of a table may take away
FEWEST_LABELS = 10  # of each kind: with fewer, also a model that guesses may well seem to rank


@dataclass(frozen=True)
class Finding:
    """One comparison: `numbers` as they are stored, and what it found in words; a reason where it is a `fault`."""

    check: str
    numbers: dict[str, Any]
    words: str
    fault: bool = False
    remark: bool = False


@dataclass(frozen=True)
class Validation:
    """All comparisons of a model: its outputs' `quantiles`, and what was found, in order."""

    events: int
    findings: Sequence[Finding]
    quantiles: Quantiles

    @property
    def passed(self) -> list[Check]:
        return [Check(each.check, each.words, each.remark) for each in self.findings if not each.fault]

    @property
    def fault(self) -> Finding | None:
        """What the model is not usable for; the first, where there are several."""
        return next((each for each in self.findings if each.fault), None)

    def stored(self) -> dict[str, Any]:
        """Return what is stored as JSON: the number of events, and each comparison's numbers by its name."""
        return {"events": self.events} | {each.check: each.numbers for each in self.findings}


def compare(model: ModelVersion, columns: Columns, events: Events, outputs: FloatArray) -> Validation:
    """`outputs` (n,) are what the model's file gives on the events. All comparisons that can be made are."""
    findings = []
    if events.scores is not None:
        findings.append(_scores(outputs, events.scores, columns.score or "", model.risk_label))
    if model.validation_quantiles:
        findings.append(_distribution(outputs, model.validation_quantiles))
    if events.labels is not None:
        findings.append(_ranking(outputs, events.labels, model.risk_label))
    return Validation(len(outputs), findings, validation_quantiles(outputs))


def _scores(outputs: FloatArray, scores: FloatArray, column: str, risk_label: str) -> Finding:
    found = same_events(outputs, scores, TOLERANCE)
    numbers = {"differing": found.differing, "largest_difference": found.largest}
    if not found.differing:
        words = f"On {found.n:,} events equal within {TOLERANCE:g}; the largest difference is {found.largest:.2g}."
        return Finding("scores", numbers, words)
    pairs = [f"row {place + 1:,}: {outputs[place]:.6g} and {scores[place]:.6g}" for place in found.first]
    words = (
        f"the file gives other probabilities than the column '{column}': {found.differing:,} of {found.n:,} events "
        f"({percent(found.differing / found.n)}) differ by more than {TOLERANCE:g}, by up to {found.largest:.2g} "
        f"({'; '.join(pairs)}); {_advice(found, risk_label)}"
    )
    return Finding("scores", numbers, words, fault=True)


def _advice(found: SameEvents, risk_label: str) -> str:
    if found.mirrored:
        return f"the column is one minus what the file gives, so it is of the other class: {_other_class(risk_label)}"
    return (
        "send the outputs of this very file, in all their digits; where a few differ, values that float32 cannot hold "
        "need a model with a double input"
    )


def _distribution(outputs: FloatArray, quantiles: Quantiles) -> Finding:
    found = same_distribution(outputs, quantiles, TOLERANCE)
    numbers = {"distance": found.distance, "by_chance": found.by_chance}
    if found.holds:
        words = (
            f"Their distributions differ by {_points(found.distance)} at most; up to {_points(found.by_chance)} "
            "would come by chance."
        )
        return Finding("validation_scores", numbers, words)
    words = (
        "the validation scores are not distributed as what the file gives on the validation events: "
        f"{percent(found.given)} of them lie below {found.value:.4g}, and {percent(found.found)} of what the file "
        f"gives, where up to {_points(found.by_chance)} would come by chance; send outputs of this very file on events "
        "of the same kind, or the events alone"
    )
    return Finding("validation_scores", numbers, words, fault=True)


def _ranking(outputs: FloatArray, labels: FloatArray, risk_label: str) -> Finding:
    labelled = ~np.isnan(labels)
    positive, negative = int((labels == 1.0).sum()), int((labels == 0.0).sum())
    numbers: dict[str, Any] = {"positive": positive, "negative": negative, "auc": None, "low": None, "high": None}
    counts = f"{positive:,} events labelled 1 and {negative:,} labelled 0"
    if min(positive, negative) < FEWEST_LABELS:
        return Finding("ranking", numbers, f"Not judged, on {counts}: it takes {FEWEST_LABELS} of each.", remark=True)
    area = auc(outputs[labelled], labels[labelled] == 1.0)
    low, high = auc_interval(outputs[labelled], labels[labelled] == 1.0)
    numbers |= {"auc": area, "low": low, "high": high}
    area_words = f"AUC {area:.3f} (95 % interval {low:.3f} to {high:.3f}), on {counts}"
    if high < 0.5:
        words = f"it ranks upside down: {area_words}; if 1 labels the risk, {_other_class(risk_label)}"
        return Finding("ranking", numbers, words, fault=True)
    if low <= 0.5:
        return Finding("ranking", numbers, f"{area_words}: it cannot be told from guessing.", remark=True)
    return Finding("ranking", numbers, f"{area_words}.")


def _other_class(risk_label: str) -> str:
    if risk_label:
        return f"register it with the other one of the file's labels as its risk, which is now {risk_label}"
    return "register it with the label that is the risk, or export it so that the risk is its output or its last column"


def _points(share: float) -> str:
    return f"{100 * share:.2g} percentage points"
