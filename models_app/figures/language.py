"""The language of all figures: what a colour means, how scales show the tail, how a figure is finished.

Whatever people or clients have named goes through `as_sent` on its way into a figure.

The page draws them (muse_site/static/muse/figures.js): it writes a line's name at its end, chooses inks for light and
dark, and offers the picture and the numbers for download.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from html import escape
from typing import Any

import plotly.graph_objects as go

# Okabe and Ito's palette, which colour-blind people tell apart. The page lightens them on dark ground.
BEFORE, AFTER, REFERENCE, EVENT, PLAIN = "#E69F00", "#0072B2", "#009E73", "#CC79A7", "#7F7F7F"
LINES: Mapping[str, Mapping[str, Any]] = {
    "before": {"color": BEFORE},
    "after": {"color": AFTER},
    "reference": {"color": REFERENCE, "dash": "dot"},
}
DAY = 86_400_000  # milliseconds, in which Plotly counts time
_MOST_DAYS_NAMED = 8


def as_sent(text: str) -> str:
    """Text that Plotly shows as it is, where it would take `<a href=…>`, `&lt;` or `%{x}` for words of its own."""
    return escape(text, quote=False).replace("%{", "&#37;{")


def titled(title: str) -> go.Figure:
    return go.Figure(layout={"title": as_sent(title)})


def sides(title: str, x: Sequence[Any], y: Mapping[str, Sequence[float | None] | None], hover: str) -> go.Figure:
    """Lines of before, after and reference, as far as they are known; `hover` tells a point, with %{x} and %{y}."""
    figure = titled(title)
    for side, values in y.items():
        if values is not None and None not in values:
            shown = f"{side}, {hover}<extra></extra>"
            figure.add_scatter(x=x, y=values, name=side, mode="lines", line=dict(LINES[side]), hovertemplate=shown)
    return figure


def band(
    figure: go.Figure, x: Sequence[Any], low: Sequence[float], high: Sequence[float], color: str, of: str = ""
) -> go.Figure:
    """The space between two curves, behind what is drawn on it: an interval along x; `of` what, for its numbers."""
    hidden = {"mode": "lines", "line": {"width": 0}, "hoverinfo": "skip", "showlegend": False}
    figure.add_scatter(x=x, y=list(low), name=f"{of} low".strip(), **hidden)
    return figure.add_scatter(
        x=x, y=list(high), name=f"{of} high".strip(), fill="tonexty", fillcolor=faint(color), **hidden
    )


def faint(color: str) -> str:
    red, green, blue = (int(color[place : place + 2], 16) for place in (1, 3, 5))
    return f"rgba({red}, {green}, {blue}, 0.18)"


def threshold(figure: go.Figure, name: str, score: float) -> go.Figure:
    """A declared threshold, across a figure whose y is the score."""
    line = {"width": 1, "dash": "dash", "color": PLAIN}
    return figure.add_hline(score, line=line, annotation_text=as_sent(name), annotation_position="top left")


def across(figure: go.Figure, name: str, score: float) -> go.Figure:
    """A declared threshold, across a figure whose x is the score."""
    line = {"width": 1, "dash": "dash", "color": PLAIN}
    return figure.add_vline(score, line=line, annotation_text=as_sent(name), annotation_position="top left")


def named_places(figure: go.Figure, ticks: Sequence[str]) -> go.Figure:
    """An x axis of the places 0, 1, … with a name for each, as Plotly is to show it."""
    return figure.update_xaxes(tickvals=list(range(len(ticks))), ticktext=list(ticks), range=[-0.5, len(ticks) - 0.5])


def by_day(figure: go.Figure, days: Sequence[str]) -> go.Figure:
    """An x axis of days, as 2026-11-25, from first to last; never of hours, though it were a single day.

    A line of one point would not be seen, so it gets its point.
    """
    first, last = (datetime.fromisoformat(each) for each in (days[0], days[-1]))
    half = timedelta(hours=12)
    step = -(-((last - first).days + 1) // _MOST_DAYS_NAMED)
    if len(days) == 1:
        figure.for_each_trace(lambda line: line.update(mode="lines+markers"), {"mode": "lines", "showlegend": None})
    return figure.update_xaxes(
        type="date",
        tick0=days[0],
        dtick=step * DAY,
        range=[(first - half).isoformat(), (last + half).isoformat()],
    )


def error_bars(rates: Sequence[Any]) -> dict[str, list[float]]:
    """Plotly's error_y, in %, of observed rates with intervals."""
    return {
        "array": [100 * (each.high - each.rate) for each in rates],
        "arrayminus": [100 * (each.rate - each.low) for each in rates],
    }


def by_share(figure: go.Figure) -> go.Figure:
    """Axes of scores by the share of events that reach them: the tail, where thresholds are, takes most of the room."""
    figure.update_xaxes(type="log", dtick=1, autorange="reversed", title="share of events with score ≥ x, %")
    return figure.update_yaxes(title="score")


def finished(figure: go.Figure) -> dict[str, Any]:
    """Plain JSON, without ground or template of its own, so that the page decides on light or dark."""
    clear = "rgba(0,0,0,0)"
    figure.update_layout(paper_bgcolor=clear, plot_bgcolor=clear, hovermode="closest")
    plain: dict[str, Any] = figure.to_plotly_json()
    plain["layout"].pop("template", None)
    return plain
