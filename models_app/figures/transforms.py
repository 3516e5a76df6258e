"""Figures of a transform: what goes in, how it is mapped, what comes out beside the reference."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from models_app.figures.language import AFTER, LINES, band, finished, threshold, titled
from models_app.statistics.bands import rate_band
from models_app.statistics.references import Reference
from scoring.engine.probability import FloatArray

BINS = 40
SMALLEST = 1e-9  # that a scale of probabilities shows


def source(knots: Sequence[float], scores: Sequence[float], reference: Reference) -> dict[str, Any]:
    """How the probability is distributed, as its knots tell: below a knot lies the share that the reference has."""
    x, y = np.asarray(knots[1:-1]), np.asarray(scores[1:-1])
    figure = titled("Probability distribution")
    if len(x) > 1:
        edges = np.geomspace(max(x[0], SMALLEST), x[-1], BINS + 1)
        shares = 100 * -np.diff(np.interp(edges, x, reference.alert_rate(y)))
        shown = "probability around %{x:.3g}: %{y:.3g} % of events<extra></extra>"
        middles = np.sqrt(edges[1:] * edges[:-1])
        _steps(figure, middles, shares, "probability", {"color": AFTER}, shown)
    figure.update_xaxes(type="log", title="probability", dtick=1)
    return finished(figure.update_yaxes(title="share of events, %", rangemode="tozero"))


def scores(summary: Mapping[str, Any] | None, reference: Reference) -> dict[str, Any]:
    """How scores are distributed, and how the reference is; where no event was seen, the reference alone."""
    figure = titled("Score distribution and reference")
    edges = np.asarray(summary["scores"]["edges"] if summary else np.arange(51) / 50)
    middles, expected = (edges[1:] + edges[:-1]) / 2, -np.diff(reference.alert_rate(edges))
    shown = "score around %{x:.2f}: %{y:.3g} % of events<extra></extra>"
    if summary:
        _steps(figure, middles, 100 * np.asarray(summary["scores"]["shares"]), "score", {"color": AFTER}, shown)
    _steps(figure, middles, 100 * expected, "reference", dict(LINES["reference"]), shown)
    figure.update_xaxes(title="score", range=[0, 1])
    return finished(figure.update_yaxes(type="log", dtick=1, title="share of events, %"))


def mapping(knots: Sequence[float], scores: Sequence[float], thresholds: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Probability to score, with its knots and the declared thresholds."""
    return finished(curve(knots, scores, thresholds))


def curve(knots: Sequence[float], scores: Sequence[float], thresholds: Sequence[Mapping[str, Any]]) -> go.Figure:
    """A mapping by its knots; the probability's scale shows small ones."""
    figure = titled(f"Mapping with {len(knots):,} knots")
    x = [max(value, SMALLEST) for value in knots]
    style = {"line": {"color": AFTER}, "marker": {"color": AFTER, "size": 4}}
    shown = "probability %{x:.5g} → score %{y:.5f}<extra></extra>"
    figure.add_scatter(x=x[1:], y=scores[1:], mode="lines+markers", name="mapping", hovertemplate=shown, **style)
    for each in thresholds:
        threshold(figure, ", ".join(each["names"]), each["score"])
    figure.update_xaxes(type="log", dtick=1, title="probability")
    return figure.update_yaxes(title="score", range=[0, 1.03])


def quantiles(summary: Mapping[str, Any], reference: Reference, sketched: float = 0.0) -> dict[str, Any]:
    """Q-Q plot: the score that a share of the events reaches, against the reference's, with a 95 % band.

    `sketched`: the standard error of each rate, as a share of it, where sketches alone tell it; it is in the band.
    """
    rows = [row for row in summary["comparisons"] if row["alert_rate"] < 1.0][::-1]
    x, rates = [row["reference"] for row in rows], [row["alert_rate"] for row in rows]
    low, high = rate_band(summary["n"], rates, sketched=sketched)
    figure = titled("Q-Q plot of scores and reference")
    band(figure, x, *_scores_between(reference, low, high), AFTER)
    line = {**LINES["reference"], "width": 1.5}
    figure.add_scatter(x=[0, 1], y=[0, 1], mode="lines", name="reference", line=line, hoverinfo="skip")
    shown = "%{text} of events score %{y:.4f} or more; reference %{x:.4f}<extra></extra>"
    style = {"mode": "markers", "marker": {"color": AFTER, "size": 7}, "hovertemplate": shown}
    words = [f"{100 * rate:.3g} %" for rate in rates]
    figure.add_scatter(x=x, y=[row["score"] for row in rows], name="scores", text=words, **style)
    figure.update_xaxes(title="score of the reference", range=[0, 1])
    return finished(figure.update_yaxes(title="score of the events", range=[0, 1]))


def error(summary: Mapping[str, Any], sketched: float = 0.0) -> dict[str, Any]:
    """Between what each true alert rate lies, as a share of it, by order statistics; `sketched` as in `quantiles`."""
    n = summary["n"]
    rates = np.unique(np.maximum(1, np.rint(np.geomspace(1.0 / n, 0.5, 80) * n)))[::-1] / n
    low, high = rate_band(n, rates.tolist(), sketched=sketched)
    figure, x = titled("Margin of error by alert rate"), (100 * rates).tolist()
    shown = "{}, at an alert rate of %{{x:.3g}} %: %{{y:+.3g}} %<extra></extra>"
    band(figure, x, (100 * (low / rates - 1)).tolist(), (100 * (high / rates - 1)).tolist(), AFTER)
    for name, ends in (("at most", high), ("at least", low)):
        y = (100 * (ends / rates - 1)).tolist()
        figure.add_scatter(
            x=x, y=y, mode="lines", name=name, line={"color": AFTER}, showlegend=False, hovertemplate=shown.format(name)
        )
    figure.update_xaxes(type="log", dtick=1, autorange="reversed", title="alert rate, %")
    return finished(figure.update_yaxes(title="error, % of the alert rate", range=[-100, 150], zeroline=True))


def _scores_between(reference: Reference, low: FloatArray, high: FloatArray) -> tuple[list[float], list[float]]:
    """The scores that belong to a band of alert rates: more alerts, lower scores."""
    return reference.score_at(high).tolist(), reference.score_at(low).tolist()


def _steps(figure: go.Figure, x: FloatArray, y: FloatArray, name: str, line: dict[str, Any], shown: str) -> None:
    """A distribution in bins; an empty one breaks the line, as a logarithm must."""
    values = [float(value) if value > 0 else None for value in y]
    figure.add_scatter(
        x=x.tolist(), y=values, mode="lines", name=name, line={**line, "shape": "hvh"}, hovertemplate=shown
    )
