"""Figures of a single transform, in the same colours as those of evidence."""

from collections.abc import Mapping
from typing import Any

import plotly.graph_objects as go

from models_app.figures.language import AFTER, REFERENCE, by_share, finished
from models_app.models import Transform


def mapping(transform: Transform) -> dict[str, Any]:
    """Probability to score, with its knots; the probability's scale shows small ones."""
    figure = go.Figure(layout={"title": "Mapping, probability to score"})
    x = [max(value, 1e-9) for value in transform.x]
    style = {"line": {"color": AFTER}, "marker": {"color": AFTER, "size": 3}}
    shown = "probability %{x:.5g} → score %{y:.5f}<extra></extra>"
    figure.add_scatter(x=x, y=transform.y, mode="lines+markers", name="mapping", hovertemplate=shown, **style)
    figure.update_xaxes(type="log", dtick=1, title="probability")
    return finished(figure.update_yaxes(title="score"))


def against_reference(summary: Mapping[str, Any]) -> dict[str, Any]:
    """Which score a share of the events reaches, beside the reference: a Q-Q plot that shows the tail."""
    rows = summary["comparisons"]
    rates = [100 * row["alert_rate"] for row in rows]
    figure = go.Figure(layout={"title": f"Score that a share of {summary['n']:,} events reaches"})
    for name, color, dash in (("score", AFTER, "solid"), ("reference", REFERENCE, "dot")):
        line, shown = {"color": color, "dash": dash}, "%{x:.3g} % score %{y:.4f} or more<extra></extra>"
        y = [row[name] for row in rows]
        figure.add_scatter(x=rates, y=y, mode="lines", name=name, line=line, hovertemplate=shown)
    return finished(by_share(figure))
