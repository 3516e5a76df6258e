"""Events that change sides, as cells; on a change request's page in short, and on the page that lists them all."""

from collections.abc import Iterable, Sequence
from typing import TypeVar
from urllib.parse import urlencode

from models_app.changes.decision_changes.models import DecisionChange
from models_app.changes.decision_changes.selectors import ORDERS
from models_app.changes.models import ChangeRequest
from models_app.console.ui.panels import Cell, Note, Panel, address, number, several, when
from models_app.console.ui.tables import Column, Table
from models_app.statistics.evidence import Found, IntentEvidence
from models_app.statistics.evidence.findings import ThresholdEvidence
from models_app.statistics.evidence.paired import PairedChange
from scoring.addresses import event_path

FEW = 3  # on each side of a threshold, on the change request's page
LABELS = {None: "–", 0: "negative", 1: "positive"}
_NEVER_LISTED = "This evidence is of a former version, which listed no events. Compute it again to see them."
_FEW_HINT = "On each side of each threshold those whose score moves farthest. Each opens in the explorer."
_NOTHING_LIVE = "Nothing was live before, so no decision changes."

Row = TypeVar("Row")
At = tuple[IntentEvidence, ThresholdEvidence, PairedChange]


def in_short(found: Found, few: Sequence[DecisionChange], change: ChangeRequest) -> Iterable[Panel]:
    """How many there are at each threshold, with the way to all of them, and the few that move farthest."""
    if not any(intent.n for intent in found.intents):
        return
    rows = counted(found)
    columns = [*_of_several(found, INTENT_AT), *AT, Column("all", "Events", lambda row: _way(row, change))]
    yield Table(columns, rows, title="Decision changes", empty=_NOTHING_LIVE)
    if any(threshold.listed is None for _, threshold, _ in rows):
        yield Note(_NEVER_LISTED)
    if few:
        yield Table(columns_of(found, change), few, title="Events that change sides", hint=_FEW_HINT)


def counted(found: Found) -> list[At]:
    """The thresholds where something was live, each with its paired change."""
    return [
        (intent, each, each.change) for intent in found.intents for each in intent.thresholds if each.change is not None
    ]


def listed_in_words(found: Found) -> list[str]:
    """A sentence for each threshold: how many events change sides, and how many of them are listed."""
    several_intents = len(found.intents) > 1
    return [
        f"{f'{intent.intent}, ' if several_intents else ''}‘{each.name}’ {each.score:g}: {_counts(change)}. "
        f"{_listed(each.listed, _total(change))}"
        for intent, each, change in counted(found)
    ]


def columns_of(found: Found, change: ChangeRequest) -> Sequence[Column[DecisionChange]]:
    """Without those that would be empty."""
    event: Column[DecisionChange] = Column("event", "Event", lambda row: _event(row, change))
    amount = [AMOUNT] if any(intent.amount for intent in found.intents) else []
    return [event, *_of_several(found, INTENT), *COLUMNS, *amount, *LAST]


def _of_several(found: Found, column: Column[Row]) -> Sequence[Column[Row]]:
    return [column] if len(found.intents) > 1 else []


def _total(change: PairedChange) -> int:
    return change.only_before + change.only_after


def _counts(change: PairedChange) -> str:
    sides = f"{change.only_after:,} new and {change.only_before:,} dropped alerts"
    return f"{_total(change):,} events change sides, {sides}"


def _listed(listed: int | None, total: int) -> str:
    if listed is None:
        return "They are not listed."
    return "All are listed." if listed == total else f"The {listed:,} whose score moves farthest are listed."


def _daily(events: int, intent: IntentEvidence) -> Cell:
    """So many of the events that were examined, and a day of the whole window."""
    value = events * intent.scale / intent.days
    return Cell(f"{events:,} ({f'{value:,.0f}' if value >= 10 else f'{value:.1f}'} a day)", kind="number")


def _way(row: At, change: ChangeRequest) -> Cell:
    intent, threshold, paired = row
    if not threshold.listed:
        return Cell("–")
    there = address("decision_changes", tenant=change.tenant.slug, change=change.number)
    query = urlencode({"intent": intent.intent, "threshold": threshold.name})
    return Cell(f"Show all {_total(paired):,} events that change sides", href=f"{there}?{query}")


def _event(row: DecisionChange, change: ChangeRequest) -> Cell:
    """Its id, which leads to its own page; that tells of this change request too."""
    hints = {"intent": row.intent, "day": f"{row.occurred_at:%Y-%m-%d}", "change": change.number}
    there = f"{address('events', tenant=change.tenant.slug)}/{event_path(row.event_id, **hints)}"
    return Cell(_short(row.event_id), href=there, kind="code")


def _short(event_id: str) -> str:
    """Both ends: ids that were given out together begin alike."""
    return event_id if len(event_id) <= 16 else f"{event_id[:4]}…{event_id[-8:]}"


def _move(row: DecisionChange) -> Cell:
    return Cell(f"{row.score_after - row.score_before:+.4f}", kind="number")


def _context(row: DecisionChange) -> Cell:
    return Cell(", ".join(f"{name} {value}" for name, value in sorted(row.context.items())) or "–")


def _score(value: float) -> Cell:
    return number(value, 4)


INTENT_AT: Column[At] = Column("intent", "Intent", lambda row: Cell(row[0].intent))
AT: Sequence[Column[At]] = (
    Column("threshold", "Threshold", lambda row: several(Cell(row[1].name, kind="strong"), Cell(f"{row[1].score:g}"))),
    Column("new", "New alerts", lambda row: _daily(row[2].only_after, row[0])),
    Column("dropped", "Dropped alerts", lambda row: _daily(row[2].only_before, row[0])),
)
INTENT: Column[DecisionChange] = Column("intent", "Intent", lambda row: Cell(row.intent))
COLUMNS: Sequence[Column[DecisionChange]] = (
    Column("threshold", "Threshold", lambda row: Cell(row.threshold)),
    Column("side", "Side", lambda row: Cell(row.side)),
    Column("before", "Score, live", lambda row: _score(row.score_before), sort=ORDERS["before"]),
    Column("after", "Score, proposed", lambda row: _score(row.score_after), sort=ORDERS["after"]),
    Column("move", "Move", _move, sort=ORDERS["move"]),
)
AMOUNT: Column[DecisionChange] = Column("amount", "Amount", lambda row: number(row.amount, 2), sort=ORDERS["amount"])
LAST: Sequence[Column[DecisionChange]] = (
    Column("label", "Label", lambda row: Cell(LABELS[row.label])),
    Column("context", "Context", _context),
    Column("occurred", "Occurred", lambda row: when(row.occurred_at), sort=ORDERS["occurred"]),
)
