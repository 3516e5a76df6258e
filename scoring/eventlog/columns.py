"""Records as Arrow tables: the columns of an event table, and the types that they have.

What all events have comes first, then `context_…` and `feature_…`, typed by the release that scored the event. Delta
would cast silently, so each value's type is checked here. When a feature's type changes from one release to the next,
its values go to a column of their own from then on, named after the type too: `feature_amount__integer`.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import pyarrow as pa
import structlog

from scoring.engine import document
from scoring.eventlog.record import EventRecord, LabelRecord

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

FEATURE_TYPES = {"number": pa.float64(), "integer": pa.int64(), "boolean": pa.bool_(), "category": pa.string()}
CONTEXT_TYPES = {"number": pa.float64(), "boolean": pa.bool_(), "string": pa.string()}
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


def column_name(prefix: str, name: str) -> str:
    """A name that Delta allows: other characters than letters, digits and _ become ~ and their code."""
    return f"{prefix}_" + re.sub(r"[^A-Za-z0-9_]", lambda match: f"~{ord(match[0]):x}", name)


def typed_name(prefix: str, name: str, type_name: str, wanted: pa.DataType, taken: Mapping[str, pa.DataType]) -> str:
    """The column for values of this type: the plain name, unless the table has it with another type."""
    plain = column_name(prefix, name)
    return plain if taken.get(plain, wanted) == wanted else f"{plain}__{type_name}"


def recorded_name(row: Mapping[str, Any], prefix: str, name: str, type_name: str = "") -> str | None:
    """The column of a recorded row that has the value of this name; None where there is none."""
    plain = column_name(prefix, name)
    if type_name and f"{plain}__{type_name}" in row and row[f"{plain}__{type_name}"] is not None:
        return f"{plain}__{type_name}"
    found = [column for column in row if column == plain or column.startswith(f"{plain}__")]
    return next((column for column in found if row[column] is not None), found[0] if found else None)


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
) -> pa.Table:
    """Events of one intent as a table. shadows: by place in `records`; intent_of: by release; existing: the table's."""
    taken = dict(existing)
    parts = []
    for release in sorted({record.release for record in records}):
        rows = [row for row, record in enumerate(records) if record.release == release]
        part = _part([records[row] for row in rows], [shadows.get(row) for row in rows], intent_of(release), taken)
        taken |= dict(zip(part.schema.names, part.schema.types, strict=True))
        parts.append(part)
    return pa.concat_tables(parts, promote_options="default")


def _part(
    records: Sequence[EventRecord],
    shadows: Sequence[Shadows | None],
    intent: document.Intent,
    taken: Mapping[str, pa.DataType],
) -> pa.Table:
    table = _table(_core(records, shadows), EVENT)
    for attribute in intent.context:
        kind = CONTEXT_TYPES[attribute.type]
        name = typed_name("context", attribute.name, attribute.type, kind, taken)
        table = table.append_column(name, _column(name, [each.context.get(attribute.name) for each in records], kind))
    for feature in kept_features(intent):
        kind = FEATURE_TYPES[feature.type]
        name = typed_name("feature", feature.name, feature.type, kind, taken)
        table = table.append_column(name, _column(name, [each.features.get(feature.name) for each in records], kind))
    return table


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
        "probability": [record.probability for record in records],
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
