"""The process that unpacks a Parquet file: `python -m models_app.inputs.unpacking FILE`.

Reads names of columns from its input, a list in JSON, and writes the rows as a stream of Arrow. It limits itself and
shuts itself in before it reads a page.
"""

import json
import resource
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pyarrow as pa
import pyarrow.compute  # whose kernels are loaded by their import, and could not be later
import pyarrow.parquet

from models_app.modelfiles import confinement

MEMORY_BYTES = 2 * 2**30  # of address space, of which the libraries take some hundred MiB
PROCESSOR_SECONDS = 300
VALUES_AT_ONCE = 250_000
BYTES_AT_ONCE = 64 * 2**20
SAID_BYTES = 2**20  # of what it says where it goes wrong
PAGE_BYTES = 2**20  # read at once of the file


def main(path: Path) -> None:
    """Pass the columns on that the input names; what goes wrong is told in the last line of what it says."""
    names = json.load(sys.stdin)
    file = path.open("rb")  # it is read until the process ends
    limit()
    with suppress(confinement.Unconfined):  # elsewhere the limits alone hold
        confinement.confine()
    try:
        write(pyarrow.parquet.ParquetFile(file, pre_buffer=False, buffer_size=PAGE_BYTES), names)
    except MemoryError:  # which Arrow's own is a kind of
        sys.exit("its pages need more memory than they may, once they are unpacked; draw a sample of its rows")
    except (pa.ArrowException, OSError, ValueError) as error:
        sys.exit((str(error).splitlines() or ["it is damaged"])[0])


def limit() -> None:
    """Bind this process, for good: memory, processor time, what it may write beside its answer; no core dump."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (PROCESSOR_SECONDS, PROCESSOR_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (SAID_BYTES, SAID_BYTES))  # a pipe is no file
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def write(file: pyarrow.parquet.ParquetFile, names: list[str]) -> None:
    """Write the rows to the output, with the texts of dictionaries in place of their numbers."""
    rows = max(1, VALUES_AT_ONCE // max(1, len(names)))
    none = pa.RecordBatch.from_pylist([], schema=file.schema_arrow)
    with pa.ipc.new_stream(sys.stdout.buffer, plain(none, names).schema) as stream:
        for batch in file.iter_batches(rows, columns=names, use_threads=False):
            for piece in pieces(plain(batch, names)):
                stream.write_batch(piece)


def plain(batch: pa.RecordBatch, names: list[str]) -> pa.RecordBatch:
    """Take these columns, and decode dictionaries here: a long text may be meant by each of very many rows."""
    return pa.RecordBatch.from_arrays([_plain(name, batch.column(name)) for name in names], names)


def _plain(name: str, column: pa.Array) -> pa.Array:
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if pa.types.is_nested(column.type):
        raise ValueError(f"column {name} holds {column.type}, expected one number or text a row")
    return column


def pieces(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    """Halve a batch until each piece takes little memory. Raises ValueError for a row that takes more."""
    if batch.nbytes <= BYTES_AT_ONCE:
        if batch.num_rows:
            yield batch
        return
    if batch.num_rows <= 1:
        raise ValueError(f"a row of it has {batch.nbytes:,} bytes, allowed are {BYTES_AT_ONCE:,}")
    half = batch.num_rows // 2
    yield from pieces(batch.slice(0, half))
    yield from pieces(batch.slice(half))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
