"""What evidence found, as panels: its plain JSON is that of models_app.statistics.evidence.findings, old or new."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from models_app.console.ui.panels import (
    Cell,
    Note,
    Panel,
    Stat,
    Stats,
    address,
    badge,
    number,
    percent,
    scale,
    several,
)
from models_app.console.ui.tables import Column, Table
from scoring.api.explain import event_path

Found = Mapping[str, Any]
_BY_WORST = ("fail", "not enough events", "pass")
_MOST_EXAMPLES = 3


def intents_of(result: Any) -> Sequence[Found]:
    """The intents of stored evidence, however old it is."""
    found: Sequence[Found] = result if isinstance(result, list) else result.get("intents", [])
    return found


def stats(intents: Sequence[Found]) -> Iterable[Panel]:
    """The few numbers of the threshold that the verdict is about."""
    asked = [(intent, each) for intent in intents for each in intent["thresholds"]]
    if not asked or any(intent.get("out_of_service") for intent in intents):
        return
    intent, worst = min(asked, key=lambda pair: (_BY_WORST.index(pair[1]["gate"]["state"]), -_moved(pair[1])))
    change, before = worst["change"], worst["alerts_a_day_before"]
    after = f"{worst['alerts_a_day_after']:,.1f}"
    told = [Stat(f"Alerts a day at ‘{worst['name']}’", Cell(after if before is None else f"{before:,.1f} → {after}"))]
    if change is not None:
        a_day = scale_of(intent) / intent["days"]
        shown = Cell(_a_day((change["only_before"] + change["only_after"]) * a_day))
        gone, new = _a_day(change["only_before"] * a_day), _a_day(change["only_after"] * a_day)
        told.append(Stat("Events that change sides, a day", shown, f"{new} new alerts, {gone} no longer"))
    told.append(Stat("Events examined", number(intent["n"]), f"of {intent['days']:,.1f} days{_left(intent)}"))
    ranks = intent["rank_correlation"]
    words = "1 is the same order of events"
    told.append(Stat("Rank correlation", Cell("–" if ranks is None else f"{ranks:.3f}"), words))
    yield Stats(told)


def thresholds(intents: Sequence[Found]) -> Iterable[Panel]:
    """For each intent: its thresholds with gates, or why nothing is known of them."""
    for intent in intents:
        if intent.get("note"):
            yield Note(intent["note"], "bad" if intent.get("out_of_service") else "wait", intent["intent"])
        if intent["n"]:
            yield _thresholds(intent, f"{intent['intent']}: alert rates" if len(intents) > 1 else "Alert rates")


def swaps(intents: Sequence[Found], tenant: str) -> Iterable[Panel]:
    """For each intent: who changes sides, with examples."""
    for intent in intents:
        if intent["n"]:
            about = f"{intent['intent']}: events that" if len(intents) > 1 else "Events that"
            yield _swaps(intent, tenant, f"{about} change sides")


def scale_of(intent: Found) -> float:
    """Events of the window for each one that was drawn."""
    drawn = intent["n"] + intent.get("left_out", 0)
    return float(intent.get("total") or drawn) / max(1, drawn)


def _thresholds(intent: Found, about: str) -> Panel:
    return Table(
        THRESHOLDS,
        intent["thresholds"],
        title=f"{about} at the thresholds, with 95 % intervals",
        hint="Each rate is drawn against its target, the green mark. The change is that of the same events, in pairs.",
        empty="No threshold is declared.",
    )


def _declared(each: Found) -> Cell:
    target = percent(each["target"]).value.replace(" ", "\N{NO-BREAK SPACE}")
    declared = f"from {each['score']:g}: {each['action']}; target {target}"
    return several(Cell(each["name"], kind="strong"), Cell(declared))


def _forecast(each: Found) -> Cell:
    low, high = 100 * each["forecast"]["low"], 100 * each["forecast"]["high"]
    return Cell(f"{low:.3g} to {high:.3g} %", kind="number")


def _alerts_a_day(each: Found) -> Cell:
    before, after = each["alerts_a_day_before"], f"{each['alerts_a_day_after']:,.1f}"
    return Cell(after if before is None else f"{before:,.1f} → {after}", kind="number")


def _why(each: Found) -> str:
    """The gate's reason, as short as it can be beside the change."""
    gate, since = each["gate"], "" if each["change"] else " against the target"
    few = ": too few events to tell" if gate["state"] == "not enough events" else ""
    return f"±{100 * gate['tolerance']:g} % allowed{since}{few}"


def _change(change: Found | None) -> Cell:
    if change is None or change["relative"] is None:
        return Cell("from none" if change and change["only_after"] else "–", kind="number")
    ends = (f"{100 * change[end]:+.3g}" if change[end] is not None else "?" for end in ("low", "high"))
    return Cell(f"{100 * change['relative']:+.3g} % [{', '.join(ends)}]", kind="number")


THRESHOLDS: Sequence[Column[Found]] = (
    Column("threshold", "Threshold", _declared),
    Column("before", "Before", lambda each: scale(each["before"], each["target"])),
    Column("after", "After", lambda each: scale(each["after"], each["target"])),
    Column("change", "Change", lambda each: _change(each["change"])),
    Column("forecast", "Next week", _forecast),
    Column("alerts", "Alerts a day", _alerts_a_day),
    Column("gate", "Gate", lambda each: several(badge(each["gate"]["state"]), Cell(_why(each)))),
)


def _swaps(intent: Found, tenant: str, title: str) -> Panel:
    """Only where something was live: else no event changes sides."""
    a_day = scale_of(intent) / intent["days"]
    columns: Sequence[Column[Found]] = (
        Column("threshold", "Threshold", lambda each: Cell(each["name"])),
        Column("new", "New alerts", lambda each: _events_a_day(each["change"]["only_after"] * a_day)),
        Column("new-examples", "For example", lambda each: _examples(each["swapped_in"], tenant)),
        Column("gone", "No longer alerts", lambda each: _events_a_day(each["change"]["only_before"] * a_day)),
        Column("gone-examples", "For example", lambda each: _examples(each["swapped_out"], tenant)),
    )
    return Table(
        columns,
        [each for each in intent["thresholds"] if each["change"]],
        title=title,
        hint="The latest ones; each opens in the explorer, with what both models say of it.",
        empty="Nothing was live before, so no event changes sides.",
    )


def _events_a_day(events: float) -> Cell:
    return Cell(f"{_a_day(events)} a day", kind="number")


def _examples(ids: Sequence[str], tenant: str) -> Cell:
    if not ids:
        return Cell("–")
    return several(*(Cell(_short(each), href=_event(each, tenant), kind="code") for each in ids[:_MOST_EXAMPLES]))


def _event(event_id: str, tenant: str) -> str:
    """Its own page."""
    return f"{address('events', tenant=tenant)}/{event_path(event_id)}"


def _short(event_id: str) -> str:
    """Both ends: ids that were given out together begin alike."""
    return event_id if len(event_id) <= 16 else f"{event_id[:4]}…{event_id[-8:]}"


def _left(intent: Found) -> str:
    """What of the window is not among them, in words."""
    drawn = intent["n"] + intent.get("left_out", 0)
    sampled = f", drawn by their ids from {intent['total']:,}" if intent.get("total", 0) > drawn else ""
    without = f"; {intent['left_out']:,} left out, their features were not kept" if intent.get("left_out") else ""
    return f"{sampled}{without}"


def _moved(each: Found) -> float:
    """The change as a share of what was; from no alert to some it is infinite."""
    change = each["change"]
    if not change:
        return 0.0
    if change["relative"] is None:
        return math.inf if change["only_after"] else 0.0
    return abs(change["relative"])


def _a_day(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 else f"{value:.1f}"
