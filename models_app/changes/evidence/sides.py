"""The same recorded events by one release document or another: which target answers each, and with what score."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from models_app.transforms.replay import Replay
from models_app.work.lease import CannotBeDone
from scoring.engine.document import ReleaseDocument, Target
from scoring.engine.mapping import QuantileMapping
from scoring.engine.probability import FloatArray
from scoring.engine.routing import first_match
from scoring.lake import reading
from scoring.lake.sampling import Sample

Say = Callable[[str], None]


class Recorded:
    """An intent's recorded events of [start, end), by event id, and what predictors give for them.

    A probability is the recorded one, live or of a shadow, else that of a replay; both have the same bits. Where there
    are more than `limit` events, it is about so many of the `total`, chosen by their ids and `seed`. `kept`:
    columns to read besides, as in `reading.outcomes`.
    """

    def __init__(
        self,
        tenant_id: int,
        intent: str,
        window: tuple[datetime, datetime],
        documents: Sequence[ReleaseDocument],
        say: Say,
        *,
        limit: int,
        seed: str,
        kept: Mapping[str, tuple[str, str]] = reading.NOTHING,
    ) -> None:
        self._tenant_id, self._intent, self._window, self._say = tenant_id, intent, window, say
        self._documents = [each for each in documents if intent in each.intents]
        targets = [route.live for each in self._documents for route in each.intents[intent].routes]
        self._predictors = sorted({target.predictor for target in targets})
        attributes = [attribute for each in self._documents for attribute in each.intents[intent].context]
        types = {attribute.name: attribute.type for attribute in attributes}
        self.context = sorted(types)
        self._version = reading.version(tenant_id, intent)  # of one moment, though events are written all the time
        self.total = reading.count_events(tenant_id, intent, *window)
        self._sample = Sample(seed, limit / self.total) if self.total > limit else None
        self.table = reading.outcomes(
            tenant_id,
            intent,
            *window,
            self._predictors,
            {name: types[name] for name in self.context},
            self._sample,
            self._version,
            kept,
        )
        if self._sample is not None:
            say(f"{intent}: of {self.total:,} events {len(self):,} are drawn (MUSE_EVIDENCE_LIMIT is {limit:,})")
        self._known: dict[str, FloatArray] = {}
        self._lacking = ""

    def __len__(self) -> int:
        return 0 if self.table is None else len(self.table)

    @property
    def is_sample(self) -> bool:
        return self._sample is not None

    def with_traffic(self) -> tuple[datetime, datetime]:
        """The window, from the intent's first event ever where that lies in it."""
        start, end = self._window
        first = reading.first_event_at(self._tenant_id, self._intent, self._version)
        return (start if first is None else min(max(start, first), end)), end

    def column(self, name: str) -> NDArray[Any]:
        """A column of the recorded events."""
        assert self.table is not None
        return np.asarray(self.table.column(name).to_numpy())

    def values(self, name: str) -> pa.Array:
        """A column of the recorded events with its nulls."""
        assert self.table is not None
        return self.table.column(name).combine_chunks()

    def contexts(self) -> dict[str, NDArray[np.object_]]:
        """Values as text, "" where an event has none, of those attributes that any event has."""
        assert self.table is not None
        columns = {name: self.table.column(f"context.{name}") for name in self.context}
        return {
            name: np.asarray(pc.fill_null(column.cast(pa.string()), "").to_numpy(), dtype=object)
            for name, column in columns.items()
            if column.null_count < len(column)
        }

    def side(self, document: ReleaseDocument, *, replayed: bool = True) -> tuple[FloatArray, FloatArray]:
        """Probabilities and scores (n,) of the events by this document; NaN for those whose features were not kept.

        Raises CannotBeDone where that is so for all of them. Not `replayed`: NaN, too, where nothing was recorded.
        """
        probability, score = np.empty(len(self)), np.empty(len(self))
        for target, rows in self.by_target(document).items():
            transform = document.transforms[str(target.transform)]
            given = self._probability(target.predictor, document, rows, replayed)
            probability[rows], score[rows] = given, np.nan
            known = rows[~np.isnan(given)]
            score[known] = QuantileMapping(transform.x, transform.y).many(probability[known])
        if replayed and np.isnan(probability).all():
            raise CannotBeDone(f"{self._lacking}: make it a shadow first, or choose a window in which it was kept")
        return probability, score

    def shares(self, document: ReleaseDocument) -> dict[int, float]:
        """Of the events, by the transform that answers them by this document."""
        found: dict[int, float] = {}
        for target, rows in self.by_target(document).items():
            found[target.transform] = found.get(target.transform, 0.0) + len(rows) / len(self)
        return found

    def by_target(self, document: ReleaseDocument) -> Mapping[Target, NDArray[np.int64]]:
        """Which events each live target of this document answers. Contexts are few, so each is routed once."""
        intent = document.intents[self._intent]
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

    def _probability(
        self, predictor: str, document: ReleaseDocument, rows: NDArray[np.int64], replayed: bool
    ) -> FloatArray:
        """As it was recorded for these rows, else as it is replayed; NaN where neither can be."""
        if predictor not in self._known:
            assert self.table is not None
            column = self.table.column(f"probability.{self._predictors.index(predictor)}")
            self._known[predictor] = np.array(column.to_numpy(), dtype=np.float64)  # null is NaN
        known = self._known[predictor]
        missing = rows[np.isnan(known[rows])]
        if replayed and len(missing):
            known[missing] = self._replayed(predictor, document, missing)
        return known[rows]

    def _replayed(self, key: str, document: ReleaseDocument, rows: NDArray[np.int64]) -> FloatArray:
        """NaN for events of which a feature that it needs was not kept."""
        assert self.table is not None
        self._say(f"{self._intent}: replaying {len(rows):,} events through {key}")
        replay = Replay(key, document.intents[self._intent].features, document.predictors[key], document.models)
        columns = ["event_id", *replay.types]
        window, ids = self._window, self.table.column("event_id").take(pa.array(rows))
        try:
            table = reading.feature_table(
                self._tenant_id, self._intent, *window, columns, replay.types, self._sample, self._version
            )
        except KeyError as error:
            self._lacking = f"{error.args[0]}; without it {key} cannot be replayed"
            return np.full(len(rows), np.nan)
        # By their ids: more events may have come in since the others were read.
        place = pc.index_in(ids, value_set=table.column("event_id").combine_chunks())
        given = replay.probabilities_where_kept(table.take(place))
        self._lacking = f"what {key} needs was not recorded for {int(np.isnan(given).sum()):,} events"
        return given
