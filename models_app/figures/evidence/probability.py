"""What moves behind the score: the probability, and the transforms that it goes through."""

from collections.abc import Iterator

import plotly.graph_objects as go

from models_app.figures.evidence import floor
from models_app.figures.language import AFTER, BEFORE, PLAIN, REFERENCE, as_sent, by_day, sides, titled
from models_app.statistics.evidence.findings import IntentEvidence, Risk
from scoring.engine.document import ReleaseDocument, Target, Transform

_MOST_KNOTS = 1_000  # that are drawn of a transform
_DASHES = ("solid", "dash", "dot", "dashdot")
_FITTED, _SEEN, _CHANCE = {"color": REFERENCE}, {"color": BEFORE}, {"color": PLAIN, "dash": "dash"}


def figures(intent: IntentEvidence) -> Iterator[tuple[str, go.Figure | None]]:
    yield "probability", _movement(intent)
    for risk in intent.risks:
        if risk.fitted:
            named = f"{risk.side} transform {risk.transform}"
            yield f"risk: {named}", _risk(risk, named)
            yield f"risk by day: {named}", _risk_by_day(risk, named)
            yield f"distance by day: {named}", _distance_by_day(risk, named)


def _risk(risk: Risk, named: str) -> go.Figure:
    """What the transform was fitted on, beside the events of the window, under the same predictor."""
    figure = titled(f"Probability under {risk.predictor}, beside what {named} was fitted on")
    shares = [100 * rate for rate in risk.rates]
    for name, values, line in (("fitting sample", risk.fitted, _FITTED), ("these events", risk.seen, _SEEN)):
        shown = f"{name}: %{{x:.3g}} % have %{{y:.4g}} or more<extra></extra>"
        figure.add_scatter(x=shares, y=values, name=name, mode="lines", line=line, hovertemplate=shown)
    means = "" if risk.fitted_mean is None else f" instead of {risk.fitted_mean:.3g} when it was fitted"
    figure.update_layout(meta={"says": f"Their mean is {risk.mean:.3g}{means}."})
    figure.update_xaxes(type="log", dtick=1, autorange="reversed", title="share of events with probability ≥ p, %")
    return figure.update_yaxes(type="log", dtick=1, tickformat="~g", title="probability")


def _risk_by_day(risk: Risk, named: str) -> go.Figure:
    """How many events each day has at or above the thresholds' probabilities, beside the fitting sample."""
    figure, counted = titled(f"Events above the thresholds' probabilities, by day, {named}"), floor.shown(risk.by_day)
    days = [day.name for day in counted]
    for place, each in enumerate(risk.thresholds):
        shares, dash = [100 * day.above[place] / day.n for day in counted], _DASHES[place % len(_DASHES)]
        name = as_sent(each.name)
        words = f"{name}, %{{x}}: %{{y:.3g}} %<extra></extra>"
        line = {**_SEEN, "dash": dash}
        figure.add_scatter(x=days, y=shares, name=name, mode="lines", line=line, hovertemplate=words)
        mark = {**_FITTED, "dash": "dot", "width": 1}
        words = f"{name}, when fitted"
        figure.add_hline(100 * each.fitted, line=mark, annotation_text=words, annotation_position="top left")
    by_day(figure, days).update_yaxes(title="share of events, %", rangemode="tozero")
    return floor.told(figure, risk.by_day, "day")


def _distance_by_day(risk: Risk, named: str) -> go.Figure:
    """Each day's distance from the fitting sample, beside what chance alone stays below."""
    figure, counted = titled(f"Distance from the fitting sample (KS), by day, {named}"), floor.shown(risk.by_day)
    days, floors = [day.name for day in counted], [day.floor for day in counted]
    lines = (("distance", [day.distance for day in counted], _SEEN), ("chance", floors, _CHANCE))
    for name, values, line in lines:
        if None not in values:
            words = f"{name}, %{{x}}: %{{y:.3g}}<extra></extra>"
            figure.add_scatter(x=days, y=values, name=name, mode="lines", line=line, hovertemplate=words)
    by_day(figure, days).update_yaxes(title="largest difference of shares", rangemode="tozero")
    return floor.told(figure, risk.by_day, "day")


def _movement(intent: IntentEvidence) -> go.Figure | None:
    """How the probability moves with the model, on the same events; nothing where it is the same predictor."""
    movement = intent.movement
    if movement is None or movement.before == movement.after:
        return None
    quantiles = {"before": movement.before, "after": movement.after}
    rarer = [100 * (1 - level) for level in movement.levels]
    figure = sides("Probability by percentile", rarer, quantiles, "%{x:.3g} % have %{y:.4g} or more")
    means = "" if movement.mean_before is None else f" instead of {movement.mean_before:.3g}"
    figure.update_layout(meta={"says": f"Its mean is {movement.mean_after:.3g}{means}."})
    figure.update_xaxes(type="log", dtick=1, autorange="reversed", title="share of events with probability ≥ p, %")
    return figure.update_yaxes(type="log", dtick=1, tickformat="~g", title="probability")


def mapping(intent: str, live: ReleaseDocument | None, proposed: ReleaseDocument) -> go.Figure | None:
    """The transforms that answer, before and after; several where routes differ."""
    figure = titled("Mapping of probability to score")
    for side, color, document in (("before", BEFORE, live), ("after", AFTER, proposed)):
        for number, target in enumerate(_targets(document, intent)):
            assert document is not None
            transform, dash = document.transforms[str(target.transform)], _DASHES[number % len(_DASHES)]
            name = side if number == 0 else f"{side}, transform {target.transform}"
            _curve(figure, name, target, transform, {"color": color, "dash": dash})
    if not figure.data:
        return None
    figure.update_xaxes(type="log", dtick=1, tickformat="~g", title="probability")
    return figure.update_yaxes(title="score")


def _targets(document: ReleaseDocument | None, intent: str) -> list[Target]:
    """What answers, each once, in the order of the routes."""
    routes = document.intents[intent].routes if document and intent in document.intents else ()
    return list(dict.fromkeys(route.live for route in routes))


def _curve(figure: go.Figure, name: str, target: Target, transform: Transform, line: dict[str, str]) -> None:
    step = -(-len(transform.x) // _MOST_KNOTS)
    x, y = list(transform.x[1::step]), list(transform.y[1::step])  # a log scale has no 0
    shown = f"{name}, {as_sent(target.predictor)}, transform {target.transform}: %{{x:.4g}} → %{{y:.4f}}<extra></extra>"
    marker = {"size": 3, "color": line["color"]}
    figure.add_scatter(x=x, y=y, name=name, mode="lines+markers", line=line, marker=marker, hovertemplate=shown)
