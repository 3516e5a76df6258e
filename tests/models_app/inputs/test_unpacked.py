"""A process that unpacks Parquet, taken over by its file: whatever it answers, who has asked it believes none of it."""

import io
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile

from models_app.catalog.validation_file import Columns, read_events
from models_app.console.ui import inference
from models_app.inputs import parquet, unpacked, unpacking
from models_app.inputs.columns import ColumnError, read_column
from models_app.inputs.tables import TableError
from scoring.engine.document import Feature

TABLE = pa.table({"p": [0.25, 0.5, 0.75], "channel": ["web", "web", "shop"]})
NAMES = TABLE.column_names
(GOOD,) = TABLE.to_batches()
SLEEPS = "import time; time.sleep(600)"
WRITES_ON = "[sys.stdout.buffer.write(bytes(2**20)) for _ in iter(int, 1)]"

Answering = Callable[..., list[subprocess.Popen[bytes]]]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    pa.parquet.write_table(TABLE, tmp_path / "file")
    return tmp_path / "file"


@pytest.fixture
def answering(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Answering:
    """Have each process write these bytes in place of its answer, and then do as it is told; returns those started."""

    def take_over(content: bytes, then: str = "") -> list[subprocess.Popen[bytes]]:
        started = []
        file = tmp_path / "answer"
        file.write_bytes(content)
        code = f"import sys; sys.stdout.buffer.write(open({str(file)!r}, 'rb').read()); sys.stdout.flush(); {then}"

        def start(_path: Path, _columns: Any, said: IO[bytes]) -> subprocess.Popen[bytes]:
            argv = [sys.executable, "-c", code]
            started.append(subprocess.Popen(argv, stdout=subprocess.PIPE, bufsize=0, stderr=said))
            return started[-1]

        monkeypatch.setattr(parquet, "_start", start)
        return started

    return take_over


def stream(*batches: pa.RecordBatch, **options: Any) -> bytes:
    content = io.BytesIO()
    with pa.ipc.new_stream(content, batches[0].schema, options=pa.ipc.IpcWriteOptions(**options)) as file:
        for each in batches:
            file.write_batch(each)
    return content.getvalue()


def replaced(content: bytes, what: bytes, by: bytes) -> bytes:
    assert content.count(what) == 1
    return content.replace(what, by)


def offsets(*values: int) -> bytes:
    return np.array(values, np.int32).tobytes()


def bomb() -> bytes:
    """Few bytes that say that they unpack to a hundred megabytes, and do."""
    text = pa.array(["x" * 10**8, "", ""])
    return stream(pa.RecordBatch.from_arrays([GOOD.column(0), text], NAMES), compression="zstd")


def of_a_dictionary() -> bytes:
    return stream(pa.RecordBatch.from_arrays([GOOD.column(0), GOOD.column(1).dictionary_encode()], NAMES))


def of_nothing(rows: int) -> bytes:
    """Rows of columns that take no bytes, however many."""
    return stream(pa.RecordBatch.from_arrays([pa.nulls(rows), pa.nulls(rows)], NAMES))


HOSTILE = {
    "offsets far outside": replaced(stream(GOOD), offsets(0, 3, 6, 10), offsets(0, 3, 6, 2**31 - 1)),
    "offsets that go back": replaced(stream(GOOD), offsets(0, 3, 6, 10), offsets(0, 9, 3, 10)),
    "bytes that are no text": replaced(stream(GOOD), b"webwebshop", b"web\xff\xfe\xfdshop"),
    "fewer rows": stream(GOOD.slice(1)),
    "more rows": stream(GOOD, GOOD),
    "rows without an end": stream(*[GOOD] * 1000),
    "batches of no rows": stream(*[GOOD.slice(0, 0)] * 1000, GOOD),
    "another type": stream(GOOD.set_column(0, "p", pa.array([1, 2, 3]))),
    "another name": stream(GOOD.rename_columns(["q", "channel"])),
    "another column": stream(GOOD.append_column("more", GOOD.column(0))),
    "texts by their numbers": of_a_dictionary(),
    "compressed to little": bomb(),
    "of a former version": stream(GOOD, metadata_version=pa.ipc.MetadataVersion.V4),
    "a length beyond all bounds": b"\xff\xff\xff\xff" + (2**31 - 1).to_bytes(4, "little") + bytes(2**20),
    "no Arrow": b"x" * 2**20,
    "nothing": b"",
    "broken off": stream(GOOD)[:-100],
}


def read_all(path: Path) -> None:
    """As those do who call it: what Arrow cannot read is a fault of the file."""
    try:
        list(parquet.batches(path, NAMES))
    except (pa.ArrowException, OSError) as error:
        raise TableError(str(error)) from None


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE)
def test_batches__of_a_process_that_was_taken_over__are_refused(
    path: Path, answering: Answering, content: bytes
) -> None:
    answering(content)
    with pytest.raises(TableError):
        read_all(path)


def test_batches__of_a_process_that_answers_well__are_believed(path: Path, answering: Answering) -> None:
    """So that what is refused above is refused for what it is."""
    answering(stream(GOOD))
    assert pa.Table.from_batches(parquet.batches(path, NAMES)).equals(TABLE)


def test_batches__of_rows_that_take_no_bytes__are_refused_beyond_a_piece(tmp_path: Path, answering: Answering) -> None:
    rows = 2 * unpacking.VALUES_AT_ONCE
    pa.parquet.write_table(pa.table(dict.fromkeys(NAMES, pa.nulls(rows))), tmp_path / "nulls")
    read_all(tmp_path / "nulls")
    answering(of_nothing(rows))
    with pytest.raises(TableError, match="not asked for"):
        read_all(tmp_path / "nulls")


@pytest.mark.parametrize("content", [b"", stream(GOOD)[:-100]], ids=["says nothing", "broken off"])
def test_batches__of_a_process_that_says_no_more__are_refused_and_it_is_ended(
    path: Path, answering: Answering, monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    monkeypatch.setattr(unpacked, "SECONDS", 0.5)
    started = answering(content, SLEEPS)
    with pytest.raises(TableError, match=r"took more than 0.5 s"):
        read_all(path)
    assert [each.returncode for each in started] == [-signal.SIGKILL]


@pytest.mark.parametrize("then", [SLEEPS, WRITES_ON], ids=["sleeps", "writes on"])
@pytest.mark.parametrize(
    ("content", "said"),
    [(stream(GOOD.slice(1)), "another number of rows"), (b"x" * 2**20, "not asked for")],
    ids=["fewer rows", "no Arrow"],
)
def test_batches__of_a_process_that_does_not_end__are_refused_and_it_is_ended(
    path: Path, answering: Answering, monkeypatch: pytest.MonkeyPatch, content: bytes, said: str, then: str
) -> None:
    monkeypatch.setattr(parquet, "SECONDS_TO_END", 0.1)
    started = answering(content, then)
    with pytest.raises(TableError, match=said):
        read_all(path)
    assert [each.returncode for each in started] == [-signal.SIGKILL]


def test_files__that_take_too_long__are_refused_by_their_fields(
    path: Path, answering: Answering, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unpacked, "SECONDS", 0.2)
    answering(b"", SLEEPS)
    with pytest.raises(ValidationError, match="took more than") as events:
        read_events(path, [Feature(name="channel", type="category", categories=("web", "shop"))], Columns(None, None))
    with pytest.raises(ValidationError, match="took more than") as columns:
        inference.features_of(SimpleUploadedFile("f", path.read_bytes()), 2**20)
    with pytest.raises(ColumnError, match="took more than"):
        read_column(path, "p", max_rows=10)
    assert (set(events.value.message_dict), set(columns.value.message_dict)) == ({"validation_events"}, {"file"})


def test_answer__of_a_message_beyond_the_bound__is_not_read(path: Path) -> None:
    with path.open("rb") as file, pytest.raises(TableError):
        unpacked.Answer(file).read(unpacked.MOST_BYTES + 1)


@pytest.mark.parametrize("options", [{"compression": "zstd"}, {"compression": "lz4"}], ids=["zstd", "lz4"])
def test_plain__of_what_is_compressed_or_spoilt__is_false(options: dict[str, str]) -> None:
    def rows(**given: str) -> bytes:
        messages = pa.ipc.MessageReader.open_stream(io.BytesIO(stream(GOOD, **given)))
        return [each.metadata.to_pybytes() for each in messages][1]

    assert unpacked.is_plain(rows())
    assert not unpacked.is_plain(rows(**options))
    assert not any(unpacked.is_plain(rows(**options)[:size]) for size in range(len(rows(**options))))
