"""Records as Arrow tables: the columns of an event table, and the types that they have.

What all events have comes first, then `context_…` and `feature_…` (names.py says which of them has what), typed by the
release that scored the event. Delta would cast silently, so each value's type is checked here.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from math import isnan
from typing import Any

import msgspec
import pyarrow as pa
import structlog

from scoring.engine import document
from scoring.lake.names import TYPES, Prefix, column_to_write
from scoring.queue.record import EventRecord, LabelRecord, Value

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

_PYTHON_TYPES: Mapping[pa.DataType, frozenset[type]] = {
    pa.float64(): frozenset({int, float, type(None)}),
    pa.int64(): frozenset({int, type(None)}),
    pa.bool_(): frozenset({bool, type(None)}),
    pa.string(): frozenset({str, type(None)}),
}
_DAY = 86_400_000_000
_INT64 = 2**63

Shadows = list[dict[str, Any]]

log = structlog.get_logger(__name__)


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


def event_table(
    records: Sequence[EventRecord],
    shadows: Mapping[int, Shadows],
    intent_of: Callable[[int], document.Intent],
    existing: Mapping[str, pa.DataType],
    repeats: Collection[int] = (),
) -> pa.Table:
    """Events of one intent as a table. shadows: by place in `records`; intent_of: by release; existing: the table's.

    repeats: the places of those whose ids were answered otherwise before; a table has the column only for their sake,
    and `degraded` only for those that the live predictor did not answer. A fixed score has no probability: it is null.
    """
    taken = dict(existing)
    parts = []
    for release in sorted({record.release for record in records}):
        rows = [row for row, record in enumerate(records) if record.release == release]
        part = _part([records[row] for row in rows], [shadows.get(row) for row in rows], intent_of(release), taken)
        if any(row in repeats for row in rows):
            part = part.append_column(REPEAT, pa.array([row in repeats for row in rows]))
        if any(records[row].degraded for row in rows):
            found = [msgspec.to_builtins(records[row].degraded) for row in rows]
            part = part.append_column(DEGRADED, pa.array(found, DEGRADED.type))
        taken |= dict(zip(part.schema.names, part.schema.types, strict=True))
        parts.append(part)
    return pa.concat_tables(parts, promote_options="default")


def _part(
    records: Sequence[EventRecord],
    shadows: Sequence[Shadows | None],
    intent: document.Intent,
    taken: Mapping[str, pa.DataType],
) -> pa.Table:
    columns = _columns("context", intent.context, [each.context for each in records], taken)
    columns |= _columns(
        "feature", kept_features(intent), [each.features for each in records], {**taken, **_types(columns)}
    )
    table = _table(_core(records, shadows), EVENT)
    for name, column in columns.items():
        table = table.append_column(name, column)
    return table


def _columns(
    prefix: Prefix,
    parts: Iterable[document.Feature | document.ContextAttribute],
    sent: Sequence[Mapping[str, Value]],
    taken: Mapping[str, pa.DataType],
) -> dict[str, pa.Array]:
    """The values of these features or attributes by column, in a table that has the columns of `taken`."""
    columns: dict[str, pa.Array] = {}
    for part in parts:
        name = column_to_write(prefix, part.name, part.type, {**taken, **_types(columns)})
        columns[name] = _column(name, [each.get(part.name) for each in sent], TYPES[prefix][part.type])
    return columns


def _types(columns: Mapping[str, pa.Array]) -> dict[str, pa.DataType]:
    return {name: column.type for name, column in columns.items()}


def _core(records: Sequence[EventRecord], shadows: Sequence[Shadows | None]) -> dict[str, Any]:
    return {
        "event_id": [record.event_id for record in records],
        "occurred_at": [record.occurred_at for record in records],
        "scored_at": [record.scored_at for record in records],
        "day": [record.occurred_at // _DAY for record in records],
        "release": [record.release for record in records],
        "route": [record.route for record in records],
        "predictor": [record.predictor for record in records],
        "transform": [record.transform for record in records],
        "outputs": [record.outputs for record in records],
        "probability": [None if isnan(record.probability) else record.probability for record in records],
        "score": [record.score for record in records],
        "key": [record.key for record in records],
        "shadows": shadows,
    }


def _table(columns: Mapping[str, Any], schema: pa.Schema) -> pa.Table:
    return pa.table([pa.array(columns[field.name], field.type) for field in schema], schema=schema)


def kept_features(intent: document.Intent) -> Iterable[document.Feature]:
    """The features that the intent wants in its event log."""
    if intent.keep_features == "none":
        return []
    return [
        feature for feature in intent.features if intent.keep_features == "all" or feature.name in intent.keep_features
    ]


def _column(name: str, values: list[Any], kind: pa.DataType) -> pa.Array:
    """Values of one type. One that does not fit becomes null: better than to lose its event."""
    if set(map(type, values)) <= _PYTHON_TYPES[kind]:
        try:
            return pa.array(values, kind)
        except (pa.ArrowInvalid, OverflowError):  # an integer beyond 64 bits
            pass
    fitted = [_fitted(value, kind) for value in values]
    unfit = sum(was is not None and now is None for was, now in zip(values, fitted, strict=True))
    if unfit:
        log.error("Values that do not have their column's type are left out.", column=name, kind=str(kind), count=unfit)
    return pa.array(fitted, kind)


def _fitted(value: Any, kind: pa.DataType) -> Any:
    """A whole float is an integer, an integer is a float; else None."""
    if isinstance(value, float) and kind == pa.int64() and value.is_integer():
        value = int(value)
    if type(value) not in _PYTHON_TYPES[kind]:
        return None
    if kind == pa.float64() and value is not None:
        return float(value) if abs(value) < 1e308 or isinstance(value, float) else None
    return None if kind == pa.int64() and value is not None and not -_INT64 <= value < _INT64 else value
