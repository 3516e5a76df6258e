"""Columns of probabilities from Parquet and CSV files."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest

from models_app.inputs.columns import ColumnError, read_column


def parquet(path: Path, **columns: Any) -> Path:
    pa.parquet.write_table(pa.table(columns), path)
    return path


@pytest.mark.parametrize(
    ("text", "column", "expected"),
    [
        ("p\n0.1\n0.25\n", None, [0.1, 0.25]),
        ("p,q\n0.1,7\n 0.25 ,abc\n", "p", [0.1, 0.25]),
        ("q,p\n7,1e-3\n8,1\n", "p", [0.001, 1.0]),
        ('"a b"\n0\n', "a b", [0.0]),
    ],
)
def test_read_column__csv__gives_numbers(tmp_path: Path, text: str, column: str | None, expected: list[float]) -> None:
    path = tmp_path / "file"
    path.write_text(text)
    assert read_column(path, column, max_rows=10)[1].tolist() == expected


@pytest.mark.parametrize(
    ("text", "column", "message", "about_column"),
    [
        ("p,q\n0.1,1\nabc,1\n", "p", "column 'p', row 2: expected a number, found 'abc'", False),
        ("p,q\n0.1,1\n,1\n", "p", "column 'p', row 2: expected a number, found nothing", False),
        ("p,q\n0.1,1\nnan,1\n", "p", "row 2: expected a probability in [0, 1], found NaN", False),
        ("p\n0.1\n-0.5\n", "p", "row 2: expected a probability in [0, 1], found -0.5", False),
        ("p,q\n0.1,1\n", "z", "to have a column 'z', found p, q", True),
        ("p,q\n0.1,1\n", None, "expected a file with one column, found p, q", True),
        ("p,p\n0.1,1\n", "p", "found twice", True),
        ("0.3\n0.1\n", None, "expected a first line with the column's name, found 0.3", True),
        ("p\n", None, "expected at least one row", False),
        ("", "p", "not readable as Parquet or CSV", False),
        ("p,q\n0.1,1\n0.2\n", "p", "not readable as Parquet or CSV", False),
        ("p\n" + "0.1\n" * 11, "p", "more than the 10 rows", False),
        ("PAR1 and no more", "p", "not readable as Parquet or CSV", False),
    ],
)
def test_read_column__bad_csv__says_what_and_where(
    tmp_path: Path, text: str, column: str | None, message: str, about_column: bool
) -> None:
    path = tmp_path / "file"
    path.write_text(text)
    with pytest.raises(ColumnError) as caught:
        read_column(path, column, max_rows=10)
    assert message in str(caught.value)
    assert caught.value.about_column is about_column


@pytest.mark.parametrize("type_", [pa.float32(), pa.float64(), pa.decimal128(3, 2), pa.float16()])
def test_read_column__parquet__float32_stays_all_else_is_float64(tmp_path: Path, type_: pa.DataType) -> None:
    given = [Decimal("0.25"), Decimal("0.5")] if pa.types.is_decimal(type_) else np.array([0.25, 0.5])
    path = parquet(tmp_path / "file", p=pa.array(given).cast(type_), other=["x", "y"])
    name, values = read_column(path, "p", max_rows=10)
    assert name == "p"
    assert values.tolist() == [0.25, 0.5]
    assert values.dtype == (np.float32 if type_ == pa.float32() else np.float64)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (pa.array([0.1, None]), "row 2: expected a number, found null"),
        (pa.array([0.1, float("nan")]), "row 2: expected a probability in [0, 1], found NaN"),
        (pa.array(["0.1", "0.2"]), "expected numbers, found the type string"),
        (pa.array([[0.1], [0.2]]), "expected numbers, found the type list"),
        (pa.array([0.1] * 11), "more than the 10 rows"),
        (pa.array([0, 2]), "row 2: expected a probability in [0, 1], found 2.0"),
    ],
)
def test_read_column__bad_parquet__says_what_and_where(tmp_path: Path, values: pa.Array, message: str) -> None:
    path = parquet(tmp_path / "file", p=values)
    with pytest.raises(ColumnError) as caught:
        read_column(path, "p", max_rows=10)
    assert message in str(caught.value)
