"""A score's way, step by step: route, models, posterior correction, aggregation, transform; in words and in tables."""

from collections.abc import Mapping, Sequence
from typing import Any

from models_app.console.ui.page import TenantPage
from models_app.console.ui.panels import Box, Cell, Flow, Panel, Stage, badge, link, number, several
from models_app.console.ui.tables import Column, Table
from models_app.releases.words import when_in_words
from scoring.engine import document
from scoring.engine.routing import holds

Event = Mapping[str, Any]
AGGREGATIONS = {"mean": "mean", "logit_mean": "mean of the logits", "max": "the highest"}
MATCHED, PASSED, UNASKED = "matched", "did not match", "not evaluated"
BITS = "equal, bit for bit"


def in_words(event: Event, intent: document.Intent, share: float | None) -> str:
    """Why this score, in a few sentences."""
    return " ".join([_thresholds(event, intent), _route(event, intent), _models(event), _transform(event, share)])


def degraded_in_words(event: Event) -> str:
    """Why the live predictor did not answer, and what did."""
    degraded = event["degraded"]
    by = f"the previous predictor, {event['predictor']}," if degraded["by"] == "previous_predictor" else "a fixed score"
    return f"{_WHY[degraded['reason']]}; {by} answered, as the release declares. Fits and evidence leave the event out."


_WHY = {
    "error": "The live predictor did not run",
    "no_probability": "The live predictor gave no probability",
    "too_slow": "The live predictor was left alone, for it took too long",
}


def flow(event: Event, intent: document.Intent) -> Panel:
    """The way as a picture."""
    transform = event["transform"]
    models = [
        Box(Cell(each["model"]), f"{_short(each['output'])}, corrected {_short(each['corrected'])}")
        for each in event["models"]
    ]
    together = AGGREGATIONS[event["aggregation"]]
    kept = len(event["features"])
    return Flow(
        [
            Stage("Event", [Box(Cell(event["intent"]), f"{kept} features kept" if kept != 1 else "1 feature kept")]),
            Stage("Route", [Box(Cell(event["route"]), _why(_matched(event, intent), event["context"]))]),
            Stage("Models", models),
            Stage("Probability", [Box(Cell(_short(event["probability"])), f"{event['predictor']}: {together}")]),
            Stage(
                "Score",
                [Box(Cell(f"{event['score']:.4f}"), f"transform {transform['id']} to {transform['reference']}")],
            ),
        ]
    )


def routes(event: Event, intent: document.Intent) -> Panel:
    """Show every route in order, and why it matched or did not."""
    results = _results(event, intent)
    columns: Sequence[Column[document.Route]] = (
        Column("route", "Route", lambda route: Cell(route.name)),
        Column("when", "When", lambda route: Cell(when_in_words(route))),
        Column("result", "This event", lambda route: _result(route, results[route.name], event["context"])),
        Column("target", "Target", lambda route: Cell(f"{route.live.predictor}, transform {route.live.transform}")),
    )
    hint = "Routes are evaluated in order; the first match applies."
    return Table(columns, intent.routes, title="Route", hint=hint)


def _results(event: Event, intent: document.Intent) -> dict[str, str]:
    """Return by route's name whether it matched, did not match, or was not tried."""
    found, result = {}, PASSED
    for route in intent.routes:
        result = UNASKED if result in (MATCHED, UNASKED) else MATCHED if route.name == event["route"] else PASSED
        found[route.name] = result
    return found


def _result(route: document.Route, result: str, context: Mapping[str, Any]) -> Cell:
    why = _failed(route, context) if result == PASSED else ""
    return several(Cell(result, kind="badge", tone="good" if result == MATCHED else "plain"), Cell(why))


def models(event: Event) -> Panel:
    """Outputs before and after the posterior correction, and what they come to."""
    together = AGGREGATIONS[event["aggregation"]]
    hint = f"{event['predictor']} aggregates them ({together}) into a probability of {event['probability']:.6g}."
    return Table(MODELS, event["models"], title="Model outputs", hint=hint)


MODELS: Sequence[Column[Mapping[str, Any]]] = (
    Column("model", "Model", lambda each: Cell(each["model"])),
    Column("output", "Output", lambda each: number(each["output"], 6)),
    Column("beta", "β", lambda each: Cell(f"{each['beta']:g}", kind="number")),
    Column("corrected", "Corrected", lambda each: number(each["corrected"], 6)),
    Column("weight", "Weight", lambda each: Cell(f"{each['weight']:g}", kind="number")),
)


def shadows(page: TenantPage, event: Event) -> Panel:
    """What was recorded beside the live score, and failed there."""
    slug = page.tenant.slug
    columns: Sequence[Column[Mapping[str, Any]]] = (
        Column("predictor", "Predictor", lambda each: Cell(each["predictor"])),
        Column(
            "transform",
            "Transform",
            lambda each: link(each["transform"], "transform", tenant=slug, transform=each["transform"]),
        ),
        Column("outputs", "Outputs", _outputs),
        Column("probability", "Probability", lambda each: number(each["probability"], 6)),
        Column("score", "Score", lambda each: number(each["score"], 4)),
        Column("error", "Error", _error),
    )
    hint, empty = "Shadow scores are recorded and never returned.", "No shadow scored this event."
    return Table(columns, event["shadows"], title="Shadows", empty=empty, hint=hint)


def _outputs(shadow: Mapping[str, Any]) -> Cell:
    return Cell(", ".join(f"{model['model']} {_short(model['output'])}" for model in shadow["models"]) or "–")


def _error(shadow: Mapping[str, Any]) -> Cell:
    return several(badge("failed"), Cell(shadow["error"])) if shadow["error"] else Cell("–")


def recomputed(event: Event) -> Cell:
    """Whether the release gives the same again."""
    again, gone = event["recomputed"], "The release now gives another score: the machine or its libraries differ."
    if not again["equal"] or again["from_features"]["equal"] is False:
        return several(badge("failed"), Cell(gone))
    if again["from_features"]["equal"] is None:
        return Cell(
            f"{BITS}, from the models' outputs. Not recomputed from features: {again['from_features']['reason']}."
        )
    return Cell(f"{BITS}, from the features and from the models' outputs")


def _thresholds(event: Event, intent: document.Intent) -> str:
    crossed = [f"‘{each.name}’ ({each.score:g})" for each in intent.thresholds if event["score"] >= each.score]
    below = [f"‘{each.name}’ ({each.score:g})" for each in intent.thresholds if event["score"] < each.score]
    clauses = [f"reaches {_and(crossed)}"] if crossed else []
    clauses += [f"stays below {_and(below)}"] if below else []
    score = f"{event['score']:.4f}"
    return f"The score {score} {' and '.join(clauses)}." if clauses else f"The score is {score}."


def _route(event: Event, intent: document.Intent) -> str:
    route = _matched(event, intent)
    return f"Route ‘{event['route']}’ matched ({_why(route, event['context'])}), where {event['predictor']} is live."


def _models(event: Event) -> str:
    probability, models = _short(event["probability"]), event["models"]
    outputs = _and([f"{each['model']} gave {_short(each['output'])}" for each in models])
    changed = any(each["output"] != each["corrected"] for each in models)
    if len(models) == 1:
        link = "; corrected for undersampling, that" if changed else ", which"
        return f"{outputs}{link} is a probability of {probability}."
    corrected = _and([_short(each["corrected"]) for each in models])
    after = f", corrected for undersampling {corrected}" if changed else ""
    return f"{outputs}{after}; together ({AGGREGATIONS[event['aggregation']]}) a probability of {probability}."


def _transform(event: Event, share: float | None) -> str:
    transform = event["transform"]
    sentence = f"Transform {transform['id']} maps that to {event['score']:.4f} on {transform['reference']}"
    if share is None:
        return f"{sentence}."
    return f"{sentence}, a score that {100 * share:.3g}\u202f% of events reach."


def _matched(event: Event, intent: document.Intent) -> document.Route | None:
    return next((route for route in intent.routes if route.name == event["route"]), None)


def _why(route: document.Route | None, context: Mapping[str, Any]) -> str:
    if route is None or not route.when:
        return "it takes all events that no other route takes"
    return _and([f"{each} is {context.get(each, 'absent')}" for each in _attributes(route.when)])


def _failed(route: document.Route, context: Mapping[str, Any]) -> str:
    failed = _attributes([each for each in route.when if not holds(each, context)])
    return _and([f"{each} is {context.get(each, 'absent')}" for each in failed])


def _attributes(conditions: Sequence[document.Condition]) -> list[str]:
    return list(dict.fromkeys(each.attribute for each in conditions))


def _and(words: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


def _short(value: float) -> str:
    return f"{value:.4g}"
