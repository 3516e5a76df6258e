"""What change requests say of an event: its score by what is live beside that by what is proposed."""

from collections.abc import Iterable, Sequence

from models_app.changes.of_event import BothSides, Said
from models_app.console.ui.panels import Cell, Panel, badge, link, several
from models_app.console.ui.tables import Column, Table

_HINT = (
    "Both scores are computed as evidence computes them: from the probability that was recorded, live or as a shadow, "
    "else by a replay of the recorded features, which gives the same bits."
)


def proposed(found: Sequence[BothSides]) -> Iterable[Panel]:
    """A row for each change request that changes the event's intent."""
    if found:
        yield Table(COLUMNS, found, title="In change requests", hint=_HINT)


def _change(row: BothSides) -> Cell:
    change = row.change
    words = f"{change.number}: {change.title}"
    return several(link(words, "change", tenant=change.tenant.slug, change=change.number), badge(change.state))


def _side(said: Said | None) -> Cell:
    if said is None:
        return Cell("not served")
    if said.score is None:
        return several(Cell("not known", kind="strong"), Cell(f"{said.predictor}: {said.why_not}"))
    words = f"{said.predictor}: probability {said.probability:.4g}, {said.how}"
    return several(Cell(f"{said.score:.4f}", kind="strong"), Cell(words))


def _decision(row: BothSides) -> Cell:
    sides = ((row.new_alerts, "new alert"), (row.dropped_alerts, "dropped alert"))
    found = [f"{words} at ‘{name}’" for names, words in sides for name in names]
    if found:
        return several(*map(Cell, found))
    known = row.live is not None and row.proposed is not None and None not in (row.live.score, row.proposed.score)
    return Cell("unchanged" if known else "–")


COLUMNS: Sequence[Column[BothSides]] = (
    Column("change", "Change request", _change),
    Column("live", "Live", lambda row: _side(row.live)),
    Column("proposed", "Proposed", lambda row: _side(row.proposed)),
    Column("decision", "Decision", _decision),
)
