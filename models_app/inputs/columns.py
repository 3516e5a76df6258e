"""A column of probabilities from a Parquet or CSV file, every value checked. No Django in here."""

import math
from collections.abc import Generator
from contextlib import closing
from pathlib import Path
from typing import cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
from numpy.typing import NDArray

from models_app.inputs import parquet
from models_app.inputs.tables import TableError, is_parquet, reading

Values = NDArray[np.float32] | NDArray[np.float64]
Parts = Generator[pa.Array]


class ColumnError(ValueError):
    """A file that is no sample of probabilities: the message names the column, the row and the value.

    `about_column` tells a wrong choice of column from a fault in the file.
    """

    def __init__(self, message: str, *, about_column: bool = False) -> None:
        super().__init__(message)
        self.about_column = about_column


def read_column(path: Path, column: str | None, *, max_rows: int) -> tuple[str, Values]:
    """The name of the column and its n values in [0, 1]; float32 stays float32, all else becomes float64.

    With `column` None the file must have a single one. Rows are counted from 1, without a CSV's header.
    Raises ColumnError.
    """
    try:
        with reading(path):
            name, batches = _parquet(path, column, max_rows) if is_parquet(path) else _csv(path, column)
            with closing(batches):
                return name, _collect(name, batches, max_rows)
    except TableError as error:
        raise ColumnError(str(error)) from None


def _collect(name: str, batches: Parts, max_rows: int) -> Values:
    parts: list[Values] = []
    rows = 0
    for batch in batches:
        parts.append(probabilities(name, batch, rows))
        rows += len(batch)
        if rows > max_rows:
            raise _too_many(max_rows)
    if not rows:
        raise ColumnError(f"column '{name}': expected at least one row, found none")
    return cast(Values, np.concatenate(parts))


def _too_many(max_rows: int) -> ColumnError:
    return ColumnError(f"the file has more than the {max_rows:,} rows that are sorted exactly; draw a sample of them")


def _chosen(names: list[str], column: str | None) -> str:
    listed = ", ".join(names[:20]) or "none"
    if column is None:
        if len(names) != 1:
            raise ColumnError(f"expected a file with one column, found {listed}", about_column=True)
        return names[0]
    if names.count(column) != 1:
        found = "twice" if column in names else listed
        raise ColumnError(f"expected the file to have a column '{column}', found {found}", about_column=True)
    return column


def _parquet(path: Path, column: str | None, max_rows: int) -> tuple[str, Parts]:
    file = parquet.opened(path)
    name = _chosen(file.schema_arrow.names, column)
    type_ = file.schema_arrow.field(name).type
    if not (pa.types.is_floating(type_) or pa.types.is_integer(type_) or pa.types.is_decimal(type_)):
        raise ColumnError(f"column '{name}': expected numbers, found the type {type_}", about_column=True)
    if file.metadata.num_rows > max_rows:
        raise _too_many(max_rows)
    return name, (batch.column(0) for batch in parquet.batches(path, [name]))


def _csv(path: Path, column: str | None) -> tuple[str, Parts]:
    """Values come as text, so that a fault can be shown as it stands in the file."""
    with pa.csv.open_csv(path) as header:
        name = _chosen(header.schema.names, column)
    if column is None and _number(name) is not None:
        raise ColumnError(f"expected a first line with the column's name, found {name}", about_column=True)
    options = pa.csv.ConvertOptions(include_columns=[name], column_types={name: pa.string()}, strings_can_be_null=False)
    reader = pa.csv.open_csv(path, convert_options=options)
    return name, (batch.column(0) for batch in reader)


def probabilities(name: str, batch: pa.Array, rows_before: int) -> Values:
    """The n values of a part of a column, numbers or text, each in [0, 1]. Raises ColumnError at the first other."""
    if batch.null_count:
        row = rows_before + int(np.argmax(batch.is_null().to_numpy(zero_copy_only=False))) + 1
        raise ColumnError(f"column '{name}', row {row}: expected a number, found null")
    values = _text_to_numbers(name, batch, rows_before) if pa.types.is_string(batch.type) else _numbers(batch)
    good = (values >= 0.0) & (values <= 1.0)
    if not good.all():
        first = int(np.argmin(good))
        found = float(values[first])
        raise ColumnError(
            f"column '{name}', row {rows_before + first + 1}: expected a probability in [0, 1], "
            f"found {'NaN' if math.isnan(found) else found}"
        )
    return values


def _numbers(batch: pa.Array) -> Values:
    keep = pa.types.is_float32(batch.type)
    return cast(Values, batch.cast(pa.float32() if keep else pa.float64()).to_numpy(zero_copy_only=False))


def _text_to_numbers(name: str, batch: pa.Array, rows_before: int) -> Values:
    try:
        numbers = pc.utf8_trim_whitespace(batch).cast(pa.float64())
        return cast(Values, numbers.to_numpy(zero_copy_only=False))
    except pa.ArrowInvalid:
        pass  # slower, to find the row
    found_numbers = []
    for index, text in enumerate(batch.to_pylist()):
        number = _number(text)
        if number is None:
            found = repr(text[:100]) if text else "nothing"
            raise ColumnError(f"column '{name}', row {rows_before + index + 1}: expected a number, found {found}")
        found_numbers.append(number)
    return np.array(found_numbers, dtype=np.float64)


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
