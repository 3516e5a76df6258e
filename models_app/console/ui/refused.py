"""Refused requests of the last day, on the page of a tenant or of an intent."""

from collections.abc import Iterable, Sequence

from models_app.console.ui.panels import Cell, Panel, Stat, Stats, number
from models_app.console.ui.sparklines import Spark
from models_app.console.ui.tables import Column, Table
from models_app.monitoring.refused import last_day
from scoring.serving.refused import REASONS
from tenants.models import Tenant

_HINT = "By when they came, over the last 24 hours. Requests (401) with a key that nobody has had are not among them."


def refused_panels(tenant: Tenant, intent: str | None = None) -> Iterable[Panel]:
    """Nothing where none was refused."""
    reasons, by_hour = last_day(tenant, intent)
    if not reasons:
        return
    yield Stats([Stat("Refused, 24 h", number(reasons.total()), "", Spark(by_hour, f"By hour: {by_hour}"))])
    columns: Sequence[Column[tuple[str, int]]] = (
        Column("reason", "Reason", lambda row: Cell(REASONS.get(row[0], row[0]))),
        Column("requests", "Requests", lambda row: number(row[1])),
    )
    yield Table(columns, reasons.most_common(), title="Refused requests", hint=_HINT)
