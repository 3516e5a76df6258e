"""What the messages of an Arrow stream say of themselves, looked at before anything is unpacked.

A few bytes may declare any number of rows, or buffers that grow when they are unpacked. So the metadata of each message
(a flatbuffer, https://arrow.apache.org/docs/format/Columnar.html) is read here first, as far as it says that.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow as pa

from tenants.refusals import Invalid, TooLarge

MOST_MESSAGES = 1_000  # record batches and dictionaries, each of which costs something whatever it holds

_UINT16, _INT32, _INT64 = struct.Struct("<H"), struct.Struct("<i"), struct.Struct("<q")
_HEADER, _DICTIONARY_DATA, _LENGTH, _COMPRESSION = 2, 1, 0, 3  # places of fields in their tables
_ROWS, _DICTIONARY = "record batch", "dictionary"


@dataclass(frozen=True)
class Told:
    """What a message tells: its kind, how many rows it has, and whether its buffers are compressed."""

    kind: str
    rows: int
    compressed: bool


def check(body: bytes, most_rows: int) -> int:
    """How many rows a stream has in all. Raises TooLarge, Invalid, and what pyarrow does for what is no stream."""
    rows = 0
    for place, told in enumerate(_messages(body)):
        rows += told.rows if told.kind == _ROWS else 0
        if told.compressed:
            expected = (
                "buffers that are not compressed; write the stream without compression, and compress all of the body "
                "instead (Content-Encoding: zstd or gzip)"
            )
            raise Invalid(faults=[{"field": "body", "expected": expected, "found": "compressed buffers"}])
        if place >= MOST_MESSAGES:
            expected = f"at most {MOST_MESSAGES} record batches and dictionaries; combine them"
            raise TooLarge(faults=[{"field": "body", "expected": expected, "found": "more"}])
        if rows > most_rows:
            expected = f"at most {most_rows} in one request; send several"
            raise TooLarge(faults=[{"field": "events", "expected": expected, "found": f"{rows} or more"}])
    return rows


def _messages(body: bytes) -> Iterator[Told]:
    """The messages after the schema."""
    reader = pa.ipc.MessageReader.open_stream(pa.py_buffer(body))
    while True:
        try:
            message = reader.read_next_message()
        except StopIteration:
            return
        if message.type in (_ROWS, _DICTIONARY):
            yield _told(message.type, message.metadata.to_pybytes())


def _told(kind: str, metadata: bytes) -> Told:
    try:
        batch = _inner(metadata, _root(metadata), _HEADER)
        if kind == _DICTIONARY:
            batch = _inner(metadata, batch, _DICTIONARY_DATA)
        length = _place(metadata, batch, _LENGTH)
        rows: int = _INT64.unpack_from(metadata, length)[0] if length else 0
        compressed = bool(_place(metadata, batch, _COMPRESSION))
    except struct.error as error:
        raise pa.ArrowInvalid("the metadata of a message is cut off") from error
    if rows < 0:
        raise pa.ArrowInvalid("a message with less than no rows")
    return Told(kind, rows, compressed)


def _root(data: bytes) -> int:
    return int(_INT32.unpack_from(data, 0)[0])


def _inner(data: bytes, table: int, number: int) -> int:
    """Where the table begins that a field refers to."""
    place = _place(data, table, number)
    if not place:
        raise pa.ArrowInvalid("the metadata of a message lacks a part")
    return place + int(_INT32.unpack_from(data, place)[0])


def _place(data: bytes, table: int, number: int) -> int:
    """Where a table has a field; 0 where it has not."""
    if not 0 < table < len(data):
        raise pa.ArrowInvalid("the metadata of a message points outside of it")
    fields = table - int(_INT32.unpack_from(data, table)[0])
    if not 0 <= fields < len(data):
        raise pa.ArrowInvalid("the metadata of a message points outside of it")
    entry = 4 + 2 * number
    if entry >= _UINT16.unpack_from(data, fields)[0]:
        return 0
    offset = int(_UINT16.unpack_from(data, fields + entry)[0])
    return table + offset if offset else 0
