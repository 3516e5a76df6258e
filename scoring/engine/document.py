"""The release document: everything that one tenant is served with, in one self-contained JSON text.

Publishing compiles a tenant's configuration into this; scoring reads nothing else. A document is never edited:
a change makes a new one. Its digest is the SHA-256 of its canonical text (keys sorted, no white space), so two
documents are equal exactly when their digests are.
"""

import hashlib
from collections.abc import Collection
from typing import Literal

import msgspec
from msgspec import UNSET, UnsetType

from scoring.engine.earlier_documents import is_earlier, upgraded

FeatureType = Literal["number", "integer", "boolean", "category"]
Scalar = str | int | float | bool


class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What every part of a document has in common: immutable, and strict about names it does not know."""


class Feature(Part, frozen=True):
    """One input that a client sends; `minimum`, `maximum` are inclusive and in the feature's own unit."""

    name: str
    type: FeatureType = "number"
    required: bool = True
    nullable: bool = False
    minimum: float | None = None
    maximum: float | None = None
    categories: tuple[str, ...] = ()


class ContextAttribute(Part, frozen=True):
    """An attribute of the request that routing may look at; with `values`, only these are accepted."""

    name: str
    type: Literal["string", "number", "boolean"] = "string"
    required: bool = False
    values: tuple[str, ...] = ()


class Threshold(Part, frozen=True):
    """A decision boundary that the client declared: at `score` and above, its system does `action`."""

    name: str
    score: float
    action: str = "review"


class Condition(Part, frozen=True):
    """One test of a context attribute. Of `any_of` / `none_of` / `minimum` / `maximum`, all that are given must hold.

    A missing attribute meets only a condition of `none_of` alone.
    """

    attribute: str
    any_of: tuple[Scalar, ...] = ()
    none_of: tuple[Scalar, ...] = ()
    minimum: float | None = None
    maximum: float | None = None


class Target(Part, frozen=True):
    """What a route leads to: a predictor version by key (`cards@4`) and a transform by id."""

    predictor: str
    transform: int


class Route(Part, frozen=True):
    """An ordered rule: when every condition holds, `live` answers and `shadows` are recorded beside it.

    `fallbacks`: what answers where `live` fails, in this order: other targets, or a fixed score. Without any, which is
    not written, events are refused then.
    """

    name: str
    live: Target
    when: tuple[Condition, ...] = ()
    shadows: tuple[Target, ...] = ()
    fallbacks: tuple[Target | float, ...] | UnsetType = UNSET

    @property
    def answering(self) -> tuple[Target, ...]:
        """All targets that may answer: the live one, and those that it falls back to."""
        return self.live, *(each for each in self.fallbacks or () if isinstance(each, Target))

    @property
    def targets(self) -> tuple[Target, ...]:
        """All that it names: those that may answer, and the shadows."""
        return *self.answering, *self.shadows


class Intent(Part, frozen=True):
    """What a tenant wants scored.

    `keep_features`: "all", "none", or the names to keep in the event log.
    `idempotency_seconds`: a repeated event id within this time is one event.
    """

    features: tuple[Feature, ...]
    routes: tuple[Route, ...]
    context: tuple[ContextAttribute, ...] = ()
    thresholds: tuple[Threshold, ...] = ()
    keep_features: Literal["all", "none"] | tuple[str, ...] = "all"
    idempotency_seconds: int = 3600


class Model(Part, frozen=True):
    """A model version as serving needs it; the file is found by `digest` (SHA-256 of the ONNX bytes).

    Two versions may have the same file and give it another meaning: ONNX has no names for features, so their order is
    the version's. `single_rows`: how many equal rows one event is run as, so that it gives the same bits as in a batch.
    """

    digest: str
    features: tuple[str, ...]
    single_rows: int = 1


class Member(Part, frozen=True):
    """The part of a model, by its key (`cards-old@2`), in a predictor: correction by `beta` in (0, 1], `weight` > 0."""

    model: str
    beta: float = 1.0
    weight: float = 1.0


class Predictor(Part, frozen=True):
    """An immutable recipe: members, and how their corrected outputs become one probability."""

    members: tuple[Member, ...]
    aggregation: Literal["mean", "logit_mean", "max"] = "mean"


class Transform(Part, frozen=True):
    """A quantile mapping as knots: probability x to score y, both strictly increasing from 0 to 1."""

    kind: Literal["default", "custom"]
    reference: str
    x: tuple[float, ...]
    y: tuple[float, ...]


class ReleaseDocument(Part, frozen=True):
    """All that a tenant is served with.

    `models` and `predictors` by key, `transforms` by id (as text: JSON keys are), `intents` by name.
    """

    tenant: str
    intents: dict[str, Intent]
    predictors: dict[str, Predictor]
    transforms: dict[str, Transform]
    models: dict[str, Model]
    schema_version: Literal[2] = 2


_encoder = msgspec.json.Encoder(order="sorted")
_decoder = msgspec.json.Decoder(ReleaseDocument)


class DocumentError(ValueError):
    """A document that cannot be served; the message names the place in it and what was expected there."""


def encode(document: ReleaseDocument) -> bytes:
    """The canonical text of a document, the one that its digest is taken of."""
    return _encoder.encode(document)


def decode(text: bytes | str) -> ReleaseDocument:
    """Read a document, of this or an earlier schema version, and check that it can be served. Raises DocumentError."""
    try:
        document = _decoder.decode(upgraded(text))
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise DocumentError(f"Not a release document: {error}") from error
    check(document)
    return document


def from_plain(plain: object) -> ReleaseDocument:
    """Read a document from what JSON or YAML holds, and check that it can be served. Raises DocumentError."""
    try:
        if is_earlier(plain):
            return decode(msgspec.json.encode(plain))
        document = msgspec.convert(plain, ReleaseDocument)
    except (msgspec.MsgspecError, TypeError, OverflowError) as error:
        raise DocumentError(f"Not a release document: {error}") from error
    check(document)
    return document


def only(document: ReleaseDocument, intents: Collection[str]) -> ReleaseDocument:
    """The document cut down to some of its intents, and to what they are served with."""
    kept = {name: part for name, part in document.intents.items() if name in intents}
    routes = [route for part in kept.values() for route in part.routes]
    targets = {target for route in routes for target in route.targets}
    predictors = {target.predictor: document.predictors[target.predictor] for target in targets}
    members = {member.model for predictor in predictors.values() for member in predictor.members}
    return msgspec.structs.replace(
        document,
        intents=kept,
        predictors=predictors,
        transforms={str(target.transform): document.transforms[str(target.transform)] for target in targets},
        models={key: document.models[key] for key in members},
    )


def digest(text: bytes) -> str:
    """SHA-256 of canonical text, in hexadecimal."""
    return hashlib.sha256(text).hexdigest()


def check(document: ReleaseDocument) -> None:
    """Check what types cannot say: that every name which the document uses is defined in it. Raises DocumentError."""
    for key, predictor in document.predictors.items():
        _check_predictor(document, key, predictor)
    for name, intent in document.intents.items():
        _check_intent(document, name, intent)


def _check_predictor(document: ReleaseDocument, key: str, predictor: Predictor) -> None:
    if not predictor.members:
        raise DocumentError(f"predictors.{key}: has no members")
    for member in predictor.members:
        if member.model not in document.models:
            raise DocumentError(f"predictors.{key}: model {member.model} is not in models")
        if not 0 < member.beta <= 1:
            raise DocumentError(f"predictors.{key}: beta must be in (0, 1], found {member.beta}")
        if not 0 < member.weight < float("inf"):
            raise DocumentError(f"predictors.{key}: weight must be above 0, found {member.weight}")


def _check_intent(document: ReleaseDocument, name: str, intent: Intent) -> None:
    if not intent.routes or intent.routes[-1].when:
        raise DocumentError(f"intents.{name}.routes: the last route must have no conditions, so that all events match")
    attributes = {attribute.name for attribute in intent.context}
    for route in intent.routes:
        place = f"intents.{name}.routes.{route.name}"
        for condition in route.when:
            if condition.attribute not in attributes:
                raise DocumentError(f"{place}: '{condition.attribute}' is not a context attribute of the intent")
        for target in route.targets:
            _check_target(document, place, intent, target)
        for fixed in route.fallbacks or ():
            if not isinstance(fixed, Target) and not 0 <= fixed <= 1:
                raise DocumentError(f"{place}: a fixed score must be in [0, 1], found {fixed}")


def _check_target(document: ReleaseDocument, place: str, intent: Intent, target: Target) -> None:
    if target.predictor not in document.predictors:
        raise DocumentError(f"{place}: predictor {target.predictor} is not in predictors")
    if str(target.transform) not in document.transforms:
        raise DocumentError(f"{place}: transform {target.transform} is not in transforms")
    declared = {feature.name for feature in intent.features}
    for member in document.predictors[target.predictor].members:
        missing = [name for name in document.models[member.model].features if name not in declared]
        if missing:
            names = ", ".join(missing)
            raise DocumentError(f"{place}: model {member.model} needs features that the intent lacks: {names}")
