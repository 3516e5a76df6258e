"""The card that a change request is decided on: on its page, and in the dialogs that approve and publish it."""

from collections.abc import Iterable, Sequence

from models_app.console.ui.panels import Cell, Panel, Words, badge, scale
from models_app.console.ui.tables import Column, Table
from models_app.statistics.evidence import Found
from models_app.statistics.evidence.decision import Daily, ThresholdDecision, amount, decision_of

_HINT = (
    "Held out: the alert rate of the proposed fit on days that it had not seen. Alerts a day with 95 % intervals, on "
    "the same events before and after. New and dropped alerts change sides."
)


def decision(found: Found) -> Iterable[Panel]:
    """What it does at each threshold, then what is not known."""
    card = decision_of(found.intents)
    if card.lines:
        yield Table(_columns(card.lines), card.lines, title="What it would do", hint=_HINT, empty="")
    if card.unknown:
        yield Words(card.unknown, "What is not known")


def _columns(lines: Sequence[ThresholdDecision]) -> Sequence[Column[ThresholdDecision]]:
    """Without those that would say the same of all lines."""
    left_out = set() if len({line.intent for line in lines}) > 1 else {"intent"}
    left_out |= set() if any(line.held_out for line in lines) else {"held-out"}
    return [column for column in COLUMNS if column.name not in left_out]


def _threshold(line: ThresholdDecision) -> Cell:
    return Cell(f"{line.name} {line.score:g}", kind="strong")


def _daily(daily: Daily | None) -> Cell:
    if daily is None:
        return Cell("–", kind="number")
    return Cell(f"{amount(daily.value)} [{amount(daily.low)}, {amount(daily.high)}]", kind="number")


def _count(value: float | None) -> Cell:
    return Cell("–" if value is None else amount(value), kind="number")


COLUMNS: Sequence[Column[ThresholdDecision]] = (
    Column("intent", "Intent", lambda line: Cell(line.intent)),
    Column("threshold", "Threshold", _threshold),
    Column("held-out", "Held out", lambda line: scale(line.held_out, line.target)),
    Column("before", "Alerts a day, before", lambda line: _daily(line.alerts_before)),
    Column("after", "Alerts a day, after", lambda line: _daily(line.alerts_after)),
    Column("new", "New a day", lambda line: _count(line.new_alerts)),
    Column("dropped", "Dropped a day", lambda line: _count(line.dropped_alerts)),
    Column("gate", "Gate", lambda line: badge(line.gate)),
)
