"""What moves behind the score: the probability, and the transforms that it goes through."""

from collections.abc import Iterator

import plotly.graph_objects as go

from models_app.figures.language import AFTER, BEFORE, as_sent, sides, titled
from models_app.statistics.evidence.findings import IntentEvidence
from scoring.engine.document import ReleaseDocument, Target, Transform

_MOST_KNOTS = 1_000  # that are drawn of a transform
_DASHES = ("solid", "dash", "dot", "dashdot")


def figures(intent: IntentEvidence) -> Iterator[tuple[str, go.Figure | None]]:
    yield "probability", _movement(intent)


def _movement(intent: IntentEvidence) -> go.Figure | None:
    """How the probability moves: it does with the model, where the score may not."""
    movement = intent.movement
    if movement is None:
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
