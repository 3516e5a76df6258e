"""A release as scoring runs it: built once from its document, immutable, and the only thing that requests read."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from time import perf_counter
from typing import Any

import msgspec
import numpy as np

from scoring.engine import document
from scoring.engine.breaker import Limits
from scoring.engine.context import ContextSchema
from scoring.engine.fallback import Degraded, Ends, Path
from scoring.engine.faults import Fault, Faults
from scoring.engine.features import Columns, FeatureEncoder
from scoring.engine.mapping import QuantileMapping
from scoring.engine.onnx_model import ModelError, OnnxModel
from scoring.engine.plain import PlainFeatures
from scoring.engine.predictor import Ran, RunnablePredictor
from scoring.engine.probability import FloatArray
from scoring.engine.routing import first_match

LoadModel = Callable[[document.Model], OnnxModel]
Values = Mapping[str, Any]
USUAL_LIMITS = Limits()
Alike = list[tuple[Values, list[int]]]  # a context, and the rows of a batch that have it


class Scored(msgspec.Struct, frozen=True, gc=False):
    """One event's result; `outputs` are the models' own, before correction, in the predictor's order.

    `degraded`: that the live predictor did not answer. A fixed score then has no outputs, and NaN as its probability.
    """

    route: str
    predictor: str
    transform: int
    outputs: list[float]
    probability: float
    score: float
    degraded: Degraded | None = None


@dataclass(frozen=True, slots=True)
class ScoredRows:
    """Events of a batch that took the same route and were answered alike.

    `rows` are their places in it; `outputs` is (n, k); `degraded` as in Scored.
    """

    route: str
    predictor: str
    transform: int
    rows: list[int]
    outputs: FloatArray
    probability: FloatArray
    score: FloatArray
    degraded: Degraded | None = None


@dataclass(slots=True)
class ScoredBatch:
    """Every row of the batch is in one of `groups` or in `faults`."""

    groups: list[ScoredRows] = field(default_factory=list)
    faults: dict[int, list[Fault]] = field(default_factory=dict)


class CompiledTarget:
    """A predictor and a transform, ready to run."""

    def __init__(self, target: document.Target, predictor: RunnablePredictor, mapping: QuantileMapping) -> None:
        self.predictor = target.predictor
        self.transform = target.transform
        self._run = predictor
        self._mapping = mapping

    def one(
        self, values: Mapping[str, float], ran: Ran | None = None, ends: Ends | None = None
    ) -> tuple[list[float], float, float]:
        """One event: outputs, probability, score. Raises ModelError when a model gives no probability.

        `ends` is told when the models have ended, and when the transform has.
        """
        outputs, probability = self._run.one(values, ran)
        if ends is None:
            return outputs, probability, self._mapping.one(probability)
        ends.append(perf_counter())
        score = self._mapping.one(probability)
        ends.append(perf_counter())
        return outputs, probability, score

    def many(self, columns: Columns, ran: Ran | None = None) -> tuple[FloatArray, FloatArray, FloatArray]:
        """n events: outputs (n, k), probability (n,), score (n,). Raises ModelError with the rows it happened to."""
        outputs, probability = self._run.many(columns, ran)
        return outputs, probability, self._mapping.many(probability)


class CompiledRoute:
    """A route, with the `live` target and, where that fails, what else answers (`path`)."""

    def __init__(self, route: document.Route, answering: Sequence[CompiledTarget], limits: Limits) -> None:
        fixed = [each for each in route.fallbacks or () if not isinstance(each, document.Target)]
        self.name = route.name
        self.when = route.when
        self.live = answering[0]
        self.answering = answering
        self.path = Path(answering, fixed[0] if fixed else None, limits)


class CompiledIntent:
    """One intent: its schema and its routes. Single events and batches give the same bits and the same faults."""

    def __init__(self, intent: document.Intent, routes: Sequence[CompiledRoute]) -> None:
        self.document = intent
        self.encoder = FeatureEncoder(intent.features)
        self.context = ContextSchema(intent.context)
        self.routes = tuple(routes)

    @cached_property
    def plain(self) -> PlainFeatures:
        """Reads features that are plainly right; made when first asked for, by what serves."""
        return PlainFeatures(self.document.features)

    def score(self, features: Values | msgspec.Struct, context: Values, ends: Ends | None = None) -> Scored:
        """One event, its features as a client sent them or as `plain` has read them.

        Raises Faults for what the schema does not allow, ModelError when a model gives no probability.
        `ends` is told when the schema was held against it, the models have ended, and the transform has.
        """
        if isinstance(features, msgspec.Struct):
            values = self.plain.one(features)
            self.context.check(context)
        else:
            values = self._checked(features, context)
        if ends is not None:
            ends.append(perf_counter())
        route = first_match(self.routes, context)
        by, outputs, probability, score, degraded = route.path.one(values, ends)
        return Scored(route.name, by.predictor, by.transform, outputs, probability, score, degraded)

    def score_batch(self, features: Sequence[Values], contexts: Sequence[Values]) -> ScoredBatch:
        """Events column by column; `features` and `contexts` are n long. Bad rows become faults of the batch."""
        columns, faults = self.encoder.many(features)
        alike = _alike(contexts)
        for context, rows in alike:
            if found := self.context.faults(context):
                faults.update({row: faults.get(row, []) + found for row in rows})
        batch = ScoredBatch(faults=faults)
        for route, rows in self._by_route(alike, faults):
            _run_rows(route, columns, rows, batch)
        return batch

    def warm_up(self) -> None:
        """A real call to all that may answer, single and batch. Raises ModelError."""
        sample = self.encoder.sample()
        columns = {name: np.array([value, value]) for name, value in sample.items()}
        for route in self.routes:
            for target in route.answering:
                target.one(sample)
                target.many(columns)

    def _checked(self, features: Values, context: Values) -> dict[str, float]:
        faults: list[Fault] = []
        values: dict[str, float] = {}
        try:
            values = self.encoder.one(features)
        except Faults as error:
            faults = error.faults
        faults = faults + self.context.faults(context)
        if faults:
            raise Faults(faults)
        return values

    def _by_route(self, alike: Alike, faults: Mapping[int, Any]) -> list[tuple[CompiledRoute, list[int]]]:
        """The rows without faults by the route they take, each list in order."""
        groups: dict[str, tuple[CompiledRoute, list[int]]] = {}
        for context, rows in alike:
            if good := [row for row in rows if row not in faults] if faults else rows:
                route = first_match(self.routes, context)
                groups.setdefault(route.name, (route, []))[1].extend(good)
        return [(route, sorted(rows)) for route, rows in groups.values()]


class CompiledRelease:
    """A numbered release document with what runs it.

    `load_model(model)` gives the session of a model; only models that are asked for are loaded: those that may answer
    at once, those of shadows by `target`. `limits`: what predictors may do before they are left alone for a while.
    Raises ValueError (DocumentError, ModelError among them) when the release cannot be served.
    """

    def __init__(
        self, content: document.ReleaseDocument, number: int, load_model: LoadModel, limits: Limits = USUAL_LIMITS
    ) -> None:
        self.document = content
        self.number = number
        self._load_model = load_model
        self._limits = limits
        self._targets: dict[document.Target, CompiledTarget] = {}
        self.intents = {name: self._intent(intent) for name, intent in content.intents.items()}

    def score(self, intent: str, features: Values, context: Values) -> Scored:
        """One event. Raises KeyError for an unknown intent, Faults, ModelError."""
        return self.intents[intent].score(features, context)

    def score_batch(self, intent: str, features: Sequence[Values], contexts: Sequence[Values]) -> ScoredBatch:
        """A batch of n events. Raises KeyError for an unknown intent."""
        return self.intents[intent].score_batch(features, contexts)

    def target(self, target: document.Target) -> CompiledTarget:
        """What a live target or a shadow runs; built when first asked for."""
        if target not in self._targets:
            self._targets[target] = self._compile(target)
        return self._targets[target]

    def warm_up(self) -> None:
        """A real call to all that may answer. Raises ModelError."""
        for intent in self.intents.values():
            intent.warm_up()

    def _intent(self, intent: document.Intent) -> CompiledIntent:
        routes = [(route, [self.target(each) for each in route.answering]) for route in intent.routes]
        return CompiledIntent(intent, [CompiledRoute(*each, self._limits) for each in routes])

    def _compile(self, target: document.Target) -> CompiledTarget:
        predictor = self.document.predictors[target.predictor]
        models = {}
        for member in predictor.members:
            model = self.document.models[member.model]
            models[member.model] = (model, self._load_model(model))
        transform = self.document.transforms[str(target.transform)]
        return CompiledTarget(target, RunnablePredictor(predictor, models), QuantileMapping(transform.x, transform.y))


def _alike(contexts: Sequence[Values]) -> Alike:
    """Each context that occurs, with the rows that have it: most events of a batch share a few.

    By their texts, which tell 1 from 1.0 and from true, and any value from any other.
    """
    rows: dict[str, list[int]] = {}
    for row, text in enumerate(map(repr, contexts)):
        rows.setdefault(text, []).append(row)
    return [(contexts[each[0]], each) for each in rows.values()]


def _run_rows(route: CompiledRoute, columns: Columns, rows: list[int], batch: ScoredBatch) -> None:
    """Run these rows; those for which no predictor gives a probability become faults."""
    found = route.path.many(columns, np.array(rows, dtype=np.intp))
    batch.faults.update({row: [no_probability(error)] for row, error in found.errors.items()})
    for part in found.parts:
        answer = part.outputs, part.probability, part.score, part.degraded
        batch.groups.append(ScoredRows(route.name, part.predictor, part.transform, part.rows.tolist(), *answer))


def no_probability(error: ModelError) -> Fault:
    """What a client is told when a model fails on its event."""
    return {"field": "features", "expected": "values for which the model gives a probability", "found": str(error)}
