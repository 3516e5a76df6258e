"""What evidence found, as tables: its plain JSON is that of models_app.statistics.evidence.findings."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from models_app.console.parts import Cell, Facts, Note, Part, Table, badge, interval, number, percent


def findings(intents: Any) -> Iterable[Part]:
    """For each intent: its thresholds with gates, who changes sides, and how sure all that is."""
    for intent in intents if isinstance(intents, Sequence) else intents.get("intents", []):
        yield from _intent(intent)


def _intent(intent: Mapping[str, Any]) -> Iterable[Part]:
    if intent.get("note"):
        yield Note(intent["note"], "wait", intent["intent"])
    if not intent["n"]:
        return
    yield Facts(
        [
            ("Events", number(intent["n"])),
            ("Days", number(intent["days"], 1)),
            (
                "Rank correlation",
                Cell("–" if intent["rank_correlation"] is None else f"{intent['rank_correlation']:.4f}"),
            ),
        ],
        title=intent["intent"],
    )
    yield _thresholds(intent)
    yield _gates(intent)
    yield _swaps(intent)


def _thresholds(intent: Mapping[str, Any]) -> Part:
    headers = ["Threshold", "Score", "Target", "Before", "After", "Change", "Next week", "Alerts a day", "Gate"]
    rows = [
        [
            Cell(each["name"]),
            number(each["score"], 4),
            percent(each["target"]),
            interval(each["before"]),
            interval(each["after"]),
            _change(each["change"]),
            Cell(f"{100 * each['forecast']['low']:.3g} to {100 * each['forecast']['high']:.3g} %", kind="number"),
            number(each["alerts_a_day_after"], 1),
            badge(each["gate"]["state"]),
        ]
        for each in intent["thresholds"]
    ]
    return Table(
        headers, rows, title="Alert rates at the thresholds, with 95 % intervals", empty="No threshold is declared."
    )


def _gates(intent: Mapping[str, Any]) -> Part:
    gates = [(each["name"], each["gate"]) for each in intent["thresholds"]]
    rows = [[Cell(name), badge(gate["state"]), Cell(gate["sentence"])] for name, gate in gates]
    return Table(["Threshold", "Gate", "Why"], rows, title="Gates", empty="No threshold is declared.")


def _change(change: Mapping[str, Any] | None) -> Cell:
    if change is None or change["relative"] is None:
        return Cell("–", kind="number")
    ends = (f"{100 * change[end]:+.3g}" if change[end] is not None else "?" for end in ("low", "high"))
    return Cell(f"{100 * change['relative']:+.3g} % [{', '.join(ends)}]", kind="number")


def _swaps(intent: Mapping[str, Any]) -> Part:
    rows = [
        [
            Cell(each["name"]),
            number(each["change"]["only_after"] if each["change"] else None),
            number(each["change"]["only_before"] if each["change"] else None),
            Cell(", ".join(each["swapped_in"][:3]) or "–", kind="code"),
            Cell(", ".join(each["swapped_out"][:3]) or "–", kind="code"),
        ]
        for each in intent["thresholds"]
    ]
    headers = ["Threshold", "New alerts", "No longer", "For example new", "For example no longer"]
    return Table(headers, rows, title="Events that change sides", empty="No threshold is declared.")
