"""A score's way, step by step: route, models, posterior correction, aggregation, transform; in words and in tables."""

from collections.abc import Mapping, Sequence
from typing import Any

from models_app.console.ui.page import TenantPage
from models_app.console.ui.panels import Box, Cell, Flow, Panel, Stage, Table, badge, link, number, several
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
    """Every route in order, and why it matched or not."""
    rows, result = [], PASSED
    for route in intent.routes:
        result = UNASKED if result in (MATCHED, UNASKED) else MATCHED if route.name == event["route"] else PASSED
        why = _failed(route, event["context"]) if result == PASSED else ""
        rows.append(
            [
                Cell(route.name),
                Cell(when_in_words(route)),
                several(Cell(result, kind="badge", tone="good" if result == MATCHED else "plain"), Cell(why)),
                Cell(f"{route.live.predictor}, transform {route.live.transform}"),
            ]
        )
    hint = "Routes are evaluated in order; the first match applies."
    return Table(["Route", "When", "This event", "Leads to"], rows, title="Route", hint=hint)


def models(event: Event) -> Panel:
    """Outputs before and after the posterior correction, and what they come to."""
    rows = [
        [
            Cell(each["model"]),
            number(each["output"], 6),
            Cell(f"{each['beta']:g}", kind="number"),
            number(each["corrected"], 6),
            Cell(f"{each['weight']:g}", kind="number"),
        ]
        for each in event["models"]
    ]
    together = AGGREGATIONS[event["aggregation"]]
    hint = f"{event['predictor']} aggregates them ({together}) into a probability of {event['probability']:.6g}."
    return Table(["Model", "Output", "β", "Corrected", "Weight"], rows, title="Model outputs", hint=hint)


def shadows(page: TenantPage, event: Event) -> Panel:
    """What was recorded beside the live score, and failed there."""
    rows = [
        [
            Cell(each["predictor"]),
            link(each["transform"], "transform", tenant=page.tenant.slug, transform=each["transform"]),
            Cell(", ".join(f"{model['model']} {_short(model['output'])}" for model in each["models"]) or "–"),
            number(each["probability"], 6),
            number(each["score"], 4),
            several(badge("failed"), Cell(each["error"])) if each["error"] else Cell("–"),
        ]
        for each in event["shadows"]
    ]
    headers = ["Predictor", "Transform", "Outputs", "Probability", "Score", "Why it failed"]
    hint = "Shadow scores are recorded and never returned."
    return Table(headers, rows, title="Shadows", empty="No shadow scored this event.", hint=hint)


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
    said = [f"reaches {_and(crossed)}"] if crossed else []
    said += [f"stays below {_and(below)}"] if below else []
    return f"The score {event['score']:.4f} {' and '.join(said)}." if said else f"The score is {event['score']:.4f}."


def _route(event: Event, intent: document.Intent) -> str:
    route = _matched(event, intent)
    return f"Route ‘{event['route']}’ matched ({_why(route, event['context'])}), where {event['predictor']} is live."


def _models(event: Event) -> str:
    given, models = _short(event["probability"]), event["models"]
    said = _and([f"{each['model']} gave {_short(each['output'])}" for each in models])
    changed = any(each["output"] != each["corrected"] for each in models)
    if len(models) == 1:
        return f"{said}{'; corrected for undersampling, that' if changed else ', which'} is a probability of {given}."
    corrected = _and([_short(each["corrected"]) for each in models])
    after = f", corrected for undersampling {corrected}" if changed else ""
    return f"{said}{after}; together ({AGGREGATIONS[event['aggregation']]}) a probability of {given}."


def _transform(event: Event, share: float | None) -> str:
    transform = event["transform"]
    said = f"Transform {transform['id']} maps that to {event['score']:.4f} on {transform['reference']}"
    return f"{said}, a score that {100 * share:.3g}\u202f% of events reach." if share is not None else f"{said}."


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
