"""Forecasts beside what came, as heat maps of tenants and weeks: one for each edge."""

from collections.abc import Sequence

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from benchmarks.forecasts import Cell, held
from benchmarks.measures import Edge

_LESS, _HELD, _MORE = "#E69F00", "#B7D4EA", "#D62728"
# Three colours for -1, 0 and 1.
_SCALE = [[0.0, _LESS], [0.33, _LESS], [0.33, _HELD], [0.67, _HELD], [0.67, _MORE], [1.0, _MORE]]


def draw(cells: Sequence[Cell], edges: Sequence[Edge]) -> go.Figure:
    """All edges, one below the other."""
    own = {edge: [cell for cell in cells if cell.edge == edge] for edge in edges}
    titles = [f"alert rate {edge.rate:.1%}: {held(found).count} of {len(found)} held" for edge, found in own.items()]
    figure = make_subplots(rows=len(edges), cols=1, shared_xaxes=True, subplot_titles=titles, vertical_spacing=0.06)
    for row, found in enumerate(own.values(), start=1):
        figure.add_trace(_map(found), row=row, col=1)
    figure.update_layout(height=170 * len(edges) + 60, template="plotly_white", margin={"l": 60, "r": 10, "t": 40})
    figure.update_xaxes(dtick=1, title="week", row=len(edges), col=1)
    return figure.update_yaxes(autorange="reversed")


def _map(cells: Sequence[Cell]) -> go.Heatmap:
    tenants, weeks = sorted({cell.tenant for cell in cells}), sorted({cell.number for cell in cells})
    by_place = {(cell.tenant, cell.number): cell for cell in cells}
    rows = [[by_place[tenant, week] for week in weeks] for tenant in tenants]
    return go.Heatmap(
        x=[week + 1 for week in weeks],
        y=tenants,
        z=[[_side(cell) for cell in row] for row in rows],
        text=[[_short(cell) for cell in row] for row in rows],
        texttemplate="%{text}",
        customdata=[[f"{cell.low:.3%} to {cell.high:.3%}" for cell in row] for row in rows],
        hovertemplate="%{y}, week %{x}: %{text} %, forecast %{customdata}<extra></extra>",
        zmin=-1,
        zmax=1,
        colorscale=_SCALE,
        showscale=False,
        xgap=2,
        ygap=2,
    )


def _side(cell: Cell) -> int:
    return 0 if cell.held else 1 if cell.observed > cell.high else -1


def _short(cell: Cell) -> str:
    return f"{100 * cell.observed:.2g}"
