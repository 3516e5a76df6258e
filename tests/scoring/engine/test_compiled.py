"""A compiled release: single events and batches give the same bits, and only what is needed is loaded and run."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.engine import document
from scoring.engine.compiled import CompiledRelease
from scoring.engine.correction import PosteriorCorrection
from scoring.engine.faults import Faults
from scoring.engine.mapping import QuantileMapping
from scoring.engine.onnx_model import ModelError, OnnxModel
from scoring.engine.predictor import RunnablePredictor
from tests.documents import EVENT, FEATURES, MAPPING_X, MAPPING_Y, Documents, simple
from tests.scoring.engine.strategies_events import any_events

DOCUMENTS = simple()
RELEASE = CompiledRelease(DOCUMENTS.build(), 7, DOCUMENTS.load_model)
contexts = st.sampled_from([{}, {"channel": "web"}, {"channel": "shop"}, {"channel": "phone"}])


def single(features: dict[str, Any], context: dict[str, Any]) -> Any:
    try:
        return RELEASE.score("card-payments", features, context)
    except Faults as error:
        return sorted(map(repr, error.faults))


@given(st.lists(st.tuples(any_events(FEATURES), contexts), min_size=1, max_size=12))
def test_score_batch__any_events__same_bits_and_faults_as_single(drawn: list[tuple[Any, Any]]) -> None:
    batch = RELEASE.score_batch("card-payments", [event for event, _ in drawn], [context for _, context in drawn])
    seen = set(batch.faults)
    for row, found in batch.faults.items():
        assert single(*drawn[row]) == sorted(map(repr, found))
    for group in batch.groups:
        for index, row in enumerate(group.rows):
            alone = single(*drawn[row])
            assert (group.route, group.predictor, group.transform) == (alone.route, alone.predictor, alone.transform)
            assert group.outputs[index].tolist() == alone.outputs
            assert group.probability[index] == alone.probability
            assert group.score[index] == alone.score
            seen.add(row)
    assert seen == set(range(len(drawn)))


@given(st.floats(0, 1e6), st.integers(0, 23))
def test_score__one_model__is_correction_then_mapping(amount: float, hour: int) -> None:
    scored = RELEASE.score("card-payments", EVENT | {"amount": amount, "hour": hour}, {})
    (output,) = scored.outputs
    assert scored.probability == PosteriorCorrection(0.2).one(output)
    assert scored.score == QuantileMapping(MAPPING_X, MAPPING_Y).one(scored.probability)


def test_score__unknown_intent__is_a_key_error() -> None:
    with pytest.raises(KeyError):
        RELEASE.score("loans", EVENT, {})


def test_compile__shadows__are_loaded_only_when_asked_for() -> None:
    documents = Documents()
    live, shadow = documents.model(["amount"], [0.1], name="m@1"), documents.model(["amount"], [0.2], name="m@2")
    documents.predictor("live@1", document.Member(live))
    documents.predictor("shadow@1", document.Member(live), document.Member(shadow))
    documents.transform(1)
    target = document.Target("shadow@1", 1)
    documents.intent("i", document.Route("all", document.Target("live@1", 1), shadows=(target,)))
    release = CompiledRelease(documents.build(), 1, documents.load_model)
    release.warm_up()
    assert documents.loaded == [documents.models[live].digest]
    columns, _ = release.intents["i"].encoder.many([EVENT])
    outputs, probability, score = release.target(target).many(columns)
    assert outputs.shape == (1, 2)
    assert probability.shape == score.shape == (1,)
    assert documents.models[shadow].digest in documents.loaded
    assert release.target(target) is release.target(target)


class CountingModel(OnnxModel):
    runs = 0

    def one(self, vector: Any) -> float:
        self.runs += 1
        return super().one(vector)

    def many(self, matrix: Any) -> Any:
        self.runs += 1
        return super().many(matrix)


def test_predictor__model_needed_twice_in_a_request__runs_once() -> None:
    documents = Documents()
    key = documents.model(["amount"], [0.1])
    model = CountingModel(documents.contents[documents.models[key].digest], 1)
    models = {key: (documents.models[key], model)}
    recipes = [document.Predictor((document.Member(key, beta),)) for beta in (1.0, 0.5)]
    predictors = [RunnablePredictor(recipe, models) for recipe in recipes]
    model.runs = 0
    ran: dict[str, Any] = {}
    first, second = (predictor.one({"amount": 1.0}, ran) for predictor in predictors)
    assert first[0] == second[0]
    assert first[1] > second[1]
    ran = {}
    for predictor in predictors:
        predictor.many({"amount": np.array([1.0, 2.0])}, ran)
    assert model.runs == 2


def test_score_batch__model_without_probability_for_a_row__refuses_that_row_only() -> None:
    class Failing(OnnxModel):
        def many(self, matrix: Any) -> Any:
            if bad := np.flatnonzero(matrix[:, 0] == 13.0).tolist():
                raise ModelError("the model gave nan", rows=bad)
            return super().many(matrix)

    documents = Documents()
    key = documents.model(["amount", "hour"], [0.1, 0.1])
    documents.predictor("p@1", document.Member(key))
    documents.transform(1)
    documents.intent("i", document.Route("all", document.Target("p@1", 1)))
    release = CompiledRelease(documents.build(), 1, lambda model: Failing(documents.contents[model.digest], 2))
    events = [EVENT | {"amount": amount} for amount in (1.0, 13.0, 2.0, 13.0)]
    batch = release.score_batch("i", events, [{}] * 4)
    assert set(batch.faults) == {1, 3}
    assert "gave nan" in batch.faults[1][0]["found"]
    assert [group.rows for group in batch.groups] == [[0, 2]]


def test_compile__model_that_does_not_load__raises() -> None:
    documents = simple()

    def load(model: document.Model) -> OnnxModel:
        return OnnxModel(b"no model", len(model.features))

    with pytest.raises(ModelError):
        CompiledRelease(documents.build(), 1, load)
