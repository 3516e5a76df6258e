"""The same recorded events by one release document or another: which target answers each, and with what score."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from models_app.fitting.replay import Replay
from models_app.services.attempts import CannotBeDone
from scoring.engine.document import Intent, ReleaseDocument, Target
from scoring.engine.mapping import QuantileMapping
from scoring.engine.probability import FloatArray
from scoring.engine.routing import first_match
from scoring.eventlog import reading

Say = Callable[[str], None]


class Recorded:
    """An intent's recorded events of [start, end), by event id, and what predictors give for them.

    A probability is the recorded one, live or of a shadow, else that of a replay; both have the same bits.
    """

    def __init__(
        self,
        tenant_id: int,
        intent: str,
        window: tuple[datetime, datetime],
        documents: Sequence[ReleaseDocument],
        say: Say,
    ) -> None:
        self._tenant_id, self._intent, self._window, self._say = tenant_id, intent, window, say
        self._documents = [each for each in documents if intent in each.intents]
        targets = [route.live for each in self._documents for route in each.intents[intent].routes]
        self._predictors = sorted({target.predictor for target in targets})
        named = {attribute.name for each in self._documents for attribute in each.intents[intent].context}
        self.context = sorted(named)
        self._version = reading.version(tenant_id, intent)  # of one moment, though events are written all the time
        self.table = reading.outcomes(tenant_id, intent, *window, self._predictors, self.context, self._version)
        self._known: dict[str, FloatArray] = {}

    def __len__(self) -> int:
        return 0 if self.table is None else len(self.table)

    def column(self, name: str) -> NDArray[Any]:
        """A column of the recorded events."""
        assert self.table is not None
        return np.asarray(self.table.column(name).to_numpy())

    def contexts(self) -> dict[str, NDArray[np.object_]]:
        """Values as text, "" where an event has none, of those attributes that any event has."""
        assert self.table is not None
        columns = {name: self.table.column(f"context.{name}") for name in self.context}
        return {
            name: np.asarray(pc.fill_null(column.cast(pa.string()), "").to_numpy(), dtype=object)
            for name, column in columns.items()
            if column.null_count < len(column)
        }

    def side(self, document: ReleaseDocument) -> tuple[FloatArray, FloatArray]:
        """Probabilities and scores (n,) of the events by this document."""
        intent = document.intents[self._intent]
        probability, score = np.empty(len(self)), np.empty(len(self))
        for target, rows in self._by_target(intent).items():
            transform = document.transforms[str(target.transform)]
            given = self._probability(target.predictor, document)[rows]
            probability[rows] = given
            score[rows] = QuantileMapping(transform.x, transform.y).many(given)
        return probability, score

    def _by_target(self, intent: Intent) -> Mapping[Target, NDArray[np.int64]]:
        """Which events each target answers. Contexts are few, so each is routed once."""
        if len(intent.routes) == 1:
            return {intent.routes[0].live: np.arange(len(self))}
        assert self.table is not None
        columns = [self.table.column(f"context.{name}").to_pylist() for name in self.context]
        rows: dict[tuple[Any, ...], list[int]] = {}
        for place, values in enumerate(zip(*columns, strict=True)):
            rows.setdefault(values, []).append(place)
        found: dict[Target, list[int]] = {}
        for values, places in rows.items():
            context = {name: value for name, value in zip(self.context, values, strict=True) if value is not None}
            found.setdefault(first_match(intent.routes, context).live, []).extend(places)
        return {target: np.array(sorted(places)) for target, places in found.items()}

    def _probability(self, predictor: str, document: ReleaseDocument) -> FloatArray:
        if predictor not in self._known:
            assert self.table is not None
            column = self.table.column(f"probability.{self._predictors.index(predictor)}")
            recorded = column.null_count == 0
            self._known[predictor] = column.to_numpy() if recorded else self._replayed(predictor, document)
        return self._known[predictor]

    def _replayed(self, key: str, document: ReleaseDocument) -> FloatArray:
        """All of them, so that an event is not half of the one and half of the other."""
        self._say(f"{self._intent}: replaying {len(self):,} events through {key}")
        replay = Replay(key, document.intents[self._intent].features, document.predictors[key], document.models)
        try:
            columns = ["event_id", *replay.types]
            table = reading.feature_table(
                self._tenant_id, self._intent, *self._window, columns, replay.types, self._version
            )
        except KeyError as error:
            raise CannotBeDone(
                f"{error.args[0]}; without it {key} cannot be replayed: make it a shadow first"
            ) from None
        table = table.sort_by("event_id")
        if not table.column("event_id").equals(self.column_of_ids()):
            raise CannotBeDone("events were written while they were read; have the evidence computed again")
        return replay.probabilities(table)

    def column_of_ids(self) -> pa.ChunkedArray:
        assert self.table is not None
        return self.table.column("event_id")
