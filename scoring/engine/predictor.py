"""A predictor that runs: its models, their posterior corrections, the aggregation."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scoring.engine import document
from scoring.engine.aggregation import aggregation_from
from scoring.engine.correction import PosteriorCorrection
from scoring.engine.onnx_model import OnnxModel
from scoring.engine.probability import FloatArray

Models = Mapping[str, tuple[document.Model, OnnxModel]]
Ran = dict[str, Any]  # what models gave in this request, by their keys: a model that is needed twice runs once


class RunnablePredictor:
    """A predictor version of a release document, with its `models` by key. Raises ValueError for a bad recipe."""

    def __init__(self, predictor: document.Predictor, models: Models) -> None:
        self._members = [(member.model, *models[member.model]) for member in predictor.members]
        self._corrections = [PosteriorCorrection(member.beta) for member in predictor.members]
        self._aggregation = aggregation_from(predictor.aggregation, [member.weight for member in predictor.members])

    def one(self, values: Mapping[str, float], ran: Ran | None = None) -> tuple[list[float], float]:
        """One event, features by name: the models' outputs, in the members' order, and the probability."""
        outputs = [self._output_of_one(member, values, ran) for member in self._members]
        if len(outputs) == 1:  # of one there is nothing to aggregate
            return outputs, self._corrections[0].one(outputs[0])
        corrected = [correction.one(y) for correction, y in zip(self._corrections, outputs, strict=True)]
        return outputs, self._aggregation.one(corrected)

    def many(self, columns: Mapping[str, FloatArray], ran: Ran | None = None) -> tuple[FloatArray, FloatArray]:
        """n events, columns by name: outputs (n, k) of k members, and probabilities (n,)."""
        outputs = [self._output_of_many(member, columns, ran) for member in self._members]
        corrected = [correction.many(y) for correction, y in zip(self._corrections, outputs, strict=True)]
        return np.column_stack(outputs), self._aggregation.many(corrected)

    def _output_of_one(
        self, member: tuple[str, document.Model, OnnxModel], values: Mapping[str, float], ran: Ran | None
    ) -> float:
        key, model, onnx = member
        if ran is None or key not in ran:
            output = onnx.one([values[name] for name in model.features])
            if ran is None:
                return output
            ran[key] = output
        known: float = ran[key]
        return known

    def _output_of_many(
        self, member: tuple[str, document.Model, OnnxModel], columns: Mapping[str, FloatArray], ran: Ran | None
    ) -> FloatArray:
        key, model, onnx = member
        if ran is None or key not in ran:
            output = onnx.many(matrix(columns, model.features))
            if ran is None:
                return output
            ran[key] = output
        known: FloatArray = ran[key]
        return known


def matrix(columns: Mapping[str, FloatArray], names: Sequence[str]) -> NDArray[np.float64]:
    """Columns of n values as a matrix (n, F) in the order of `names`."""
    return np.stack([columns[name] for name in names], axis=1)
