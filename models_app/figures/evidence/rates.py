"""Alert rates at the thresholds: beside their targets, day by day, and by context."""

from collections.abc import Iterator, Mapping, Sequence

import plotly.graph_objects as go

from models_app.figures.evidence import floor
from models_app.figures.language import (
    AFTER,
    BEFORE,
    PLAIN,
    REFERENCE,
    as_sent,
    band,
    by_day,
    error_bars,
    faint,
    named_places,
    sides,
    titled,
)
from models_app.statistics.alert_rates import wilson_interval
from models_app.statistics.evidence.findings import Group, IntentEvidence, ThresholdEvidence

_SIDES = (("before", BEFORE, -0.12), ("after", AFTER, 0.12))


def figures(intent: IntentEvidence) -> Iterator[tuple[str, go.Figure | None]]:
    yield "alert rates", _at_thresholds(intent)
    for place, each in enumerate(intent.thresholds):
        yield f"by day: {each.name}", _by_day(intent, place)
    for place, each in enumerate(intent.thresholds):
        yield f"by context: {each.name}", _by_context(intent, place)


def _at_thresholds(intent: IntentEvidence) -> go.Figure | None:
    """Each threshold's alert rate with its interval, beside the target and the forecast for next week."""
    if not intent.thresholds:
        return None
    figure, names = titled("Alert rates with 95 % intervals"), [each.name for each in intent.thresholds]
    _forecasts(figure, intent.thresholds)
    for side, color, aside in _SIDES:
        found = [getattr(each, side) for each in intent.thresholds]
        if None not in found:
            figure.add_scatter(
                x=[place + aside for place in range(len(names))],
                y=[100 * each.rate for each in found],
                error_y=error_bars(found),
                mode="markers",
                name=side,
                marker={"color": color, "size": 9},
                hovertemplate=f"{side} %{{y:.4g}} %<extra></extra>",
            )
    _targets(figure, intent.thresholds)
    named_places(figure, [as_sent(name) for name in names])
    return figure.update_yaxes(type="log", title="alert rate, %", dtick="D2")


def _forecasts(figure: go.Figure, thresholds: Sequence[ThresholdEvidence]) -> None:
    for place, each in enumerate(thresholds):
        low, high = 100 * each.forecast.low, 100 * each.forecast.high
        figure.add_scatter(
            x=[place + 0.28, place + 0.28],
            y=[max(low, 1e-4), high],
            mode="lines",
            name="next week",
            showlegend=place == 0,
            line={"color": faint(AFTER), "width": 14},
            hovertemplate=f"next week {low:.3g} to {high:.3g} %<extra></extra>",
        )


def _targets(figure: go.Figure, thresholds: Sequence[ThresholdEvidence]) -> None:
    marker = {"color": REFERENCE, "symbol": "line-ew-open", "size": 44, "line": {"width": 2}}
    targets = [100 * each.target for each in thresholds]
    shown = "target %{y:.4g} %<extra></extra>"
    places = list(range(len(targets)))
    figure.add_scatter(x=places, y=targets, mode="markers", name="target", marker=marker, hovertemplate=shown)


def _by_day(intent: IntentEvidence, place: int) -> go.Figure:
    """One threshold's alert rate day by day, with its intervals, and the spread of past weeks."""
    threshold, groups = intent.thresholds[place], floor.shown(intent.by_day)
    days = [group.name for group in groups]
    rates = {side: [_rate(group, side, place) for group in groups] for side in ("before", "after")}
    title = f"Alert rate at ‘{threshold.name}’, by day"
    figure = titled(title)
    for side, color, _ in _SIDES:
        if None not in rates[side]:
            ends = [_interval(group, side, place) for group in groups]
            band(figure, days, [low for low, _ in ends], [high for _, high in ends], color, side)
    for trace in sides(title, days, rates, "%{x}: %{y:.3g} %").data:
        figure.add_trace(trace)
    _spread(figure, threshold.forecast.weeks)
    line = {"color": REFERENCE, "dash": "dot"}
    figure.add_hline(100 * threshold.target, line=line, annotation_text="target", annotation_position="top left")
    by_day(figure, days).update_yaxes(title="alert rate, %", rangemode="tozero")
    return floor.told(figure, intent.by_day, "day")


def _spread(figure: go.Figure, weeks: Sequence[float]) -> None:
    """The lowest and the highest of past whole weeks, where there are several."""
    if len(weeks) > 1:
        for rate in (min(weeks), max(weeks)):
            figure.add_hline(100 * rate, line={"color": PLAIN, "width": 1, "dash": "dash"})


def _by_context(intent: IntentEvidence, place: int) -> go.Figure | None:
    """One threshold's alert rate by each value of each context attribute."""
    if not intent.by_context:
        return None
    groups = _groups({name: floor.shown(values) for name, values in intent.by_context.items()})
    figure = titled(f"Alert rate at ‘{intent.thresholds[place].name}’, by context")
    for side, color, aside in _SIDES:
        rates = [_rate(group, side, place) for _, group in groups]
        if None in rates:
            continue
        ends = [_interval(group, side, place) for _, group in groups]
        figure.add_scatter(
            x=[number + aside for number in range(len(groups))],
            y=rates,
            error_y={
                "array": [high - rate for (_, high), rate in zip(ends, rates, strict=True) if rate is not None],
                "arrayminus": [rate - low for (low, _), rate in zip(ends, rates, strict=True) if rate is not None],
            },
            mode="markers",
            name=side,
            marker={"color": color, "size": 8},
            hovertemplate=f"{side} %{{y:.3g}} %<extra></extra>",
        )
    named_places(figure, [f"{as_sent(name)}<br>{group.n:,} events" for name, group in groups])
    if len(intent.by_context) == 1:
        figure.update_xaxes(title=as_sent(next(iter(intent.by_context))))
    figure.update_yaxes(title="alert rate, %", rangemode="tozero")
    return floor.told(figure, [group for values in intent.by_context.values() for group in values], "value")


def _groups(by_context: Mapping[str, Sequence[Group]]) -> list[tuple[str, Group]]:
    """Return (label, group) of each value; the label names the attribute where there are several."""
    named = len(by_context) > 1
    return [
        (f"{name} = {group.name or '(none)'}" if named else group.name or "(none)", group)
        for name, groups in by_context.items()
        for group in groups
    ]


def _rate(group: Group, side: str, place: int) -> float | None:
    """In %."""
    alerts = getattr(group, side)
    return None if alerts is None else 100 * alerts[place] / group.n


def _interval(group: Group, side: str, place: int) -> tuple[float, float]:
    """In %."""
    low, high = wilson_interval(getattr(group, side)[place], group.n)
    return 100 * low, 100 * high
