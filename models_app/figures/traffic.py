"""What was scored lately, as a figure."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from models_app.figures.language import AFTER, LINES, across, finished, titled
from models_app.statistics.references import Reference


def scores(histogram: Sequence[int], reference: Reference | None, thresholds: Sequence[tuple[str, float]]) -> Any:
    """Shares of events by score, beside what the reference has; on a scale that shows the tail."""
    edges = np.linspace(0.0, 1.0, len(histogram) + 1)
    middles = ((edges[1:] + edges[:-1]) / 2).tolist()
    lines: dict[str, tuple[Any, Any]] = {}
    if reference is not None:
        lines["reference"] = (-np.diff(reference.alert_rate(edges)), LINES["reference"])
    lines["scores"] = (np.asarray(histogram) / max(1, sum(histogram)), {"color": AFTER})
    figure = titled("Scores of the last 24 hours")
    for name, (shares, line) in lines.items():
        # A logarithm has no place for an empty bin: the line breaks there.
        values = [100 * float(share) if share > 0 else None for share in shares]
        shown = f"{name} around %{{x:.2f}}: %{{y:.3g}} % of events<extra></extra>"
        figure.add_scatter(
            x=middles, y=values, mode="lines", name=name, line={**line, "shape": "hvh"}, hovertemplate=shown
        )
    for name, score in thresholds:
        across(figure, name, score)
    figure.update_xaxes(title="score", range=[0, 1])
    return finished(figure.update_yaxes(type="log", dtick=1, title="share of events, %"))
