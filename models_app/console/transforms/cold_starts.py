"""What is known of a transform that was made without events of its tenant: ranges of alert rates, and why they are."""

from collections.abc import Mapping, Sequence
from typing import Any

from models_app.console.transforms.wording import DECLARED, kept_off, rate
from models_app.console.ui.panels import Cell, Note, Panel, percent
from models_app.console.ui.tables import Column, Table

Report = Mapping[str, Any]

HINT = (
    "The range of alert rates to expect for this tenant, as far as the transform's source tells. The last column is "
    "about the events of that source, not about this tenant's."
)


def note(report: Report) -> Note:
    """A note that says which data a default transform comes from, what that assumes, and to fit a new one."""
    sentences = [_origin(report.get("source") or {}), report.get("stands_on", "")]
    sentences.append("Fit a new transform once this tenant has events of its own.")
    return Note(" ".join(filter(None, sentences)), "wait", "A default transform, to be replaced by a fit")


def thresholds(report: Report) -> Panel:
    """The declared thresholds, each with its range."""
    columns: Sequence[Column[Report]] = (
        *DECLARED,
        Column("rate", "Alert rate", lambda each: _range(each, report)),
        Column("seen", "In-sample", lambda each: _seen(each, report)),
    )
    rows, empty = report.get("thresholds", []), "The intent has no thresholds."
    return Table(columns, rows, title="Alert rates at the thresholds", hint=HINT, empty=empty)


def _origin(source: Report) -> str:
    if source.get("kind") != "pooled":
        return "Made of the models' validation scores."
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
    """Show whether the threshold is reached; of several models, and in old reports, that is assumed."""
    if threshold["reachable"] is None or "stands_on" not in report:
        return Cell("assumed", kind="badge", tone="wait")
    return kept_off(threshold) or Cell("reached", kind="badge", tone="good")
