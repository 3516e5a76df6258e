"""What a transform's report holds, as plain JSON: how it was made, what it reaches, what to plot."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import msgspec

from models_app.inputs.errors import invalid
from models_app.intents.to_document import thresholds_of
from models_app.statistics.fit import FittedMapping
from models_app.statistics.fitting_sample import FittingSample, Of, of_knots
from models_app.statistics.held_out import HeldOut, HeldOutRate, NextWeek
from models_app.statistics.references import Reference
from models_app.statistics.resolution import Unresolved, target_at
from models_app.statistics.sample_size import Assessment
from models_app.statistics.sketch import CONFIDENCE, K
from models_app.statistics.sketched import Sketched
from models_app.statistics.summary import Summary
from scoring.engine.document import Threshold
from scoring.engine.document import Transform as Knots
from tenants.models import Intent

Report = dict[str, Any]
_OF = {"pooled": Of.OTHERS, "validation": Of.VALIDATION}  # by the kind of a cold start's source


def declared_thresholds(intent: Intent) -> list[Threshold]:
    """The thresholds that the intent declares now, by increasing score."""
    return sorted(thresholds_of(intent), key=lambda each: each.score)


def alert_rates(reference: Reference, thresholds: Sequence[Threshold]) -> list[float]:
    """The alert rates that the reference has at declared thresholds. Raises Unresolved where it has none to reach."""
    return [target_at(reference, each.score) for each in thresholds]


def checked_alert_rates(reference: Reference, thresholds: Sequence[Threshold]) -> list[float]:
    """As `alert_rates`, but raises ValidationError at the field `reference`."""
    try:
        return alert_rates(reference, thresholds)
    except Unresolved as error:
        raise invalid("reference", str(error)) from None


def of_mapping(fitted: FittedMapping, thresholds: Sequence[Threshold]) -> Report:
    """What every transform's report says."""
    return {
        "n": fitted.n,
        "effective": fitted.effective,
        "distinct": fitted.distinct,
        "knots": len(fitted.x),
        "thresholds": [_with_names(asdict(each), thresholds) for each in fitted.thresholds],
        "atoms": [asdict(atom) for atom in fitted.atoms],
    }


def of_cold_start(
    fitted: FittedMapping, thresholds: Sequence[Threshold], source: Mapping[str, Any], stands_on: str
) -> Report:
    """The report of a default transform: the mapping's report, its data source, and what its alert rates assume."""
    return of_mapping(fitted, thresholds) | {"source": source, "stands_on": stands_on}


def of_fit(fitted: FittedMapping, thresholds: Sequence[Threshold], assessment: Assessment, summary: Summary) -> Report:
    """The report of a fit: the mapping's report, the verdict on its sample, and how scores lie on the reference."""
    return of_mapping(fitted, thresholds) | {
        "verdict": str(assessment.verdict),
        "sample_size": asdict(assessment) | {"verdict": str(assessment.verdict)},
        "summary": asdict(summary),
    }


def of_sketches(sketched: Sketched, fitted: FittedMapping) -> Report:
    """How closely the alert rate at each knot is known where sketches tell it; nothing of a fit that was sorted."""
    if not sketched:
        return {}
    bounds = [asdict(each) for each in sketched.at_knots(fitted)]
    return {
        "sketched": {
            "k": K,
            "confidence": CONFIDENCE,
            "relative_error": sketched.largest_error,
            "knots": bounds,
        }
    }


def sketched_error(report: Mapping[str, Any]) -> float:
    """The standard error of a fit's alert rates by its sketches, as a share of each; 0 where none were made."""
    return float(report.get("sketched", {}).get("relative_error", 0.0))


def of_held_out(held: HeldOut, weeks: Sequence[NextWeek]) -> Report:
    """What it says of events that were held out, and of the week to come."""
    return {"held_out": msgspec.to_builtins(held), "next_week": msgspec.to_builtins(weeks)}


def held_out_of(report: Mapping[str, Any]) -> HeldOut | None:
    """Read what `of_held_out` stored; None for cold starts, and for old fits that held nothing out."""
    stored = report.get("held_out")
    return None if stored is None else msgspec.convert(stored, HeldOut)


def held_out_at(report: Mapping[str, Any], score: float) -> HeldOutRate | None:
    """The rate on events held out at this threshold; None where there is none."""
    held = held_out_of(report)
    return next((each for each in held.thresholds if each.score == score), None) if held else None


def next_week_at(report: Mapping[str, Any], score: float) -> NextWeek | None:
    """What the week after the fit was foretold at this threshold; None where it was not."""
    weeks = msgspec.convert(report.get("next_week", []), list[NextWeek])
    return next((each for each in weeks if each.score == score), None)


def of_fitting_sample(sample: FittingSample | None) -> Report:
    """How the probabilities were spread that a transform was fitted on."""
    return {"fitting_sample": msgspec.to_builtins(sample)}


def fitting_sample_of(transform: Knots, reference: Reference, report: Mapping[str, Any]) -> FittingSample | None:
    """Read what `of_fitting_sample` stored; of an older version's transform, which kept none, by its knots.

    None where those tell nothing.
    """
    stored = report.get("fitting_sample")
    if stored is not None:
        return msgspec.convert(stored, FittingSample)
    source = report.get("source", {}).get("kind")
    return of_knots(transform.x, transform.y, reference, report.get("n", 0), _OF.get(source, Of.EVENTS))


def _with_names(threshold: dict[str, Any], declared: Sequence[Threshold]) -> dict[str, Any]:
    return {"names": [each.name for each in declared if each.score == threshold["score"]], **threshold}
