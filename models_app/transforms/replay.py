"""Recorded features through a predictor, as if it had been asked at the time."""

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa

from models_app.inputs.schema import takes_null
from models_app.work.lease import CannotBeDone
from scoring.engine import document
from scoring.engine.faults import Faults
from scoring.engine.features import FeatureEncoder
from scoring.engine.predictor import RunnablePredictor
from scoring.engine.probability import FloatArray
from scoring.store import artifacts


class Replay:
    """A predictor of a document on an intent's recorded features.

    `types`: the columns (`features.<name>`) that a table of events must have for it, by the type that they have now.
    Raises CannotBeDone for an intent without the features that the predictor needs.
    """

    def __init__(
        self, key: str, features: Sequence[document.Feature], predictor: document.Predictor,
        models: Mapping[str, document.Model],
    ) -> None:  # fmt: skip
        known = {feature.name: feature for feature in features}
        needed = {name for member in predictor.members for name in models[member.model].features}
        missing = sorted(needed - known.keys())
        if missing:
            raise CannotBeDone(f"the intent has no feature {', '.join(missing)}, which {key} needs")
        self._encoder = FeatureEncoder(tuple(features))
        self._names = sorted(needed)
        self._never_null = [name for name in self._names if not takes_null(known[name])]
        self.types = {f"features.{name}": known[name].type for name in self._names}
        parts = {member.model: models[member.model] for member in predictor.members}
        sessions = {key: (part, artifacts.open_model(part)) for key, part in parts.items()}
        self._predictor = RunnablePredictor(predictor, sessions)

    def probabilities(self, table: pa.Table) -> FloatArray:
        """One for each row of a table with the columns of `types`. Raises CannotBeDone for what was not kept."""
        if not len(table):
            return np.empty(0)
        columns = self._columns(table)
        self._check_recorded(columns)
        _, probability = self._predictor.many(columns)
        return probability

    def probabilities_where_kept(self, table: pa.Table) -> FloatArray:
        """As `probabilities`, but NaN for events of which a feature that is never null was not kept."""
        given = np.full(len(table), np.nan)
        if not len(table):
            return given
        columns = self._columns(table)
        kept = ~np.any([np.zeros(len(table), bool), *(np.isnan(columns[name]) for name in self._never_null)], axis=0)
        if kept.any():
            _, given[kept] = self._predictor.many({name: values[kept] for name, values in columns.items()})
        return given

    def _columns(self, table: pa.Table) -> dict[str, FloatArray]:
        return {name: self._encoded(name, table.column(f"features.{name}")) for name in self._names}

    def _encoded(self, name: str, column: pa.ChunkedArray) -> FloatArray:
        try:
            return self._encoder.encode_column(name, column.to_numpy())
        except Faults as error:
            fault = error.faults[0]
            raise CannotBeDone(
                f"{fault['field']}: expected {fault['expected']}, recorded is {fault['found']}; "
                "the intent's schema has changed since, choose a window after that"
            ) from None

    def _check_recorded(self, columns: Mapping[str, FloatArray]) -> None:
        for name in self._never_null:
            absent = int(np.isnan(columns[name]).sum())
            if absent:
                raise CannotBeDone(
                    f"features.{name} was not recorded for {absent:,} of {len(columns[name]):,} events of a day; "
                    "choose a window in which it was kept"
                )
