"""Parquet files that unpack to far more than they have, and what reads them all the same."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile

from models_app.catalog.validation_file import Columns, read_events
from models_app.console.ui import inference
from models_app.inputs import parquet, unpacking
from models_app.inputs.columns import ColumnError, read_column
from models_app.inputs.tables import TableError
from scoring.engine.document import Feature

LONG = 2**20
ROWS = 100_000  # times LONG: a hundred gigabytes


def of_one_text(path: Path) -> Path:
    """Write a long text, once, that is meant by each row."""
    texts = pa.DictionaryArray.from_arrays(np.zeros(ROWS, np.int32), ["x" * LONG])
    return written(path, pa.table({"p": np.full(ROWS, 0.5), "channel": texts}))


def written(path: Path, table: pa.Table) -> Path:
    pa.parquet.write_table(table, path, compression="zstd")
    return path


def test_batches__of_a_small_file_that_unpacks_to_gigabytes__is_refused_in_its_bounds(tmp_path: Path) -> None:
    path = of_one_text(tmp_path / "file")
    assert path.stat().st_size < LONG
    with pytest.raises(TableError, match="more memory than they may"):
        list(parquet.batches(path, ["p", "channel"]))
    assert len(read_column(path, "p", max_rows=ROWS)[1]) == ROWS


def test_validation_events__that_unpack_to_gigabytes__are_refused_by_their_field(tmp_path: Path) -> None:
    path = of_one_text(tmp_path / "file")
    features = [Feature(name="channel", type="category", categories=("x",))]
    with pytest.raises(ValidationError, match="more memory than they may"):
        list(read_events(path, features, Columns(None, None)))


def test_features__of_a_file_that_unpacks_to_gigabytes__are_refused_by_their_field(tmp_path: Path) -> None:
    content = of_one_text(tmp_path / "file").read_bytes()
    with pytest.raises(ValidationError, match="more memory than they may"):
        inference.features_of(SimpleUploadedFile("f", content), LONG)


def test_features__of_more_rows_than_are_held__are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inference, "MOST_BYTES", 7_999)
    path = written(tmp_path / "file", pa.table({"channel": np.zeros(1_000)}))
    with pytest.raises(ValidationError, match="draw a sample"):
        inference.features_of(SimpleUploadedFile("f", path.read_bytes()), LONG)


def test_batches__of_any_columns__come_in_the_order_asked_for_and_without_dictionaries(tmp_path: Path) -> None:
    table = pa.table({"p": [0.5, 0.25], "channel": pa.array(["web", None]).dictionary_encode()})
    found = pa.Table.from_batches(parquet.batches(written(tmp_path / "file", table), ["channel", "p"]))
    assert found.to_pydict() == {"channel": ["web", None], "p": [0.5, 0.25]}
    assert found.schema.field("channel").type == pa.string()


def test_batches__of_lists__are_refused(tmp_path: Path) -> None:
    path = written(tmp_path / "file", pa.table({"channel": [["web"]]}))
    with pytest.raises(TableError, match="expected one number or text a row"):
        list(parquet.batches(path, ["channel"]))


def test_batches__left_before_their_end__leave_no_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, start = [], parquet._start

    def noted(*given: Any) -> subprocess.Popen[bytes]:
        begun.append(start(*given))
        return begun[-1]

    monkeypatch.setattr(parquet, "_start", noted)
    path = written(tmp_path / "file", pa.table({"p": np.zeros(3 * unpacking.VALUES_AT_ONCE)}))
    found = parquet.batches(path, ["p"])
    next(found)
    assert [each.poll() for each in begun] == [None]
    found.close()
    assert [each.returncode is None for each in begun] == [False]


def test_column__whose_pages_are_spoilt__is_refused_and_no_part_of_it_taken(tmp_path: Path) -> None:
    path = written(tmp_path / "file", pa.table({"p": np.random.default_rng(1).random(3 * unpacking.VALUES_AT_ONCE)}))
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + LONG] = bytes(LONG)
    path.write_bytes(content)
    with pytest.raises(ColumnError, match="not readable as Parquet"):
        read_column(path, "p", max_rows=10**7)


def test_batches__of_a_row_beyond_a_piece__say_so(tmp_path: Path) -> None:
    path = written(tmp_path / "file", pa.table({"channel": ["web", "x" * (unpacking.BYTES_AT_ONCE + 1)]}))
    with pytest.raises(TableError, match="a row of it has"):
        list(parquet.batches(path, ["channel"]))


def test_process__that_says_very_much__says_no_more_than_it_may(tmp_path: Path) -> None:
    code = "import sys; from models_app.inputs import unpacking; unpacking.limit(); sys.stderr.write('x' * 2**22)"
    with (tmp_path / "said").open("wb") as said:
        subprocess.run([sys.executable, "-c", code], cwd=parquet.ROOT, stderr=said, check=False)
    assert (tmp_path / "said").stat().st_size == unpacking.SAID_BYTES


def test_file__whose_head_is_huge__is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"PAR1" + (parquet.MOST_HEAD_BYTES + 1).to_bytes(4, "little") + b"PAR1")
    with pytest.raises(ColumnError, match="schema and places"):
        read_column(path, "p", max_rows=10)
