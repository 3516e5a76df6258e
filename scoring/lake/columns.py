"""Events and labels as Arrow tables: the columns of their tables, and the types that they have.

What all events have comes first, then `context_…` and `feature_…` (names.py says which of them has what), typed by the
release that scored the event.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa

from scoring.engine import document
from scoring.lake.events import Part, Places
from scoring.lake.names import Prefix, column_to_write
from scoring.queue.record import LabelRecord

TIME = pa.timestamp("us", tz="UTC")
SHADOW = pa.struct(
    [
        ("predictor", pa.string()),
        ("transform", pa.int64()),
        ("probability", pa.float64()),
        ("score", pa.float64()),
        ("outputs", pa.list_(pa.float64())),
        ("error", pa.string()),
    ]
)
EVENT = pa.schema(
    [
        ("event_id", pa.string()),
        ("occurred_at", TIME),
        ("scored_at", TIME),
        ("day", pa.date32()),
        ("release", pa.int32()),
        ("route", pa.string()),
        ("predictor", pa.string()),
        ("transform", pa.int64()),
        ("outputs", pa.list_(pa.float64())),
        ("probability", pa.float64()),
        ("score", pa.float64()),
        ("key", pa.int64()),
        ("shadows", pa.list_(SHADOW)),
    ]
)
_SHADOWS = EVENT.field("shadows").type
REPEAT = pa.field("repeat", pa.bool_())
DEGRADED = pa.field("degraded", pa.struct([("reason", pa.string()), ("by", pa.string())]))
LABEL = pa.schema(
    [
        ("event_id", pa.string()),
        ("label", pa.int32()),
        ("labelled_at", TIME),
        ("reported_at", TIME),
        ("day", pa.date32()),
        ("key", pa.int64()),
    ]
)

_DAY = 86_400_000_000


def label_table(records: Sequence[LabelRecord]) -> pa.Table:
    """Labels as a table, partitioned by the day of their report."""
    columns = {
        "event_id": [record.event_id for record in records],
        "label": [record.label for record in records],
        "labelled_at": [record.labelled_at for record in records],
        "reported_at": [record.reported_at for record in records],
        "day": [record.reported_at // _DAY for record in records],
        "key": [record.key for record in records],
    }
    return _table(columns, LABEL)


def event_table(parts: Sequence[Part], existing: Mapping[str, pa.DataType]) -> pa.Table:
    """Events of one intent as a table. existing: the columns that the table in the lake has.

    A table has the column `repeat` only for the sake of those that are repeats, and `degraded` only for those that the
    live predictor did not answer. A fixed score has no probability: it is null.
    """
    taken = dict(existing)
    tables = []
    for part in parts:
        tables.append(_part(part, taken))
        taken |= dict(zip(tables[-1].schema.names, tables[-1].schema.types, strict=True))
    return pa.concat_tables(tables, promote_options="default")


def shadow_lists(entries: Sequence[tuple[Places, pa.Array]], count: int) -> pa.Array:
    """The shadows of `count` events: a list for each, null where it has none.

    entries: of each target, at which of the events it was scored, and its entries there.
    """
    places = np.concatenate([where for where, _ in entries])
    lengths = np.bincount(places, minlength=count)
    values = pa.concat_arrays([found for _, found in entries]).take(pa.array(np.argsort(places, kind="stable")))
    offsets = pa.array(np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32))
    return pa.ListArray.from_arrays(offsets, values, type=_SHADOWS, mask=pa.array(lengths == 0))


def _part(part: Part, taken: Mapping[str, pa.DataType]) -> pa.Table:
    table = _table(_core(part), EVENT)
    known = dict(taken)
    for prefix, each, values in _sent(part):
        name = column_to_write(prefix, each.name, each.type, known)
        known[name] = values.type
        table = table.append_column(name, values)
    if part.repeats is not None and part.repeats.any():
        table = table.append_column(REPEAT, pa.array(part.repeats))
    if any(part.events.degraded):
        table = table.append_column(DEGRADED, pa.array(msgspec.to_builtins(part.events.degraded), DEGRADED.type))
    return table


def _sent(part: Part) -> Iterator[tuple[Prefix, document.Feature | document.ContextAttribute, pa.Array]]:
    """What clients sent, as far as the intent wants it kept."""
    for attribute in part.intent.context:
        yield "context", attribute, part.context[attribute.name]
    for feature in kept_features(part.intent):
        yield "feature", feature, part.features[feature.name]


def _core(part: Part) -> dict[str, Any]:
    events = part.events
    shadows = pa.nulls(len(events), _SHADOWS) if part.shadows is None else part.shadows
    own = {name: getattr(events, name) for name in EVENT.names if name not in ("day", "shadows")}
    probability = pa.array(events.probability, mask=np.isnan(events.probability))
    day = (events.occurred_at // _DAY).astype(np.int32)
    return {**own, "probability": probability, "day": day, "shadows": shadows}


def _table(columns: Mapping[str, Any], schema: pa.Schema) -> pa.Table:
    return pa.table([_array(columns[field.name], field.type) for field in schema], schema=schema)


def _array(values: Any, kind: pa.DataType) -> pa.Array:
    """Arrow makes a time of a whole number only where it is Python's own."""
    if isinstance(values, pa.Array):
        return values
    return pa.array(values).cast(kind) if isinstance(values, np.ndarray) else pa.array(values, kind)


def kept_features(intent: document.Intent) -> Iterable[document.Feature]:
    """The features that the intent wants in its event log."""
    if intent.keep_features == "none":
        return []
    return [
        feature for feature in intent.features if intent.keep_features == "all" or feature.name in intent.keep_features
    ]
