"""Arrow streams as clients send them: read strictly and within bounds, column by column.

Columns have the names of the fields of an event in JSON, with a dot below `features` and `context`: `event_id`,
`occurred_at`, `features.amount`, `context.channel`. In place of these may stand one structure each, `features` and
`context`. What is below them is numbers, booleans or texts; all other types are refused before anything is unpacked.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from scoring.engine.faults import Fault
from scoring.serving.admission import weigh
from scoring.serving.columnar import framing
from scoring.serving.requests import ERRORS_SHOWN, invalid
from tenants.refusals import TooLarge, Unreadable

CONTENT_TYPE = "application/vnd.apache.arrow.stream"
BELOW = ("features", "context")
_NAMES = "intent, event_id, occurred_at, features.NAME or context.NAME"
_SHOWN = 80
_BROKEN = (pa.ArrowException, OSError, UnicodeDecodeError, MemoryError)
_AFTER = re.compile(r"[\r\n].*", re.DOTALL)
_WORDS = {
    "text": "a column of texts (string, or a dictionary of strings)",
    "time": "a column of timestamps with a zone, as timestamp[us, tz=UTC]",
    "value": "a column of numbers (integers, floats), booleans or texts",
}


@dataclass(frozen=True, slots=True)
class Stream:
    """The columns of `rows` events, by name; texts are all `string`, and nothing has a dictionary."""

    rows: int
    columns: dict[str, pa.Array]

    def below(self, part: str) -> dict[str, pa.Array]:
        """The columns of `features` or `context`, by their names there."""
        start = f"{part}."
        return {name.removeprefix(start): each for name, each in self.columns.items() if name.startswith(start)}


def read(body: bytes, most_rows: int, most_bytes: int) -> Stream:
    """All of a stream. `most_bytes`: of texts, when each event has its own.

    Raises Unreadable for what is no such stream, Invalid for columns that no event has, TooLarge.
    """
    try:
        with pa.ipc.open_stream(pa.py_buffer(body), options=_OPTIONS) as reader:
            _check_columns(reader.schema)
            rows = framing.check(body, most_rows)
            weigh(rows)
            budget = Budget(most_bytes)
            batches = [_columns(batch, budget) for batch in _batches(reader)] or [
                _columns(_none(reader.schema), budget)
            ]
    except _BROKEN as error:
        raise _unreadable(error) from error
    return Stream(rows, _together(batches))


class Budget:
    """How many bytes the texts of a request may still take. A few may be meant by many rows, in little space."""

    def __init__(self, most: int) -> None:
        self._most = self._left = most

    def take(self, name: str, count: int) -> None:
        """Raises TooLarge naming the column."""
        self._left -= count
        if self._left < 0:
            expected = f"texts of at most {self._most} bytes in all; send several requests"
            raise TooLarge(faults=[{"field": name, "expected": expected, "found": "more"}])


_OPTIONS = pa.ipc.IpcReadOptions(use_threads=False)


def _batches(reader: pa.RecordBatchStreamReader) -> Iterator[pa.RecordBatch]:
    for batch in reader:
        batch.validate(full=True)
        yield batch


def _none(schema: pa.Schema) -> pa.RecordBatch:
    return pa.RecordBatch.from_arrays([pa.array([], field.type) for field in schema], schema=schema)


def _check_columns(schema: pa.Schema) -> None:
    if faults := list(islice(_wrong_columns(schema), ERRORS_SHOWN)):
        raise invalid(faults)


def _wrong_columns(schema: pa.Schema) -> Iterator[Fault]:
    seen: set[str] = set()
    for name, kind in _flat(schema):
        if name in seen:
            yield {"field": name[:_SHOWN], "expected": "one column of that name", "found": "two"}
        elif expected := _expected(name, kind):
            yield {"field": name[:_SHOWN], "expected": expected, "found": str(kind)[:_SHOWN]}
        seen.add(name)


def _flat(schema: pa.Schema) -> Iterator[tuple[str, pa.DataType]]:
    for field in schema:
        if field.name in BELOW and pa.types.is_struct(field.type):
            yield from ((f"{field.name}.{inner.name}", inner.type) for inner in field.type)
        else:
            yield field.name, field.type


def _expected(name: str, kind: pa.DataType) -> str:
    """What should have been there, if it is not."""
    if name in ("intent", "event_id"):
        return "" if _is_text(kind) else _WORDS["text"]
    if name == "occurred_at":
        return "" if pa.types.is_null(kind) or (pa.types.is_timestamp(kind) and kind.tz) else _WORDS["time"]
    if name.partition(".")[0] not in BELOW or "." not in name:
        return f"no such column: they are {_NAMES}"
    return "" if _is_text(kind) or _is_plain(kind) else _WORDS["value"]


def _is_text(kind: pa.DataType) -> bool:
    return pa.types.is_null(kind) or _has_letters(kind.value_type if pa.types.is_dictionary(kind) else kind)


def _has_letters(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def _is_plain(kind: pa.DataType) -> bool:
    types = pa.types
    return bool(types.is_integer(kind) or types.is_floating(kind) or types.is_boolean(kind) or types.is_null(kind))


def _columns(batch: pa.RecordBatch, budget: Budget) -> dict[str, pa.Array]:
    columns: dict[str, pa.Array] = {}
    for field, array in zip(batch.schema, batch.columns, strict=True):
        if pa.types.is_struct(field.type):
            inner = [f"{field.name}.{each.name}" for each in field.type]
            columns |= zip(inner, array.flatten(), strict=True)
        else:
            columns[field.name] = array
    return {name: _text(name, each, budget) if _is_text(each.type) else each for name, each in columns.items()}


def _text(name: str, array: pa.Array, budget: Budget) -> pa.Array:
    """Texts as `string`, each row with its own; if that is not too much."""
    if pa.types.is_null(array.type):
        return array
    budget.take(name, _bytes(array))
    return array.cast(pa.string())


def _bytes(array: pa.Array) -> int:
    """How many bytes the texts have, counted in each row."""
    if pa.types.is_dictionary(array.type):
        lengths = _lengths(array.dictionary)
        places = np.asarray(array.indices.drop_null())
        return int(lengths[places].sum())
    return int(_lengths(array).sum())


def _lengths(texts: pa.Array) -> np.ndarray:
    if pa.types.is_string_view(texts.type):  # 16 bytes each, which begin with the length
        views = np.frombuffer(texts.buffers()[1], dtype=np.int32).reshape(-1, 4)
        return views[texts.offset : texts.offset + len(texts), 0].astype(np.int64)
    return np.asarray(pc.binary_length(texts).fill_null(0)).astype(np.int64)


def _together(batches: list[dict[str, pa.Array]]) -> dict[str, pa.Array]:
    if len(batches) == 1:
        return batches[0]
    return {name: pa.concat_arrays([each[name] for each in batches]) for name in batches[0]}


def _unreadable(error: BaseException) -> Unreadable:
    said = _AFTER.sub("", str(error))[:200].rstrip(".") or "it is cut off"
    fault = {"field": "body", "expected": "an Arrow stream, as pyarrow.ipc.new_stream writes it", "found": said}
    return Unreadable(f"The body cannot be read as an Arrow stream: {said}.", title="Not Arrow", faults=[fault])
