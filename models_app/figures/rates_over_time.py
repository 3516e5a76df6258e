"""The alert rate of one threshold over time, beside what is promised, with what happened meanwhile as marks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

import plotly.graph_objects as go

from models_app.figures.language import (
    AFTER,
    BEFORE,
    EVENT,
    LINES,
    PLAIN,
    REFERENCE,
    as_sent,
    band,
    faint,
    finished,
    titled,
)

_HEADROOM = 1.3


class Point(Protocol):
    """A bucket of time: what was scored in it, how many alerts that were, with an interval, and what was promised."""

    @property
    def at(self) -> datetime: ...
    @property
    def events(self) -> int: ...
    @property
    def alerts(self) -> int: ...
    @property
    def target(self) -> float | None: ...
    @property
    def rate(self) -> float: ...
    @property
    def low(self) -> float: ...
    @property
    def high(self) -> float: ...


@dataclass(frozen=True)
class Dated:
    """Something that happened: `kind` as the legend has it, and what is said where one points at it."""

    kind: str
    at: datetime
    text: str
    until: datetime | None = None


_SYMBOLS: Mapping[str, tuple[str, str]] = {
    "release": ("triangle-up", PLAIN),
    "refresh": ("star", AFTER),
    "fit gone live": ("diamond", AFTER),
    "rollback": ("triangle-down", BEFORE),
    "incident": ("x", EVENT),
}


def rates(
    title: str,
    points: Sequence[Point],
    tolerance: float,
    length: timedelta,
    span: tuple[datetime, datetime],
    marks: Sequence[Dated],
) -> dict[str, Any]:
    """A point in the middle of each bucket of this `length`; the axis is the whole `span`, however little is in it."""
    figure = titled(title)
    _promised(figure, points, tolerance, length)
    _observed(figure, points, length)
    _marks(figure, marks, span)
    end = max([span[1], *(point.at + length for point in points)])  # the last bucket may not be over yet
    figure.update_xaxes(type="date", range=[_iso(span[0]), _iso(end)])
    figure.update_yaxes(title="alert rate, %", exponentformat="none", range=[0, 100 * _top(points, tolerance)])
    figure.update_layout(yaxis2={"overlaying": "y", "range": [0, 1], "visible": False, "fixedrange": True})
    return finished(figure)


def _promised(figure: go.Figure, points: Sequence[Point], tolerance: float, length: timedelta) -> None:
    """The target, and what the tenant tolerates around it, over the length of each bucket."""
    known = [point for point in points if point.target is not None]
    if not known:
        return
    x = [_iso(at) for point in known for at in (point.at, point.at + length)]
    target = [100 * (point.target or 0.0) for point in known for _ in range(2)]
    low, high = ([each * (1 + sign * tolerance) for each in target] for sign in (-1, 1))
    band(figure, x, low, high, REFERENCE, "tolerated")
    shown = "target %{y:.3g} %<extra></extra>"
    figure.add_scatter(x=x, y=target, name="target", mode="lines", line=dict(LINES["reference"]), hovertemplate=shown)


def _observed(figure: go.Figure, points: Sequence[Point], length: timedelta) -> None:
    """The line breaks where nothing was scored."""
    x: list[str] = []
    y: list[float | None] = []
    more: list[float | None] = []
    less: list[float | None] = []
    words: list[str] = []
    before: datetime | None = None
    for point in points:
        if before is not None and point.at - before > length:
            for values in (y, more, less):
                values.append(None)
            x.append(_iso(before + length))
            words.append("")
        x.append(_iso(point.at + length / 2))
        y.append(100 * point.rate)
        more.append(100 * (point.high - point.rate))
        less.append(100 * (point.rate - point.low))
        words.append(_words(point, length))
        before = point.at
    bars = {"array": more, "arrayminus": less, "color": faint(AFTER).replace("0.18", "0.5"), "thickness": 1, "width": 0}
    figure.add_scatter(
        x=x,
        y=y,
        error_y=bars,
        name="alert rate",
        mode="lines+markers",
        line={"color": AFTER, "width": 1.5},
        marker={"color": AFTER, "size": 5},
        customdata=words,
        hovertemplate="%{customdata}<extra></extra>",
    )


def _words(point: Point, length: timedelta) -> str:
    end = point.at + length
    when = f"{point.at:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M} UTC"
    if length >= timedelta(days=1):
        last = end - timedelta(days=1)
        when = f"{point.at:%Y-%m-%d}" + (f" to {last:%Y-%m-%d}" if last > point.at else "")
    share = f"{100 * point.rate:.3g} % [{100 * point.low:.3g}, {100 * point.high:.3g}]"
    return f"{when}<br>{share}: {point.alerts:,} of {point.events:,} events"


def _marks(figure: go.Figure, marks: Sequence[Dated], span: tuple[datetime, datetime]) -> None:
    """Each kind is a row of symbols at the foot, with lines up; of an incident, the time that it went on is shaded."""
    for row, (kind, (symbol, color)) in enumerate(_SYMBOLS.items()):
        own = [mark for mark in marks if mark.kind == kind]
        if not own:
            continue
        for mark in own:
            _line(figure, mark, color, span)
        figure.add_scatter(
            x=[_iso(max(mark.at, span[0])) for mark in own],
            y=[0.03 + 0.06 * row] * len(own),
            yaxis="y2",
            name=kind,
            mode="markers",
            cliponaxis=False,  # those at either end are seen whole
            marker={"symbol": symbol, "color": color, "size": 10},
            customdata=[as_sent(mark.text) for mark in own],
            hovertemplate="%{customdata}<extra></extra>",
        )


def _line(figure: go.Figure, mark: Dated, color: str, span: tuple[datetime, datetime]) -> None:
    at = _iso(max(mark.at, span[0]))
    shared = {"yref": "paper", "y0": 0, "y1": 1, "layer": "below"}
    if mark.until is not None:
        end = _iso(min(mark.until, span[1]))
        figure.add_shape(type="rect", x0=at, x1=end, fillcolor=faint(color), line={"width": 0}, **shared)
    else:
        figure.add_shape(type="line", x0=at, x1=at, line={"color": color, "width": 1, "dash": "dot"}, **shared)


def _top(points: Sequence[Point], tolerance: float) -> float:
    """Of the scale: rates and what is tolerated are seen whole; intervals of few events may go beyond."""
    tolerated = [(point.target or 0.0) * (1 + tolerance) for point in points]
    return min(1.05, _HEADROOM * max([1e-6, *(point.rate for point in points), *tolerated]))


def _iso(at: datetime) -> str:
    return at.isoformat(timespec="seconds")
