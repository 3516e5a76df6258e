"""Evidence as figures: Plotly JSON by name, `<intent>/<figure>`. One visual language for all of them."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from models_app.figures.language import AFTER, BEFORE, REFERENCE, by_share, error_bars, finished, sides, threshold
from models_app.statistics.evidence.findings import Group, IntentEvidence


def figures_of(evidence: Sequence[IntentEvidence]) -> dict[str, Any]:
    """All figures of a change request."""
    made: dict[str, Any] = {}
    for intent in evidence:
        for name, draw in FIGURES.items():
            figure = draw(intent) if intent.n else None
            if figure is not None:
                made[f"{intent.intent}/{name}"] = finished(figure)
    return made


def _distribution(intent: IntentEvidence) -> go.Figure:
    """Which score so many events reach; the tail, where thresholds are, takes most of the room."""
    rates = [100 * level.alert_rate for level in intent.levels]
    scores = {side: [getattr(level, side) for level in intent.levels] for side in ("before", "after", "reference")}
    figure = sides("Score that a share of events reaches", rates, scores, "%{x:.3g} % score %{y:.4f} or more")
    for each in intent.thresholds:
        threshold(figure, each.name, each.score)
    return by_share(figure)


def _alert_rates(intent: IntentEvidence) -> go.Figure:
    """Each threshold's alert rate with its interval, beside the target and the forecast for next week."""
    figure, names = go.Figure(), [each.name for each in intent.thresholds]
    for side, color, aside in (("before", BEFORE, -0.08), ("after", AFTER, 0.08)):
        rates = [getattr(each, side) for each in intent.thresholds]
        if None in rates:
            continue
        figure.add_scatter(
            x=[place + aside for place in range(len(names))],
            y=[100 * rate.rate for rate in rates],
            error_y=error_bars(rates),
            mode="markers",
            name=side,
            marker={"color": color, "size": 9},
        )
    targets = [100 * each.target for each in intent.thresholds]
    marker = {"color": REFERENCE, "symbol": "line-ew-open", "size": 44, "line": {"width": 2}}
    figure.add_scatter(x=list(range(len(names))), y=targets, mode="markers", name="reference", marker=marker)
    figure.update_layout(title="Alert rates, with 95 % intervals")
    figure.update_xaxes(tickvals=list(range(len(names))), ticktext=names, range=[-0.5, len(names) - 0.5])
    return figure.update_yaxes(type="log", title="alert rate, %")


def _by_day(intent: IntentEvidence) -> go.Figure | None:
    """The rarest threshold's alert rate day by day."""
    if not intent.thresholds:
        return None
    place = len(intent.thresholds) - 1
    rates = {side: [_rate(group, side, place) for group in intent.by_day] for side in ("before", "after")}
    days = [group.name for group in intent.by_day]
    figure = sides(f"Alert rate at ‘{intent.thresholds[place].name}’, day by day", days, rates, "%{x}: %{y:.3g} %")
    target = 100 * intent.thresholds[place].target
    figure.add_hline(target, line={"color": REFERENCE, "dash": "dot"}, annotation_text="reference")
    return figure.update_yaxes(title="alert rate, %", rangemode="tozero")


def _by_context(intent: IntentEvidence) -> go.Figure | None:
    if not intent.thresholds or not intent.by_context:
        return None
    place = len(intent.thresholds) - 1
    groups = [
        (f"{name} = {group.name or '(none)'}", group) for name, all_ in intent.by_context.items() for group in all_
    ]
    figure = go.Figure()
    for side, color in (("before", BEFORE), ("after", AFTER)):
        rates = [_rate(group, side, place) for _, group in groups]
        if None not in rates:
            figure.add_bar(x=[name for name, _ in groups], y=rates, name=side, marker={"color": color})
    figure.update_layout(title=f"Alert rate at ‘{intent.thresholds[place].name}’, by context", barmode="group")
    return figure.update_yaxes(title="alert rate, %")


def _probability(intent: IntentEvidence) -> go.Figure | None:
    """How the probability moves: it does with the model, where the score may not."""
    if intent.movement is None:
        return None
    movement = intent.movement
    quantiles = {"before": movement.before, "after": movement.after}
    figure = sides("Probability, by quantile", movement.levels, quantiles, "quantile %{x}: %{y:.4g}")
    figure.update_xaxes(title="quantile")
    return figure.update_yaxes(type="log", dtick=1, title="probability")


def _calibration(intent: IntentEvidence) -> go.Figure | None:
    """What the predictor says against what labelled events turned out to be."""
    performance = intent.performance
    if performance is None:
        return None
    figure = go.Figure()
    for side, color in (("before", BEFORE), ("after", AFTER)):
        judged = getattr(performance, side)
        if judged is None:
            continue
        figure.add_scatter(
            x=[each.expected for each in judged.calibration],
            y=[each.observed.rate for each in judged.calibration],
            error_y={
                "array": [each.observed.high - each.observed.rate for each in judged.calibration],
                "arrayminus": [each.observed.rate - each.observed.low for each in judged.calibration],
            },
            mode="markers",
            name=side,
            marker={"color": color},
        )
    told = f"{performance.labelled:,} of {performance.n:,} events labelled"
    figure.update_layout(title=f"Calibration of the probability ({told})")
    figure.update_xaxes(title="probability said")
    return figure.update_yaxes(title="share that was positive")


FIGURES: dict[str, Callable[[IntentEvidence], go.Figure | None]] = {
    "distribution": _distribution,
    "alert rates": _alert_rates,
    "by day": _by_day,
    "by context": _by_context,
    "probability": _probability,
    "calibration": _calibration,
}


def in_order(figures: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Figures that were stored, by intent, and in the order in which they are to be read."""
    names = list(FIGURES)

    def place(stored: tuple[str, Any]) -> tuple[str, int]:
        intent, _, name = stored[0].rpartition("/")
        return intent, names.index(name) if name in names else len(names)

    return sorted(figures.items(), key=place)


def _rate(group: Group, side: str, place: int) -> float | None:
    alerts = getattr(group, side)
    return None if alerts is None else 100 * alerts[place] / group.n
