"""An intent's incidents that go on, on its page."""

from collections.abc import Iterable, Sequence

from models_app.console.monitoring.monitoring import happened, state
from models_app.console.ui.panels import Cell, Panel, when
from models_app.console.ui.tables import Column, Table
from models_app.incidents import selectors, words
from models_app.incidents.models import Incident
from tenants.models import Intent

_COLUMNS: Sequence[Column[Incident]] = (
    Column("incident", "Incident", happened),
    Column("seen", "Shown by", lambda row: Cell(words.of_signal(row.signals[0]) if row.signals else "–")),
    Column("since", "Since", lambda row: when(row.since)),
    Column("state", "State", state),
)


def open_incidents(intent: Intent) -> Iterable[Panel]:
    """Nothing where none goes on."""
    rows = list(selectors.incidents(intent.tenant).filter(intent=intent, state__in=Incident.GOING_ON))
    if rows:
        yield Table(_COLUMNS, rows, title="Open incidents")
