"""Uploaded Parquet files, read by a process of their own. No Django.

A page of a few bytes may unpack to gigabytes, and what a file says of its sizes may be wrong. So another process, with
little memory and shut in, unpacks it, and passes it on as Arrow, a piece at a time.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Generator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

import pyarrow as pa
import pyarrow.parquet

from models_app.inputs import unpacked
from models_app.inputs.tables import PARQUET_MAGIC, TableError

ROOT = Path(__file__).resolve().parents[2]
MOST_HEAD_BYTES = 16 * 2**20  # of what stands at its end: what its columns are, and where their pages begin
SECONDS_TO_END = 10.0  # once it has closed its output
END_BYTES = 8  # how long that is, and the magic number


def opened(path: Path) -> pyarrow.parquet.ParquetFile:
    """The file for its schema and its number of rows alone. Raises TableError where these are too large to be read."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - END_BYTES))
        size, magic = int.from_bytes(file.read(4), "little"), file.read()
    if magic == PARQUET_MAGIC and size > MOST_HEAD_BYTES:
        raise TableError(f"the file's schema and places have {size:,} bytes, allowed are {MOST_HEAD_BYTES:,}")
    return pyarrow.parquet.ParquetFile(path)


def batches(path: Path, columns: Sequence[str]) -> Generator[pa.RecordBatch]:
    """Yield the rows of these columns, in pieces. Raises TableError where the file cannot be unpacked in its bounds."""
    file = opened(path)
    schema, rows = _plain(file.schema_arrow, columns), file.metadata.num_rows if columns else 0
    with tempfile.TemporaryFile() as said:
        process = _start(path, columns, said)
        assert process.stdout
        answer = unpacked.Answer(process.stdout)
        try:
            yield from unpacked.batches(answer, schema, rows)
        except (pa.ArrowException, OSError, TableError):
            if answer.is_over and (reason := _reason(process, said)):  # it broke off, and may have said why
                raise TableError(f"the file is not readable as Parquet: {reason}") from None
            raise
        finally:
            process.kill()
            process.stdout.close()
            process.wait()


def _start(path: Path, columns: Sequence[str], said: IO[bytes]) -> subprocess.Popen[bytes]:
    """Start the process, with none of our secrets in its environment, and one thread."""
    return subprocess.Popen(
        [sys.executable, "-m", "models_app.inputs.unpacking", str(path.resolve())],
        cwd=tempfile.gettempdir(),
        env={
            "PATH": os.environ.get("PATH", os.defpath),
            "PYTHONPATH": str(ROOT),
            "LC_ALL": "C.UTF-8",
            "MALLOC_ARENA_MAX": "1",
            "OMP_NUM_THREADS": "1",
            "OPENBLAS_NUM_THREADS": "1",
            "ARROW_DEFAULT_MEMORY_POOL": "system",  # others take address space ahead, of which there is a bound
        },
        stdin=_columns(columns),
        stdout=subprocess.PIPE,
        bufsize=0,
        stderr=said,
    )


def _columns(columns: Sequence[str]) -> IO[bytes]:
    """Give them as a file: they may be more and longer than arguments may be."""
    file = tempfile.TemporaryFile()  # noqa: SIM115  # it is gone with the process that has it
    file.write(json.dumps(list(columns)).encode())
    file.seek(0)
    return file


def _plain(schema: pa.Schema, columns: Sequence[str]) -> pa.Schema:
    """These columns as they come back, with the texts of dictionaries in place of their numbers."""
    types = [schema.field(each).type for each in columns]
    plain = [each.value_type if pa.types.is_dictionary(each) else each for each in types]
    return pa.schema(list(zip(columns, plain, strict=True)))


def _reason(process: subprocess.Popen[bytes], said: IO[bytes]) -> str:
    """Why it broke off, which it does at once; empty where it did not."""
    code = 0
    with suppress(subprocess.TimeoutExpired):
        code = process.wait(SECONDS_TO_END)
    if not code:
        return ""
    said.seek(0)
    lines = said.read().decode(errors="replace").strip().splitlines()
    if not lines:
        return "it made the process that unpacks it break off; write it anew"
    return "".join(each for each in lines[-1][:300] if each.isprintable())
