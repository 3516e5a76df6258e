"""What scoring writes into its segment files for a batch that came in columns: one record for all of its events.

To write each event of it by itself would take longer than to score it. A reader gets the same records either way.
"""

from collections.abc import Mapping, Sequence
from itertools import repeat
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa

from scoring.engine.fallback import Degraded
from scoring.queue.record import EventRecord, LabelRecord, Record, Value

_FEATURE = "feature "  # before the names of features, so that none is taken for another column


class Taken(msgspec.Struct, frozen=True, array_like=True):
    """A route that events of a batch took, and what answered on it."""

    route: str
    predictor: str
    transform: int
    degraded: Degraded | None = None


class EventsRecord(msgspec.Struct, frozen=True, array_like=True, tag="b"):
    """Scored events of one request: what they have in common, and the rest in `columns`, an Arrow stream.

    `columns` has `event_id`, `occurred_at` (microseconds since 1970), `outputs`, `probability`, `score`, places in
    `taken` and in `contexts`, and the features as the client sent them; null in one of `optional` was not sent.
    """

    tenant: int
    intent: str
    scored_at: int
    release: int
    key: int
    taken: list[Taken]
    contexts: list[dict[str, Value]]
    optional: list[str]
    columns: memoryview


_encoder = msgspec.msgpack.Encoder()
_decoder: msgspec.msgpack.Decoder[Any] = msgspec.msgpack.Decoder(EventRecord | LabelRecord | EventsRecord)


# What damaged bytes lead to where they still look like a record: texts that are none, places and columns that are not.
_DAMAGED = (UnicodeDecodeError, LookupError, TypeError, ValueError, OSError, pa.ArrowException)


def encode(record: EventsRecord) -> bytes:
    return _encoder.encode(record)


def decode(payload: bytes) -> list[Record]:
    """The records of a payload of either kind. Raises msgspec.DecodeError for what is no record."""
    try:
        record = _decoder.decode(payload)
        found: list[Record] = [*_events(record)] if isinstance(record, EventsRecord) else [record]
    except msgspec.DecodeError:
        raise
    except _DAMAGED as error:
        raise msgspec.DecodeError(f"a record is damaged: {error}") from error
    return found


def stream(core: Mapping[str, Any], features: Mapping[str, pa.Array]) -> memoryview:
    """The `columns` of a record. core: arrays by name, all but the features."""
    arrays = {name: pa.array(each) for name, each in core.items()}
    arrays |= {_FEATURE + name: each for name, each in features.items()}
    batch = pa.RecordBatch.from_arrays(list(arrays.values()), names=list(arrays))
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema) as writer:
        writer.write_batch(batch)
    return memoryview(sink.getvalue())


def lists(outputs: Sequence[np.ndarray]) -> pa.Array:
    """Arrays (m, k) one after the other, each row of them as a list."""
    widths = np.concatenate([np.full(len(each), each.shape[1]) for each in outputs])
    ends = np.concatenate([[0], np.cumsum(widths)]).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(ends), pa.array(np.concatenate([each.ravel() for each in outputs])))


def _events(record: EventsRecord) -> list[EventRecord]:
    """One record for each event. Raises what _DAMAGED has for columns that are."""
    table = pa.ipc.open_stream(record.columns).read_all()
    table.validate(full=True)  # else damaged offsets would lead outside of it
    found = {name: _values(column) for name, column in zip(table.column_names, table.columns, strict=True)}
    features = _features(found, set(record.optional), table.num_rows)
    rows = zip(
        found["event_id"], found["occurred_at"], found["taken"], found["outputs"], found["probability"],
        found["score"], found["context"], features, strict=True,
    )  # fmt: skip
    return [
        EventRecord(
            record.tenant, record.intent, event_id, occurred_at, record.scored_at, record.release,
            record.taken[taken].route, record.taken[taken].predictor, record.taken[taken].transform,
            outputs, probability, score, record.contexts[context], own, record.key, record.taken[taken].degraded,
        )
        for event_id, occurred_at, taken, outputs, probability, score, context, own in rows
    ]  # fmt: skip


def _features(found: Mapping[str, list[Value]], optional: set[str], count: int) -> list[dict[str, Value]]:
    names = [name.removeprefix(_FEATURE) for name in found if name.startswith(_FEATURE)]
    columns = [found[_FEATURE + name] for name in names]
    rows = zip(*columns, strict=True) if columns else repeat((), count)
    events = [dict(zip(names, values, strict=True)) for values in rows]
    for name in optional.intersection(names):
        for event in events:
            if event[name] is None:
                del event[name]
    return events


def _values(column: pa.ChunkedArray) -> list[Any]:
    """As Python's own; numpy is quicker at that, and knows no null."""
    if column.null_count or not (pa.types.is_floating(column.type) or pa.types.is_integer(column.type)):
        return list(column.to_pylist())
    found: list[Any] = column.to_numpy().tolist()
    return found
