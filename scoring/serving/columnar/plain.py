"""Batches of JSON that are plainly right, in columns: read by decoders that are made for an intent, schema and all."""

import re
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
import numpy as np
import pyarrow as pa

from scoring.engine import document
from scoring.engine.arrays import Contexts
from scoring.engine.compiled import CompiledIntent
from scoring.engine.features import Columns, RowFaults
from scoring.engine.probability import FloatArray
from scoring.serving.admission import pause, slices, weigh
from scoring.serving.columnar.events import EventArrays, with_new
from scoring.serving.columnar.pieces import SHORT, Pieces, pieces
from scoring.serving.requests import READ_EASE, occurrences
from tenants.strict_json import UNREADABLE


class Part(NamedTuple):
    """Some events, column by column; `contexts`: equal ones for those that have the same."""

    features: Columns
    contexts: Iterable[Hashable]
    ids: Iterable[str | None]
    times: Iterable[datetime | None]


@dataclass(frozen=True, slots=True)
class PlainBatch:
    """n events of one intent, whose features are as the engine takes them; None among `ids`, `times` was not sent."""

    name: str
    features: Columns
    contexts: Contexts
    ids: Sequence[str | None]
    times: Sequence[datetime | None]

    def __len__(self) -> int:
        return len(self.ids)

    def events(self, intent: CompiledIntent, now: int) -> EventArrays:
        """What is to be scored, and to be recorded."""
        faults: RowFaults = {}
        occurred = np.full(len(self), now)
        if any(self.times):
            times, faults = occurrences(self.times, now, {})
            occurred = np.array(times)
        ids = with_new(pa.array(self.ids, pa.string()), occurred)
        sent = _sent(intent.document.features, self.features)
        return EventArrays(ids, occurred, self.contexts, sent, (self.features, {}), faults)


class Form:
    """One way to send a batch: its rows stand in the field `rows`, and each is a `row`.

    `part` makes columns of some rows, `context` that which a part has named.
    """

    def __init__(
        self,
        rows: str,
        row: Any,
        part: Callable[[Sequence[Any]], Part],
        context: Callable[[Any], dict[str, Any]],
        **fields: Any,
    ) -> None:
        def batch(each: Any) -> msgspec.json.Decoder[Any]:
            named = [("intent", str), *fields.items(), ("rows", list[each])]  # type: ignore[valid-type]
            return msgspec.json.Decoder(
                msgspec.defstruct("Batch", named, rename={"rows": rows}, forbid_unknown_fields=True)
            )

        self._whole, self._raw, self._row = batch(row), batch(msgspec.Raw), msgspec.json.Decoder(row)
        self._list = msgspec.json.Decoder(list[row])
        self._begin = re.compile(rb'"%b"\s*:\s*\[' % rows.encode())
        self._part, self._context = part, context

    def read(self, body: bytes) -> tuple[Any, PlainBatch]:
        """The batch as it is sent, and in columns. Raises what msgspec raises for all that is not plainly right.

        A large one is read in slices, for to read it at once would hold up whoever waits for a single score.
        """
        batch, rows = self._taken_apart(body)
        weigh(len(rows))
        taken = (rows[places.start : places.stop] for places in slices(len(rows), READ_EASE))
        parts = [
            self._part([self._row.decode(each) if type(each) is msgspec.Raw else each for each in some])
            for some in taken
        ]
        return batch, self._together(batch.intent, parts or [self._part([])])

    def _taken_apart(self, body: bytes) -> tuple[Any, list[Any]]:
        """The batch, and its rows, which are still to be read where they could not be found by how they look."""
        if len(body) <= SHORT:
            batch = self._whole.decode(body)
            return batch, batch.rows
        if (found := pieces(body, self._begin)) is not None:
            with suppress(*UNREADABLE):
                return self._whole.decode(found.frame), [*self._rows(found)]
        batch = self._raw.decode(body)
        return batch, batch.rows

    def _rows(self, found: Pieces) -> Iterator[Any]:
        """Piece by piece, between which others have their turn; what they cost is counted with what is made of them."""
        for each in found.rows:
            yield from self._list.decode(each)
            pause(0)

    def _together(self, name: str, parts: Sequence[Part]) -> PlainBatch:
        features = {each: np.concatenate([part.features[each] for part in parts]) for each in parts[0].features}
        known: dict[Hashable, int] = {}
        places = [known.setdefault(each, len(known)) for part in parts for each in part.contexts]
        contexts = Contexts([self._context(each) for each in known], np.array(places, dtype=np.intp))
        ids = [each for part in parts for each in part.ids]
        times = [each for part in parts for each in part.times]
        return PlainBatch(name, features, contexts, ids, times)


def _sent(features: Iterable[document.Feature], columns: Columns) -> Mapping[str, pa.Array]:
    """Columns for the event log; without those that no event has."""
    kept = {each.name: _recorded(each, columns[each.name]) for each in features}
    return {name: column for name, column in kept.items() if column is not None}


def _recorded(feature: document.Feature, column: FloatArray) -> pa.Array | None:
    null = np.isnan(column) if feature.nullable or not feature.required else None
    if null is not None and null.all() and not feature.required:
        return None
    if feature.type == "number":
        return pa.array(column, mask=null)
    places = column if null is None else np.where(null, 0.0, column)
    if feature.type == "category":
        return pa.array(feature.categories, pa.string()).take(pa.array(places.astype(np.int64), mask=null))
    return pa.array(places.astype(np.int64 if feature.type == "integer" else np.bool_), mask=null)
