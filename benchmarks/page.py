"""The benchmark's figures as one page that needs nothing else: errors by arm, and every week of every tenant."""

from collections.abc import Sequence
from html import escape
from pathlib import Path

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from benchmarks import sheet
from benchmarks.forecasts import Cell
from benchmarks.forecasts_figure import draw
from benchmarks.measures import Edge
from benchmarks.report import LIVE, TITLES, Measures

_COLOURS = {
    "old": "#7f7f7f",
    "swap": "#d62728",
    "once": "#ff7f0e",
    "weekly_7d": "#9467bd",
    "weekly_14d": "#1f77b4",
    "weekly_28d": "#17becf",
    "daily_3d": "#2ca02c",
    "daily_4d": "#98df8a",
}
_BODY = """<p>{intro}</p><p>{data}</p>
<h2>The error of a week</h2><div class="figure">{errors}</div>
<h2>Week by week</h2><div class="figure">{weeks}</div>
<h2>Forecast before each swap</h2><p>{told}</p><div class="figure">{forecasts}</div>"""
_INTRO = (
    "A tenant’s alert rate is promised at fixed scores. Here the model behind them is replaced, and the alert rates "
    "are measured on events that no fit has seen. All arms were served by the product on the same events."
)

_TOLD = (
    "Evidence for a change forecasts the next week’s alert rate with a 95 % interval. Each cell is a week of a tenant: "
    "blue where the interval held what came; red where more came than it said, orange where less did."
)


def write(file: Path, data: str, measures: Measures, cells: Sequence[Cell], edges: Sequence[Edge], text: str) -> None:
    """Write the page: `data` says what was measured on, `text` stands at its end; its script is inside."""
    drawn = {"errors": _errors(measures, edges), "weeks": _weeks(measures, edges), "forecasts": draw(cells, edges)}
    body = _BODY.format(intro=_INTRO, data=escape(data), told=_TOLD, **sheet.figures_of(drawn))
    sheet.write(file, "Stability of alert rates", body, text)


def _errors(measures: Measures, edges: Sequence[Edge]) -> go.Figure:
    """The median tenant-week as a bar, the 90th percentile as the end of a whisker, sampling alone as a line."""
    figure = go.Figure()
    names = [f"{edge.rate:.1%}" for edge in edges]
    for arm, each in measures.items():
        at = [each.edges[edge.name] for edge in edges]
        up = [here.p90 - here.median for here in at]
        figure.add_bar(
            name=TITLES[arm],
            x=names,
            y=[here.median for here in at],
            error_y={"type": "data", "array": up, "arrayminus": [0] * len(up), "symmetric": False},
            marker_color=_COLOURS[arm],
        )
    floors = [measures[LIVE].edges[edge.name].floor for edge in edges]
    mark = {"symbol": "line-ew-open", "size": 60, "color": "#444", "line": {"width": 2}}
    figure.add_scatter(name="sampling alone", x=names, y=floors, mode="markers", marker=mark)
    figure.update_layout(barmode="group", height=520, legend={"orientation": "h", "y": -0.2}, template="plotly_white")
    figure.update_layout(margin={"t": 20})
    figure.update_yaxes(title="error, % of the target (whisker: 90th percentile)", type="log")
    figure.update_xaxes(title="promised alert rate")
    return figure


def _weeks(measures: Measures, edges: Sequence[Edge]) -> go.Figure:
    """Alert rate to target by week: a panel for each edge, a line for each tenant of three arms."""
    titles = [f"alert rate {edge.rate:.1%}" for edge in edges]
    figure = make_subplots(rows=len(edges), cols=1, shared_xaxes=True, subplot_titles=titles, vertical_spacing=0.04)
    for row, edge in enumerate(edges, start=1):
        for arm in ("swap", "once", LIVE):
            for number, (tenant, ratios) in enumerate(measures[arm].edges[edge.name].ratios.items()):
                figure.add_scatter(
                    x=list(range(1, len(ratios) + 1)),
                    y=list(ratios),
                    name=TITLES[arm],
                    legendgroup=arm,
                    showlegend=row == 1 and number == 0,
                    hovertemplate=f"{tenant}, week %{{x}}: %{{y:.2f}} of the target",
                    line={"color": _COLOURS[arm]},
                    row=row,
                    col=1,
                )
        figure.add_hline(y=1.0, line={"color": "#444", "dash": "dot"}, row=row, col=1)
    figure.update_layout(height=260 * len(edges), template="plotly_white", legend={"orientation": "h", "y": -0.05})
    figure.update_layout(margin={"t": 40})
    figure.update_yaxes(title="to target")
    figure.update_xaxes(title="week", row=len(edges), col=1)
    return figure
