"""Figures of a predictor: how its probability lies beside what is live."""

from typing import Any

from models_app.figures.language import finished, sides
from models_app.statistics.paired_probabilities import Compared


def by_share(compared: Compared) -> dict[str, Any]:
    """Which probability a share of the events reaches; both scales show the tail."""
    shares = [100 * each.share for each in compared.quantiles]
    values = {side: [getattr(each, side) for each in compared.quantiles] for side in ("before", "after")}
    figure = sides("Probability by percentile", shares, values, "%{x:.3g} % reach %{y:.4g}")
    for trace, name in zip(figure.data, ("live", "this"), strict=True):
        trace.update(name=name, hovertemplate=f"{name}, %{{x:.3g}} % reach %{{y:.4g}}<extra></extra>")
    figure.update_xaxes(type="log", dtick=1, autorange="reversed", title="share of events with probability ≥ p, %")
    return finished(figure.update_yaxes(type="log", dtick=1, title="probability"))
