"""The card that a change request is decided on: on its page, and in the dialogs that approve and publish it."""

from collections.abc import Iterable, Sequence

from models_app.console.changes.segments import segment_table
from models_app.console.ui.panels import Cell, Panel, Words, badge, scale
from models_app.console.ui.tables import Column, Table
from models_app.statistics.evidence import Found
from models_app.statistics.evidence.decision import Daily, ThresholdDecision, amount, decision_of

_HELD_OUT = "Held out: the alert rate of the proposed fit on days that it had not seen. "
_HINT = "Alerts a day with 95 % intervals, on the same events before and after. New and dropped alerts change sides."


def decision(found: Found) -> Iterable[Panel]:
    """What it does at each threshold, then the segments that move most, then what is not known."""
    card = decision_of(found.intents)
    if card.lines:
        hint = f"{_HELD_OUT if any(line.held_out for line in card.lines) else ''}{_HINT}"
        yield Table(_columns(card.lines), card.lines, title="What it would do", hint=hint, empty="")
    if card.segments:
        yield segment_table(card.segments, "Segments that move most")
    if card.unknown:
        yield Words(card.unknown, "What is not known")


def _columns(lines: Sequence[ThresholdDecision]) -> Sequence[Column[ThresholdDecision]]:
    """Without those that would say the same of all lines."""
    left_out = set() if len({line.intent for line in lines}) > 1 else {"intent"}
    left_out |= set() if any(line.held_out for line in lines) else {"held-out"}
    left_out |= set() if any(line.outcome for line in lines) else {"caught", "false"}
    left_out |= set() if any(line.outcome and line.outcome.after.money_caught for line in lines) else {"money"}
    return [column for column in COLUMNS if column.name not in left_out]


def _threshold(line: ThresholdDecision) -> Cell:
    return Cell(f"{line.name} {line.score:g}", kind="strong")


def _daily(daily: Daily | None) -> Cell:
    if daily is None:
        return Cell("–", kind="number")
    return Cell(f"{amount(daily.value)} [{amount(daily.low)}, {amount(daily.high)}]", kind="number")


def _count(value: float | None) -> Cell:
    return Cell("–" if value is None else amount(value), kind="number")


def _caught(line: ThresholdDecision) -> Cell:
    if line.outcome is None:
        return Cell("–", kind="number")
    before, after = line.outcome.before, line.outcome.after.recall
    was = f"{100 * before.recall.rate:.3g} → " if before else ""
    return Cell(f"{was}{100 * after.rate:.3g} % [{100 * after.low:.3g}, {100 * after.high:.3g}]", kind="number")


def _false_alarms(line: ThresholdDecision) -> Cell:
    sides = [line.outcome.before, line.outcome.after] if line.outcome else []
    found = [side.false_alarms_per_fraud for side in sides if side]
    return Cell(" → ".join(f"{each.value:.3g}" if each else "–" for each in found) or "–", kind="number")


def _money(line: ThresholdDecision) -> Cell:
    sides = [line.outcome.before, line.outcome.after] if line.outcome else []
    found = [side.money_caught for side in sides if side]
    return Cell(" → ".join(f"{each.value:,.0f}" if each else "–" for each in found) or "–", kind="number")


COLUMNS: Sequence[Column[ThresholdDecision]] = (
    Column("intent", "Intent", lambda line: Cell(line.intent)),
    Column("threshold", "Threshold", _threshold),
    Column("held-out", "Held out", lambda line: scale(line.held_out, line.target)),
    Column("before", "Alerts a day, before", lambda line: _daily(line.alerts_before)),
    Column("after", "Alerts a day, after", lambda line: _daily(line.alerts_after)),
    Column("new", "New a day", lambda line: _count(line.new_alerts)),
    Column("dropped", "Dropped a day", lambda line: _count(line.dropped_alerts)),
    Column("caught", "Labelled fraud caught", _caught),
    Column("false", "False alarms per fraud", _false_alarms),
    Column("money", "Money caught", _money),
    Column("gate", "Gate", lambda line: badge(line.gate)),
)
