"""Explaining a score: the recorded event, each step from the models' outputs to the score, and all of it anew."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import msgspec

from scoring.engine import document
from scoring.engine.aggregation import aggregation_from
from scoring.engine.compiled import CompiledRelease
from scoring.engine.correction import PosteriorCorrection
from scoring.engine.features import FeatureEncoder
from scoring.engine.mapping import QuantileMapping
from scoring.lake import reading
from scoring.models import Release
from scoring.store.artifacts import ModelSessions
from tenants.scope import tenant_scope

Row = Mapping[str, Any]


class UnknownRelease(LookupError):
    """The release that scored an event is not here, or cannot be read; `row` is what was recorded of the event."""

    def __init__(self, row: Row) -> None:
        super().__init__(f"the event is recorded, but release {row['release']}, which scored it, is not here")
        self.row = row


@dataclass(frozen=True)
class _Steps:
    """The steps from a predictor's outputs to its score, as the engine does them."""

    corrected: list[float]
    probability: float
    score: float


def explain_event(
    tenant_id: int, event_id: str, *, intent: str | None = None, day: date | None = None
) -> dict[str, Any] | None:
    """Everything that is known of one recorded event; None where there is none of this id.

    `recomputed` says whether the release gives the recorded probability and score again, bit for bit: from the
    recorded outputs, and from the recorded features where those that the models need were kept. Raises UnknownRelease.
    """
    row = reading.find_event(tenant_id, event_id, intent, day)
    if row is None:
        return None
    return explained(row, _document(tenant_id, row))


def explained(row: Row, content: document.ReleaseDocument) -> dict[str, Any]:
    """Explain an event that was found, by the document of the release that scored it."""
    return {
        **{name: row[name] for name in ("event_id", "intent", "occurred_at", "scored_at", "release", "route", "key")},
        "features": _values(row["features"], content.intents[row["intent"]].features),
        "context": _values(row["context"], content.intents[row["intent"]].context),
        **_explained(content, row),
        "degraded": row.get("degraded"),
        "shadows": [_shadow(content, shadow) for shadow in row["shadows"] or []],
        "label": row["label"],
        "others": row["others"],
    }


def _document(tenant_id: int, row: Row) -> document.ReleaseDocument:
    with tenant_scope(tenant_id):
        return document_of(tenant_id, row)


def document_of(tenant_id: int, row: Row) -> document.ReleaseDocument:
    """What scored an event, in the scope that there is. Raises UnknownRelease."""
    documents = Release.objects.filter(tenant_id=tenant_id, number=row["release"]).values_list("document", flat=True)
    try:
        return document.decode(documents.get())
    except (Release.DoesNotExist, document.DocumentError) as error:
        raise UnknownRelease(row) from error


def _explained(content: document.ReleaseDocument, row: Row) -> dict[str, Any]:
    if row["probability"] is None:
        return _fixed(content, row)
    steps = _steps(content, row["predictor"], row["transform"], row["outputs"])
    return {
        "predictor": row["predictor"],
        "aggregation": content.predictors[row["predictor"]].aggregation,
        "models": _models(content, row["predictor"], row["outputs"], steps.corrected),
        "probability": row["probability"],
        "transform": _transform(content, row["transform"], row["probability"]),
        "score": row["score"],
        "recomputed": {
            "probability": steps.probability,
            "score": steps.score,
            "equal": (steps.probability, steps.score) == (row["probability"], row["score"]),
            "from_features": _from_features(content, row),
        },
    }


def _fixed(content: document.ReleaseDocument, row: Row) -> dict[str, Any]:
    """A fixed score, which the release declares for events that no predictor of their route answers."""
    routes = content.intents[row["intent"]].routes
    declared = [each for route in routes if route.name == row["route"] for each in route.fallbacks or ()]
    score = next((each for each in declared if not isinstance(each, document.Target)), None)
    return {
        "predictor": row["predictor"],
        "aggregation": content.predictors[row["predictor"]].aggregation,
        "models": [],
        "probability": None,
        "transform": _transform(content, row["transform"], None),
        "score": row["score"],
        "recomputed": {
            "probability": None,
            "score": score,
            "equal": score == row["score"],
            "from_features": {"equal": None, "reason": "a fixed score answered in place of the predictor"},
        },
    }


def _steps(content: document.ReleaseDocument, predictor: str, transform: int, outputs: list[float]) -> _Steps:
    recipe, knots = content.predictors[predictor], content.transforms[str(transform)]
    corrected = [PosteriorCorrection(member.beta).one(y) for member, y in zip(recipe.members, outputs, strict=True)]
    weights = [member.weight for member in recipe.members]
    probability = aggregation_from(recipe.aggregation, weights).one(corrected)
    return _Steps(corrected, probability, QuantileMapping(knots.x, knots.y).one(probability))


def _models(
    content: document.ReleaseDocument, predictor: str, outputs: list[float], corrected: list[float]
) -> list[dict[str, Any]]:
    members = content.predictors[predictor].members
    return [
        {
            "model": member.model,
            "digest": content.models[member.model].digest,
            "output": output,
            "beta": member.beta,
            "corrected": after,
            "weight": member.weight,
        }
        for member, output, after in zip(members, outputs, corrected, strict=True)
    ]


def _transform(content: document.ReleaseDocument, number: int, probability: float | None) -> dict[str, Any]:
    """The transform, and the two knots between which the probability lies, where there is one."""
    transform = content.transforms[str(number)]
    place = 0 if probability is None else min(bisect_right(transform.x, probability), len(transform.x) - 1)
    around = slice(place - 1, place + 1) if place else slice(0)
    return {
        "id": number,
        "kind": transform.kind,
        "reference": transform.reference,
        "segment": {"x": transform.x[around], "y": transform.y[around]},
    }


def _shadow(content: document.ReleaseDocument, shadow: Row) -> dict[str, Any]:
    found = {name: shadow[name] for name in ("predictor", "transform", "probability", "score", "error")}
    if shadow["error"] is not None:
        return found | {"models": []}
    steps = _steps(content, shadow["predictor"], shadow["transform"], shadow["outputs"])
    return found | {"models": _models(content, shadow["predictor"], shadow["outputs"], steps.corrected)}


def _from_features(content: document.ReleaseDocument, row: Row) -> dict[str, Any]:
    """Run the models again. What stands in the way is the answer where they cannot be run."""
    try:
        outputs, probability, score = _run(content, row)
    except (ValueError, LookupError, OSError) as error:
        return {"equal": None, "reason": str(error.args[0] if error.args else error)}
    equal = (outputs, probability, score) == (row["outputs"], row["probability"], row["score"])
    return {"equal": equal, "outputs": outputs, "probability": probability, "score": score}


def _run(content: document.ReleaseDocument, row: Row) -> tuple[list[float], float, float]:
    intent = content.intents[row["intent"]]
    needed = {
        name for each in content.predictors[row["predictor"]].members for name in content.models[each.model].features
    }
    kept = needed if intent.keep_features == "all" else _named(intent) & needed
    if missing := sorted(name for name in needed if name not in kept or name not in row["features"]):
        raise LookupError(f"the intent does not keep these features: {', '.join(missing)}")
    encoder = FeatureEncoder(intent.features)
    values = {name: encoder.encode_column(name, [row["features"][name]]).item() for name in needed}
    bare = msgspec.structs.replace(content, intents={})  # loads what this target needs, and nothing else
    release = CompiledRelease(bare, row["release"], ModelSessions().load)
    return release.target(document.Target(row["predictor"], row["transform"])).one(values)


def _named(intent: document.Intent) -> set[str]:
    return set() if isinstance(intent.keep_features, str) else set(intent.keep_features)


def _values(
    recorded: Mapping[str, Any], parts: Sequence[document.Feature | document.ContextAttribute]
) -> dict[str, Any]:
    """What was recorded of these; those that were null, or not kept, are left out."""
    return {part.name: recorded[part.name] for part in parts if recorded.get(part.name) is not None}
