"""A reference distribution as a figure, and as numbers at usual alert rates."""

from typing import Any

import numpy as np

from models_app.figures.language import LINES, by_share, finished, sides
from models_app.statistics.references import Reference

RATES = (0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001, 0.0001)


def by_alert_rate(reference: Reference) -> dict[str, Any]:
    """Which score a share of the events reaches."""
    rates = np.geomspace(1.0, 1e-5, 201)
    scores = {"reference": reference.score_at(rates).tolist()}
    shown = "%{x:.3g} % score %{y:.4f} or more"
    return finished(by_share(sides("Score by percentile", (100 * rates).tolist(), scores, shown)))


def by_score(reference: Reference) -> dict[str, Any]:
    """How scores are distributed."""
    edges = np.linspace(0.0, 1.0, 101)
    shares = 100 * -np.diff(reference.alert_rate(edges))
    middles = ((edges[1:] + edges[:-1]) / 2).tolist()
    figure = sides("Score distribution", middles, {"reference": shares.tolist()}, "score %{x:.2f}: %{y:.3g} %")
    figure.update_traces(line={**LINES["reference"], "dash": "solid", "shape": "hvh"})
    figure.update_xaxes(title="score", range=[0, 1])
    return finished(figure.update_yaxes(type="log", dtick=1, title="share of events per 0.01 of score, %"))


def scores_at(reference: Reference) -> list[tuple[float, float]]:
    """Alert rates with the score that each belongs to."""
    return list(zip(RATES, reference.score_at(RATES).tolist(), strict=True))


def small(reference: Reference) -> list[float]:
    """A few scores by decreasing alert rate, for a drawing in a list."""
    values: list[float] = reference.score_at(np.geomspace(1.0, 1e-4, 41)).tolist()
    return values
