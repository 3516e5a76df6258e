"""How well scores tell what happened, where it is known by now."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta

import plotly.graph_objects as go

from models_app.figures.language import AFTER, BEFORE, PLAIN, REFERENCE, as_sent, error_bars, named_places, titled
from models_app.statistics.evidence.calibration import Bin
from models_app.statistics.evidence.findings import IntentEvidence
from models_app.statistics.evidence.performance import Judged, Performance
from models_app.statistics.evidence.shares import Share

_SIDES = (("before", BEFORE, -0.1), ("after", AFTER, 0.1))


def figures(intent: IntentEvidence) -> Iterator[tuple[str, go.Figure | None]]:
    performance = intent.performance
    if performance is None:
        return
    recall = _shares(performance, "Recall at fixed false-positive rates", "recall", lambda each: each.recall)
    yield "recall", recall.update_xaxes(title="false-positive rate")
    yield "precision", _shares(performance, "Precision at each threshold", "precision", lambda each: each.precision)
    yield "calibration", _calibration(performance)
    yield "labels", _maturity(performance, intent.by_day[0].name)


def _says(performance: Performance) -> dict[str, str]:
    """How mature labels are: in all, and in the latest weeks, for they come late."""
    weeks = ", ".join(f"{100 * share:.0f}" for share in performance.matured[-6:])
    known = f"{performance.labelled:,} of {performance.n:,} events are labelled, {performance.positive:,} positive"
    return {"says": f"{known}; by week, oldest first: {weeks} %."}


def _judged(performance: Performance) -> Iterator[tuple[str, str, float, Judged]]:
    for side, color, aside in _SIDES:
        judged = getattr(performance, side)
        if judged is not None:
            yield side, color, aside, judged


def _shares(performance: Performance, title: str, noun: str, of: Callable[[Judged], Sequence[Share]]) -> go.Figure:
    """Shares with their intervals, side by side; `noun`: what they are shares of, on the axis."""
    figure = titled(title)
    names = list(dict.fromkeys(share.at for *_, judged in _judged(performance) for share in of(judged)))
    for side, color, aside, judged in _judged(performance):
        shares = of(judged)
        figure.add_scatter(
            x=[names.index(each.at) + aside for each in shares],
            y=[100 * each.rate for each in shares],
            error_y=error_bars(shares),
            mode="markers",
            name=side,
            marker={"color": color, "size": 9},
            customdata=[[each.hits, each.n] for each in shares],
            hovertemplate=f"{side} %{{y:.3g}} %, %{{customdata[0]:,}} of %{{customdata[1]:,}}<extra></extra>",
        )
    figure.update_layout(meta=_says(performance))
    named_places(figure, [as_sent(_short(each)) for each in names])
    return figure.update_yaxes(title=f"{noun}, %", rangemode="tozero")


def _short(at: str) -> str:
    """Shorten `0.1 % false positives` to what the axis does not say."""
    return at.removesuffix(" false positives")


def _calibration(performance: Performance) -> go.Figure:
    """What the predictor says against what labelled events turned out to be, both on log scales."""
    figure = titled("Calibration")
    expected = [each.expected for *_, judged in _judged(performance) for each in judged.calibration]
    ends = [max(min(expected), 1e-7), max(expected)]
    line = {"color": REFERENCE, "dash": "dot"}
    figure.add_scatter(x=ends, y=ends, mode="lines", name="perfect calibration", line=line, hoverinfo="skip")
    for side, color, _, judged in _judged(performance):
        _bins(figure, side, color, judged.calibration)
    figure.update_layout(meta=_says(performance))
    figure.update_xaxes(type="log", dtick=1, tickformat="~g", title="predicted probability")
    return figure.update_yaxes(type="log", dtick=1, tickformat="~g", title="observed positive rate")


def _bins(figure: go.Figure, side: str, color: str, bins: Sequence[Bin]) -> None:
    """Bins with positive events as points; the others, which a log scale cannot show, as upper ends."""
    some, none = [each for each in bins if each.observed.hits], [each for each in bins if not each.observed.hits]
    shown = f"{side}: predicted %{{x:.3g}}, observed %{{customdata[0]:,}} of %{{customdata[1]:,}}<extra></extra>"
    figure.add_scatter(
        x=[each.expected for each in some],
        y=[each.observed.rate for each in some],
        error_y={
            "array": [each.observed.high - each.observed.rate for each in some],
            "arrayminus": [each.observed.rate - each.observed.low for each in some],
        },
        mode="markers",
        name=side,
        marker={"color": color, "size": 8},
        customdata=[[each.observed.hits, each.observed.n] for each in some],
        hovertemplate=shown,
    )
    if none:
        figure.add_scatter(
            x=[each.expected for each in none],
            y=[each.observed.high for each in none],
            mode="markers",
            showlegend=False,
            marker={"color": color, "size": 9, "symbol": "triangle-down-open"},
            customdata=[[each.observed.hits, each.observed.n] for each in none],
            hovertemplate=shown,
        )


def _maturity(performance: Performance, first_day: str) -> go.Figure:
    """The share of events that have a label, by week."""
    start = date.fromisoformat(first_day)
    weeks = [(start + timedelta(weeks=number)).isoformat() for number in range(len(performance.matured))]
    figure = titled("Label coverage by week")
    shares = [100 * share for share in performance.matured]
    shown = "week from %{x}: %{y:.3g} %<extra></extra>"
    figure.add_bar(x=weeks, y=shares, name="labelled", marker={"color": PLAIN}, hovertemplate=shown)
    figure.update_xaxes(title="week from", tickvals=weeks, type="category")
    return figure.update_yaxes(title="events with a label, %", range=[0, 100])
