"""A model's outputs on validation data, as they were registered with it."""

from collections.abc import Sequence
from typing import Any

from models_app.figures.language import AFTER, finished, titled


def outputs(quantiles: Sequence[Sequence[float]]) -> dict[str, Any]:
    """Which output a share of the validation events reaches; both scales show the tail."""
    shown = [(100 * (1.0 - level), value) for level, value in quantiles if level < 1.0 and value > 0.0]
    figure = titled("Output by percentile of validation events")
    figure.add_scatter(
        x=[share for share, _ in shown],
        y=[value for _, value in shown],
        mode="lines",
        name="output",
        line={"color": AFTER},
        hovertemplate="%{x:.3g} % reach %{y:.4g}<extra></extra>",
    )
    figure.update_xaxes(type="log", dtick=1, autorange="reversed", title="share of events with output ≥ x, %")
    return finished(figure.update_yaxes(type="log", dtick=1, title="model output"))
