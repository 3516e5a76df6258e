"""What was foretold of an intent's releases beside what came: how far evidence is to be trusted."""

from collections.abc import Sequence

from models_app.changes.track_record.models import TrackRecord
from models_app.changes.track_record.selectors import Share, share_inside, track_record
from models_app.console.ui.counts import counted
from models_app.console.ui.panels import Cell, Panel, badge, link, percent, several
from models_app.console.ui.tables import Column, Table
from tenants.models import Intent

LATEST = 12  # thresholds of releases; REST has all
_EMPTY = (
    "Nothing was forecast yet. Each change request that is published with evidence leaves a line here for each "
    "threshold, and a week later what came of it."
)


def track_record_of(intent: Intent) -> Panel:
    """The latest, and the share of all whole weeks that came as foretold."""
    rows = list(track_record(intent.tenant, intent.name)[:LATEST])
    hint = _hint(share_inside(intent.tenant, intent.name)) if rows else ""
    return Table(_columns(intent.tenant.slug), rows, title="Track record", hint=hint, empty=_EMPTY)


def _hint(share: Share) -> str:
    explanation = "The forecast is the 95 % interval for the week after publication, by when events were scored."
    if not share.weeks:
        return f"{explanation} No such week is over yet."
    inside = f"{share.inside:,} of {share.weeks:,} alert rates of whole weeks lay inside"
    return f"{explanation} {inside}, {100 * share.inside / share.weeks:.3g} %."


def _columns(slug: str) -> Sequence[Column[TrackRecord]]:
    return (
        Column("release", "Release", lambda row: _release(row, slug)),
        Column("threshold", "Threshold", lambda row: Cell(row.threshold)),
        Column("target", "Target", lambda row: percent(row.target)),
        Column("held-out", "Held out", lambda row: percent(row.held_out)),
        Column("foretold", "Forecast", _foretold),
        Column("came", "Observed", _came),
        Column("inside", "Inside", _inside),
    )


def _release(row: TrackRecord, slug: str) -> Cell:
    return link(f"release {row.release.number}", "release", tenant=slug, number=row.release.number)


def _foretold(row: TrackRecord) -> Cell:
    return Cell(f"{100 * row.low:.3g} to {100 * row.high:.3g} %", kind="number")


def _came(row: TrackRecord) -> Cell:
    if row.days is None:
        return Cell("not yet")
    rate = percent(row.rate)
    is_part = row.inside is None and row.events
    return several(rate, Cell(f"in {counted(round(row.days, 1), 'day')} only")) if is_part else rate


def _inside(row: TrackRecord) -> Cell:
    return Cell("–") if row.inside is None else badge("yes") if row.inside else Cell("no", kind="badge", tone="bad")
