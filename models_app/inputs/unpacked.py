"""What the process that unpacks a Parquet file answers, believed only as far as it can be checked. No Django.

A file that has taken that process over speaks in its place. So each message is bounded before it is read, none is
compressed, its columns are those that were asked for, and each value lies where the message has bytes.
"""

import os
import select
import struct
import time
from collections.abc import Iterator
from typing import IO

import pyarrow as pa

from models_app.inputs.tables import TableError
from models_app.inputs.unpacking import BYTES_AT_ONCE, VALUES_AT_ONCE

MOST_BYTES = 2 * BYTES_AT_ONCE  # of a message: a piece, and where its columns begin in it
PART_BYTES = 2**20
SECONDS = 300.0  # until all of it is read, without those in which the rows are used
VERSION = 4  # of messages, as Arrow counts them; former ones have other places for what is asked of them here
OTHER_ROWS = "the file has another number of rows than it says; write it anew"
DAMAGED = "the process that unpacks it gave back what was not asked for; write it anew"
TOO_SLOW = "unpacking the file took more than {:g} s; draw a sample of its rows, or write it anew"


class Answer:
    """What the process writes, as a file from which Arrow reads: a bounded part at once, and no longer than may be."""

    closed = False

    def __init__(self, pipe: IO[bytes]) -> None:
        self._file = pipe.fileno()
        self._poll = select.poll()
        self._poll.register(self._file, select.POLLIN)
        self.deadline = time.monotonic() + SECONDS
        self.is_over = False

    def read(self, size: int) -> bytes:
        """So many bytes, fewer at its end. Raises TableError."""
        if not 0 <= size <= MOST_BYTES:
            raise TableError(DAMAGED)
        parts: list[bytes] = []
        while size and (part := self._part(size)):
            parts.append(part)
            size -= len(part)
        return b"".join(parts)

    def _part(self, size: int) -> bytes:
        left = self.deadline - time.monotonic()
        if left <= 0 or not self._poll.poll(left * 1000):
            raise TableError(TOO_SLOW.format(SECONDS))
        part = os.read(self._file, min(size, PART_BYTES))
        self.is_over = not part
        return part


def batches(answer: Answer, schema: pa.Schema, rows: int) -> Iterator[pa.RecordBatch]:
    """Yield the messages' rows. Raises TableError for others than `rows` rows of this schema, and Arrow's errors."""
    messages = iter(pa.ipc.MessageReader.open_stream(answer))
    first = next(messages, None)
    if first is None or not first.equals(pa.ipc.read_message(schema.serialize())):
        raise TableError(DAMAGED)
    for message in messages:
        batch = _batch(message, schema)
        rows -= batch.num_rows
        if rows < 0:
            raise TableError(OTHER_ROWS)
        stopped = time.monotonic()
        yield batch
        answer.deadline += time.monotonic() - stopped
    answer.is_over = True
    if rows:
        raise TableError(OTHER_ROWS)


def _batch(message: pa.Message, schema: pa.Schema) -> pa.RecordBatch:
    if message.type != "record batch" or not is_plain(message.metadata.to_pybytes()):
        raise TableError(DAMAGED)
    batch = pa.ipc.read_record_batch(message, schema)
    if not 0 < batch.num_rows <= VALUES_AT_ONCE:  # of a column without values, all of them take no bytes
        raise TableError(DAMAGED)
    batch.validate(full=True)
    return batch


def is_plain(metadata: bytes) -> bool:
    """Whether a message of rows is as long as what it unpacks to: compressed, few bytes would be gigabytes.

    Arrow tells so only by unpacking it. Its messages are tables of FlatBuffers: `Message` has a version, a kind, a
    header, a length and words of its own, in which former versions said it; the header of rows has four fields.
    """
    try:
        (root,) = struct.unpack_from("<I", metadata)
        version, _, header, _, words = (_field(metadata, root, number) for number in range(5))
        if not version or not header or words or struct.unpack_from("<h", metadata, version) != (VERSION,):
            return False
        (rows,) = struct.unpack_from("<I", metadata, header)
        return not _field(metadata, header + rows, 3)
    except struct.error:
        return False


def _field(content: bytes, table: int, number: int) -> int:
    """Where a field of a table stands; 0 where it has none."""
    (back,) = struct.unpack_from("<i", content, table)
    places = table - back
    if places < 0:
        raise struct.error
    (size,) = struct.unpack_from("<H", content, places)
    at = 4 + 2 * number
    (offset,) = struct.unpack_from("<H", content, places + at) if at < size else (0,)
    return table + offset if offset else 0
