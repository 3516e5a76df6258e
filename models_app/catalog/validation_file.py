"""Reading a file of validation events: the features that a model takes, and what is known of each event besides."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from models_app.inputs import parquet
from models_app.inputs.columns import ColumnError, probabilities
from models_app.inputs.errors import invalid
from models_app.inputs.schema import takes_null
from models_app.inputs.tables import TableError, is_parquet, reading
from scoring.engine.columns import Column, column_of
from scoring.engine.document import Feature
from scoring.engine.probability import FloatArray

FIELD = "validation_events"
MOST_ROWS = 100_000
MOST_VALUES = 20_000_000  # rows times features: what is held in memory at once
FEWEST_ROWS = 2
NO_VALUE = ("", "null", "none", "na", "nan")
LABELS = {"1": 1.0, "1.0": 1.0, "true": 1.0, "0": 0.0, "0.0": 0.0, "false": 0.0}
LABEL_COLUMN, SCORE_COLUMN = "label", "score"


class Columns(msgspec.Struct, frozen=True):
    """Which columns of a file are no features: what the events turned out to be, and what somebody got for them."""

    label: str | None
    score: str | None


@dataclass(frozen=True)
class Events:
    """n events: `rows` (n, F) as a model takes them, NaN for null.

    Where there are columns of them, `labels` (n,), 1, 0 or NaN where none is known, and `scores` (n,), the model's own
    outputs as somebody got them.
    """

    rows: FloatArray
    labels: FloatArray | None
    scores: FloatArray | None


def columns_of(path: Path, features: Sequence[Feature], label: str, score: str) -> Columns:
    """Look at a file's columns. `label` and `score` as they were asked for; where empty, those usually called so count.

    Raises ValidationError with the field for a feature that has no column, and for columns that are not there.
    """
    try:
        with reading(path):
            names = _names(path)
    except TableError as error:
        raise invalid(FIELD, str(error)) from None
    own = {feature.name for feature in features}
    missing = [feature.name for feature in features if names.count(feature.name) != 1]
    if missing:
        listed = f"{', '.join(missing[:10])}{' …' if len(missing) > 10 else ''}"
        raise invalid(
            FIELD, f"expected one column for each feature, missing or twice: {listed}; found {_listed(names)}"
        )
    chosen = Columns(
        _column("label_column", label, LABEL_COLUMN, names, own),
        _column("score_column", score, SCORE_COLUMN, names, own),
    )
    if chosen.label is not None and chosen.label == chosen.score:
        raise invalid("score_column", f"expected another column than that of the labels, found {chosen.score!r} again")
    return chosen


def count_events(path: Path, features: Sequence[Feature], columns: Columns) -> int:
    """How many there are, each value looked at and none kept. Raises ValidationError with the first bad one."""
    return sum(len(block.rows) for block in _blocks(path, features, columns))


def read_events(path: Path, features: Sequence[Feature], columns: Columns) -> Events:
    """All of them. Raises ValidationError as `count_events`, which has let the file in."""
    blocks = list(_blocks(path, features, columns))
    return Events(
        np.concatenate([block.rows for block in blocks]),
        None if columns.label is None else np.concatenate([block.labels for block in blocks]),
        None if columns.score is None else np.concatenate([block.scores for block in blocks]),
    )


def _blocks(path: Path, features: Sequence[Feature], columns: Columns) -> Iterator[Events]:
    most, rows = min(MOST_ROWS, max(FEWEST_ROWS, MOST_VALUES // len(features))), 0
    readers = [column_of(msgspec.structs.replace(each, nullable=takes_null(each))) for each in features]
    wanted = [*(each.name for each in features), *(each for each in (columns.label, columns.score) if each is not None)]
    try:
        with reading(path):
            for batch in _batches(path, wanted):
                yield _block(batch, features, readers, columns, rows)
                rows += len(batch)
                if rows > most:
                    raise ColumnError(
                        f"the file has more than the {most:,} events that are read; draw a sample of them"
                    )
        if rows < FEWEST_ROWS:
            raise ColumnError(f"expected at least {FEWEST_ROWS} events, found {rows}")
    except (TableError, ColumnError) as error:
        raise invalid(FIELD, str(error)) from None


def _block(
    batch: pa.RecordBatch, features: Sequence[Feature], readers: Sequence[Column], columns: Columns, before: int
) -> Events:
    pairs = zip(features, readers, strict=True)
    rows = np.column_stack([_feature(each, reader, batch.column(each.name), before) for each, reader in pairs])
    labels = None if columns.label is None else _labels(columns.label, batch.column(columns.label), before)
    scores = None if columns.score is None else _scores(columns.score, batch.column(columns.score), before)
    return Events(rows, labels, scores)


def _names(path: Path) -> list[str]:
    if is_parquet(path):
        return list(parquet.opened(path).schema_arrow.names)
    with pyarrow.csv.open_csv(path) as file:
        return list(file.schema.names)


def _batches(path: Path, names: list[str]) -> Iterator[pa.RecordBatch]:
    """Yield batches. CSV is read as text: a category called 1 or NA stays one, and faults are shown as written."""
    if is_parquet(path):
        yield from parquet.batches(path, names)
        return
    options = pyarrow.csv.ConvertOptions(
        include_columns=names, column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
    )
    with pyarrow.csv.open_csv(path, convert_options=options) as file:
        yield from file


def _column(field: str, column: str, usual: str, names: Sequence[str], features: set[str]) -> str | None:
    if not column:
        return usual if names.count(usual) == 1 and usual not in features else None
    if column in features:
        raise invalid(field, f"expected a column that is no feature, found the feature {column!r}")
    if names.count(column) != 1:
        raise invalid(field, f"expected a column of the file, found {column!r}; it has {_listed(names)}")
    return column


def _listed(names: Sequence[str]) -> str:
    return f"{', '.join(names[:20])}{' …' if len(names) > 20 else ''}" if names else "none"


def _feature(feature: Feature, reader: Column, column: pa.Array, before: int) -> FloatArray:
    """Encode a column as scoring would read the feature from a request."""
    values, faults = reader.many(_as_sent(feature, column))
    if faults:
        row = min(faults)
        fault = faults[row]
        raise ColumnError(
            f"column '{feature.name}', row {before + row + 1:,}: expected {fault['expected']}, found {fault['found']}"
        )
    return values


def _as_sent(feature: Feature, column: pa.Array) -> list[Any]:
    """Values as JSON would bring them."""
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if _is_text(column.type):
        return _from_text(feature, column.cast(pa.string()))
    if feature.type == "category":
        return list(column.cast(pa.string()).to_pylist())
    if pa.types.is_floating(column.type) or pa.types.is_decimal(column.type):
        numbers = column.cast(pa.float64())
        column = pc.if_else(pc.is_nan(numbers), None, numbers)
    values = list(column.to_pylist())
    return [bool(each) if each in (0, 1) else each for each in values] if feature.type == "boolean" else values


def _from_text(feature: Feature, column: pa.Array) -> list[Any]:
    if feature.type == "category":
        return [each if each or each in feature.categories else None for each in column.to_pylist()]
    trimmed = pc.utf8_trim_whitespace(column)
    texts = pc.if_else(pc.is_in(pc.utf8_lower(trimmed), pa.array(NO_VALUE)), None, trimmed)
    kind = pa.bool_() if feature.type == "boolean" else pa.float64()
    try:
        return list(texts.cast(kind).to_pylist())
    except pa.ArrowInvalid:
        return [_parsed(each, kind) for each in texts.to_pylist()]


def _parsed(text: str | None, kind: pa.DataType) -> Any:
    """A value, or the text where it is none: that will be refused, and shown."""
    try:
        return pa.scalar(text).cast(kind).as_py()
    except pa.ArrowInvalid:
        return text


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _labels(name: str, column: pa.Array, before: int) -> FloatArray:
    found = np.array([_label(each) for each in column.to_pylist()], dtype=np.float64)
    bad = np.flatnonzero(found < 0.0)
    if len(bad):
        place = int(bad[0])
        value = str(column[place].as_py())[:80]
        raise ColumnError(
            f"column '{name}', row {before + place + 1:,}: expected 1 or 0, true or false, or nothing, found {value!r}"
        )
    return found


def _label(value: Any) -> float:
    """1, 0, NaN where nothing is known, −1 for what is none of these."""
    text = "" if value is None else str(value).strip().lower()
    return np.nan if text in NO_VALUE else LABELS.get(text, -1.0)


def _scores(name: str, column: pa.Array, before: int) -> FloatArray:
    if not (_is_text(column.type) or pa.types.is_floating(column.type) or pa.types.is_integer(column.type)):
        raise ColumnError(f"column '{name}': expected probabilities, found the type {column.type}")
    return np.asarray(probabilities(name, column, before), dtype=np.float64)
