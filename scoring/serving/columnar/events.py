"""The columns of a stream as the events of one intent: ids, times, contexts and features, and their faults."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from scoring.engine.arrays import Contexts
from scoring.engine.arrow import given_of
from scoring.engine.compiled import CompiledIntent
from scoring.engine.faults import UNKNOWN_SHOWN, Fault, fault, listed
from scoring.engine.features import Columns, RowFaults
from scoring.engine.given import NOTHING, Given
from scoring.serving.columnar.stream import Stream
from scoring.serving.requests import EPOCH, EXPECTED, FUTURE, LATE_OR_EARLY, LONGEST_ID, invalid, one_intent
from scoring.serving.uuid7 import LENGTH, letters

_PER_SECOND = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}
_MICRO = 1_000_000


@dataclass(frozen=True, slots=True)
class EventArrays:
    """n events: `ids` (texts) and `occurred` (n,) in microseconds since 1970 have one for each, given or made.

    `sent`: the columns of features for the event log; `features`: the same for the engine, with what it found wrong in
    them. `faults`: those that are refused for something else.
    """

    ids: pa.Array
    occurred: NDArray[np.int64]
    contexts: Contexts
    sent: Mapping[str, pa.Array]
    features: tuple[Columns, RowFaults]
    faults: RowFaults


def intent_of(stream: Stream, named: str) -> str:
    """The one intent of all events, which the address may name (`named`). Raises Invalid."""
    column = stream.columns.get("intent")
    found = {each for each in (pc.unique(column).to_pylist() if column is not None else []) if each is not None}
    return one_intent(found, named)


def events_of(stream: Stream, intent: CompiledIntent, now: int) -> EventArrays:
    """The events of a stream, for this intent. Raises Invalid naming columns that none of its events can have."""
    sent = stream.below("features")
    given = _arrays(sent, intent.encoder.names)
    contexts = _arrays(stream.below("context"), [each.name for each in intent.document.context])
    if wrong := misfits(intent, given, contexts):
        raise invalid(wrong)
    faults: RowFaults = {}
    ids = _ids(stream, faults)
    occurred = _occurred(stream, now, faults)
    encoded = intent.encoder.arrays(given, stream.rows)
    return EventArrays(with_new(ids, occurred), occurred, _contexts(contexts, stream.rows), sent, encoded, faults)


def misfits(intent: CompiledIntent, features: Mapping[str, Given], attributes: Iterable[str]) -> list[Fault]:
    """What is wrong with whole columns: no event of the intent has them, or none can do without."""
    names = [each.name for each in intent.document.context]
    expected = f"no such attribute: the intent's are {listed(names)}"
    unknown = islice((each for each in attributes if each not in names), UNKNOWN_SHOWN)
    return intent.encoder.misfits(features) + [fault(f"context.{each[:80]}", expected, "a column") for each in unknown]


def _arrays(columns: Mapping[str, pa.Array], known: Collection[str]) -> dict[str, Given]:
    """Columns as arrays. Those that no event has are refused by their names, so that none is made of them.

    A column of nulls takes no bytes in a stream, whatever number of rows it has, and some in an array for each.
    """
    return {name: given_of(column) if name in known else NOTHING for name, column in columns.items()}


def _ids(stream: Stream, faults: RowFaults) -> pa.Array:
    """The ids that were sent; null where none was."""
    column = stream.columns.get("event_id")
    if column is None or pa.types.is_null(column.type):
        return pa.nulls(stream.rows, pa.string())
    lengths = np.asarray(pc.utf8_length(column).fill_null(1))
    for row in np.flatnonzero((lengths < 1) | (lengths > LONGEST_ID)).tolist():
        faults[row] = [fault("event_id", EXPECTED["event_id"], column[row].as_py())]
    return column


def _occurred(stream: Stream, now: int, faults: RowFaults) -> NDArray[np.int64]:
    """When each event occurred, in microseconds; `now` where that was not sent, or cannot be."""
    column = stream.columns.get("occurred_at")
    if column is None or pa.types.is_null(column.type):
        return np.full(stream.rows, now)
    ticks = np.asarray(column.cast(pa.int64()).fill_null(0))
    per_second = _PER_SECOND[column.type.unit]
    latest = (now + FUTURE) * per_second // _MICRO
    given = np.asarray(column.is_valid())
    for row in np.flatnonzero(given & ((ticks < 0) | (ticks > latest))).tolist():
        faults.setdefault(row, [fault("occurred_at", LATE_OR_EARLY, _shown(int(ticks[row]), per_second))])
    right = given & (ticks >= 0) & (ticks <= latest)
    held = np.where(right, ticks, 0)
    times = held // (per_second // _MICRO) if per_second > _MICRO else held * (_MICRO // per_second)
    return np.where(right, times, now)


def _shown(ticks: int, per_second: int) -> str:
    try:
        return str(EPOCH + timedelta(microseconds=ticks * _MICRO // per_second))
    except OverflowError:
        return f"{ticks} ticks since 1970"


def with_new(ids: pa.Array, occurred: NDArray[np.int64]) -> pa.Array:
    """The ids, with new ones where there is none."""
    if not ids.null_count:
        return ids
    lacking = np.flatnonzero(np.asarray(ids.is_null()))
    offsets = np.arange(len(lacking) + 1, dtype=np.int32) * LENGTH
    new = pa.StringArray.from_buffers(
        len(lacking), pa.py_buffer(offsets), pa.py_buffer(letters(occurred[lacking]).tobytes())
    )
    return new if len(new) == len(ids) else pc.replace_with_mask(ids, ids.is_null(), new)


def _contexts(given: Mapping[str, Given], rows: int) -> Contexts:
    """The contexts that occur. Null is what was not sent."""
    places = np.zeros(rows, dtype=np.int64)
    for column in given.values():
        # Each step tells apart what all columns so far do; its numbers stay below that of rows.
        own = column.values if column.names is not None else _numbered(column.values)
        own = own + 1 if column.null is None else np.where(column.null, 0, own + 1)
        places = _numbered(places * (rows + 1) + own)
    first = np.zeros(places.max(initial=-1) + 1, dtype=np.int64)
    first[places[::-1]] = np.arange(rows)[::-1]  # of equal places the last is kept, which is the first row
    return Contexts([_context(given, row) for row in first.tolist()], places)


def _numbered(values: NDArray[Any]) -> NDArray[np.int64]:
    """A number from 0 on for each distinct value, without gaps."""
    return np.asarray(pa.array(values).dictionary_encode().indices).astype(np.int64)


def _context(given: Mapping[str, Given], row: int) -> dict[str, object]:
    found = {name: column.at(row) for name, column in given.items()}
    return {name: value for name, value in found.items() if value is not None}
