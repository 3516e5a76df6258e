"""How an intent's alert rates went, with what happened meanwhile: the time is chosen by links."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.http import HttpRequest

from models_app.console.ui.panels import Cell, Figure, Figures, Note, Panel, link, when
from models_app.console.ui.ranges import Refreshing, TimeRange, range_links, range_of
from models_app.console.ui.tables import Column, Table
from models_app.figures import rates_over_time as figures
from models_app.monitoring import rates_over_time
from models_app.monitoring.marks import Kind, Mark, marks_of
from models_app.monitoring.rates_over_time import LENGTH, OF_HOURS, Bucket, Series
from tenants.models import Intent

PART = "alert-rates"
_SECONDS = 60  # statistics come within a minute or so
_BUCKETS = {"day": Bucket.HOUR, "week": Bucket.SIX_HOURS, "month": Bucket.DAY, "year": Bucket.WEEK}
_WORDS = {Bucket.HOUR: "hour", Bucket.SIX_HOURS: "six hours", Bucket.DAY: "day", Bucket.WEEK: "week"}
_PAGES = {Kind.INCIDENT: ("incident", "incident"), Kind.FIT: ("fit", "fit")}  # the others are releases


def alert_rates(request: HttpRequest, intent: Intent) -> Panel:
    """A part of the page, which is fetched again by itself while its time goes on."""
    chosen = range_of(request)
    marks = marks_of(intent, chosen.start, chosen.end)
    panels = [range_links(request, chosen, PART), _drawn(intent, chosen, marks)]
    if marks:
        panels.append(_table(intent, marks))
    return Refreshing(PART, panels, _SECONDS if chosen.is_latest else None)


def _drawn(intent: Intent, chosen: TimeRange, marks: Sequence[Mark]) -> Panel:
    bucket = _BUCKETS[chosen.name]
    series = rates_over_time.series_of(intent, chosen.start, chosen.end, bucket, widen=True)
    if not series:
        of = "as it occurred " if bucket in OF_HOURS else ""
        text = f"Nothing was scored {of}in this time. Choose a longer one, or an earlier one."
        return Note(text, heading="No alert rates")
    span = rates_over_time.floor(chosen.start, bucket), chosen.end
    by = "was scored" if bucket in OF_HOURS else "occurred"
    return Figures([_figure(each, by, span, marks) for each in series])


def _figure(series: Series, by: str, span: tuple[datetime, datetime], marks: Sequence[Mark]) -> Figure:
    dated = [figures.Dated(mark.kind, mark.at, _said(mark), mark.until) for mark in marks]
    title = f"Alert rate at “{series.threshold}”"
    drawn = figures.rates(title, series.points, series.tolerance, LENGTH[series.bucket], span, dated)
    return Figure(f"rates-{series.threshold}", drawn, _hint(series, by))


def _hint(series: Series, by: str) -> str:
    text = (
        f"A point for each {_WORDS[series.bucket]} (UTC), by when it {by}, with the 95 % interval that sampling leaves."
    )
    if any(point.target is not None for point in series.points):
        return f"{text} The band is the target ±{100 * series.tolerance:.3g} % of it, which is tolerated."
    return f"{text} The target is not known."


def _said(mark: Mark) -> str:
    who = f", by {mark.who}" if mark.who else ""
    return f"{mark.words}{who}, {mark.at:%Y-%m-%d %H:%M} UTC"


def _table(intent: Intent, marks: Sequence[Mark]) -> Panel:
    columns: Sequence[Column[Mark]] = (
        Column("what", "What", lambda mark: _link(intent, mark)),
        Column("who", "Who", lambda mark: Cell(mark.who or "–")),
        Column("when", "When", lambda mark: when(mark.at)),
        Column("until", "Until", lambda mark: when(mark.until if mark.is_over else None)),
    )
    return Table(columns, marks, title="Releases, refreshes, fits and incidents")


def _link(intent: Intent, mark: Mark) -> Cell:
    page, name = _PAGES.get(mark.kind, ("release", "number"))
    place: dict[str, Any] = {"tenant": intent.tenant.slug, name: mark.number}
    return link(mark.words, page, **place)
