"""What is known of a transform that was made without events of its tenant: ranges of alert rates, and why they are."""

from collections.abc import Mapping
from typing import Any

from models_app.console.transforms.wording import kept_off, name_of, rate
from models_app.console.ui.panels import Cell, Note, Panel, Table, number, percent

Report = Mapping[str, Any]

HINT = (
    "Between which alert rates the threshold lies for this tenant, as far as what the transform was made of tells. "
    "The last column is about those events, not about this tenant's."
)


def note(report: Report) -> Note:
    """What it was made of, what that stands on, and what to do."""
    told = [_made_of(report.get("source") or {}), report.get("stands_on", "")]
    told.append("Fit it anew once this tenant has events of its own.")
    return Note(" ".join(filter(None, told)), "wait", "A cold start, to be replaced by a fit")


def thresholds(report: Report) -> Panel:
    """The declared thresholds, each with its range."""
    rows = [
        [
            Cell(name_of(each)),
            number(each["score"], 4),
            percent(each["target"]),
            _range(each, report),
            _seen(each, report),
        ]
        for each in report.get("thresholds", [])
    ]
    headers = ["Threshold", "Score", "Target", "Alert rate", "On what it was made of"]
    return Table(
        headers, rows, title="At the declared thresholds", hint=HINT, empty="The intent declares no threshold."
    )


def _row(threshold: Report, report: Report) -> list[Cell]:
    known = [Cell(name_of(threshold)), number(threshold["score"], 4), percent(threshold["target"])]
    return [*known, _range(threshold, report), _seen(threshold, report)]


def _made_of(source: Report) -> str:
    if source.get("kind") != "pooled":
        return "Made of its models' validation scores."
    tenants = "1 other tenant" if source["tenants"] == 1 else f"{source['tenants']:,} other tenants"
    return f"Made of {source['events']:,} events of {tenants} with the same predictor and features."


def _range(threshold: Report, report: Report) -> Cell:
    """A single model's validation scores have no range: they say one rate, of events like those."""
    low, high = threshold.get("low"), threshold.get("high")
    if low is not None:
        return Cell(f"{rate(low)} to {rate(high)}", kind="number")
    is_one = threshold["achieved"] is not None and (report.get("source") or {}).get("kind") == "validation"
    return percent(threshold["achieved"]) if is_one else Cell("not known", kind="number")


def _seen(threshold: Report, report: Report) -> Cell:
    """Of several models nothing was seen; reports of former times do not say of how many models they are."""
    if threshold["reachable"] is None or "stands_on" not in report:
        return Cell("assumed", kind="badge", tone="wait")
    return kept_off(threshold) or Cell("reached", kind="badge", tone="good")
