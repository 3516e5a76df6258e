"""How scores spread, and which events change sides."""

import math
from collections.abc import Iterator

import plotly.graph_objects as go

from models_app.figures.language import PLAIN, as_sent, by_share, sides, threshold, titled
from models_app.statistics.evidence.findings import IntentEvidence


def figures(intent: IntentEvidence) -> Iterator[tuple[str, go.Figure | None]]:
    yield "distribution", _distribution(intent)
    yield "histogram", _histogram(intent)
    yield "swap", _swap(intent)


def _distribution(intent: IntentEvidence) -> go.Figure:
    """Which score so many events reach; the tail, where thresholds are, takes most of the room."""
    rates = [100 * level.alert_rate for level in intent.levels]
    scores = {side: [getattr(level, side) for level in intent.levels] for side in ("before", "after", "reference")}
    figure = sides("Score by percentile", rates, scores, "%{x:.3g} % score %{y:.4f} or more")
    for each in intent.thresholds:
        threshold(figure, each.name, each.score)
    return by_share(figure)


def _histogram(intent: IntentEvidence) -> go.Figure | None:
    """Events by score, on a log scale."""
    found = intent.histogram
    if found is None:
        return None
    middles = [(place + 0.5) / len(found.after) for place in range(len(found.after))]
    counts = {"before": found.before, "after": found.after, "reference": found.reference}
    figure = sides(f"Score histogram of {intent.n:,} events", middles, counts, "%{y:,.0f} events score about %{x:.2f}")
    figure.update_traces(line_shape="hvh")
    for each in intent.thresholds:
        _upright(figure, each.name, each.score)
    figure.update_xaxes(title="score", range=[0, 1])
    return figure.update_yaxes(type="log", dtick=1, title="events")


def _swap(intent: IntentEvidence) -> go.Figure | None:
    """Each event's score before against after, as a heat map with the thresholds on it."""
    if intent.crossing is None:
        return None
    counts = intent.crossing.counts  # rows: before
    middles = [(place + 0.5) / len(counts) for place in range(len(counts))]
    turned = list(zip(*counts, strict=True))  # rows: after, as the figure has them
    figure = titled("Scores before and after")
    figure.add_heatmap(
        x=middles,
        y=middles,
        z=[[math.log10(count) if count else None for count in row] for row in turned],
        customdata=turned,
        colorscale=[[0, "rgba(0, 114, 178, 0.12)"], [1, "rgba(0, 114, 178, 1)"]],
        name="score before (x) and after (y)",
        colorbar=_colorbar(max(max(row) for row in counts)),
        hovertemplate="before %{x:.2f}, after %{y:.2f}: %{customdata:,} events<extra></extra>",
        hoverongaps=False,
    )
    for each in intent.thresholds:
        threshold(figure, each.name, each.score)
        _upright(figure, "", each.score)
    figure.update_xaxes(title="score before", range=[0, 1], showgrid=False)
    return figure.update_yaxes(title="score after", range=[0, 1], showgrid=False)


def _colorbar(most: int) -> dict[str, object]:
    """Its ticks are counts, though what is drawn is their logarithm."""
    ticks = list(range(len(str(most))))
    return {"title": "events", "thickness": 10, "tickvals": ticks, "ticktext": [f"{10**tick:,}" for tick in ticks]}


def _upright(figure: go.Figure, name: str, score: float) -> None:
    """A declared threshold, across a figure whose x is the score."""
    figure.add_vline(score, line={"width": 1, "dash": "dash", "color": PLAIN}, annotation_text=as_sent(name))
