"""Both transformations of one event as curves, with the event on them."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from models_app.figures import transforms
from models_app.figures.language import AFTER, EVENT, PLAIN, as_sent, finished, titled
from scoring.engine.correction import PosteriorCorrection
from scoring.engine.document import Threshold, Transform

DASHES = ("solid", "dash", "dashdot", "longdash", "dot")
_SMALLEST = 1e-4


def correction(models: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What each model's output becomes by its β; both scales show small ones."""
    lowest = min([_SMALLEST, *(each["output"] / 2 for each in models if each["output"] > 0)])
    y = np.unique(np.concatenate([np.geomspace(lowest, 1.0, 81), 1.0 - np.geomspace(1e-3, 0.5, 40)]))
    figure = titled("Posterior correction")
    plain = {"color": PLAIN, "width": 1, "dash": "dot"}
    figure.add_scatter(x=[lowest, 1], y=[lowest, 1], mode="lines", name="β = 1", line=plain, hoverinfo="skip")
    for place, each in enumerate(models):
        line = {"color": AFTER, "dash": DASHES[place % len(DASHES)]}
        name = as_sent(each["model"])
        shown = f"{name}: output %{{x:.4g}} → %{{y:.4g}}<extra></extra>"
        p = PosteriorCorrection(each["beta"]).many(y)
        figure.add_scatter(x=y.tolist(), y=p.tolist(), mode="lines", name=name, line=line, hovertemplate=shown)
    for each in models:
        shown = f"{as_sent(each['model'])}: output %{{x:.6g}} → %{{y:.6g}}"
        _point(figure, each["output"], each["corrected"], shown, lowest)
    figure.update_xaxes(type="log", dtick=1, exponentformat="none", title="model output")
    return finished(figure.update_yaxes(type="log", dtick=1, exponentformat="none", title="corrected"))


def mapping(transform: Transform, probability: float, score: float, thresholds: Sequence[Threshold]) -> dict[str, Any]:
    """Draw the mapping from the probability to the score, with this event on it."""
    declared = [{"names": [each.name], "score": each.score} for each in thresholds]
    figure = transforms.curve(transform.x, transform.y, declared)
    figure.update_layout(title="Quantile mapping")
    least = max(transform.x[1], transforms.SMALLEST)
    _point(figure, probability, score, "probability %{x:.6g} → score %{y:.6f}", min(least, probability or least), 0.0)
    return finished(figure.update_xaxes(exponentformat="none"))


def _point(figure: go.Figure, x: float, y: float, shown: str, left: float, bottom: float | None = None) -> None:
    """The event, and the way to it from one axis and on to the other."""
    bottom = left if bottom is None else bottom
    way = {"color": EVENT, "width": 1, "dash": "dot"}
    shared = {"showlegend": False, "hoverinfo": "skip", "mode": "lines"}
    figure.add_scatter(x=[x, x, left], y=[bottom, y, y], name="path of this event", line=way, **shared)
    marker = {"color": EVENT, "size": 12, "line": {"color": "#FFFFFF", "width": 1.5}}
    text = {"text": ["this event"], "textposition": "top left", "textfont": {"size": 12}}
    hover = f"this event, {shown}<extra></extra>"
    figure.add_scatter(x=[x], y=[y], mode="markers+text", name="this event", marker=marker, hovertemplate=hover, **text)
