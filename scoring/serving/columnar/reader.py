"""The two forms of batches of JSON that are read straight into columns: `events` with their names, or a table.

Types, bounds and categories are checked while the text is read. Whatever these decoders refuse, `batch_bodies` reads
again, and says what is wrong; what they accept is what that would have read.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import repeat
from typing import Annotated, Any, Literal
from weakref import WeakKeyDictionary

import msgspec

from scoring.engine import document
from scoring.engine.compiled import CompiledIntent, CompiledRelease
from scoring.engine.plain import PlainFeatures
from scoring.serving.columnar.plain import Form, Part, PlainBatch
from scoring.serving.plain import intent_of
from scoring.serving.requests import EventId, Time
from tenants.strict_json import UNREADABLE

_TABLES = 8  # an intent
_COLUMNS = re.compile(rb'\s*\{\s*(?:"intent"\s*:\s*"[^"\\]+"\s*,\s*)?"columns"\s*:\s*(\[[^\]]*\])')
_names = msgspec.json.Decoder(list[str])
_context = msgspec.json.Decoder(dict[str, Any])


class Reader:
    """Reads batches of one intent, in either form. Of tables it knows those with the columns of the latest few."""

    def __init__(self, intent: CompiledIntent) -> None:
        self._plain, self._attributes = intent.plain, intent.document.context
        self._objects = _of_objects(self._plain)
        self._table = lru_cache(_TABLES)(
            lambda columns: _of_table(_names.decode(columns), self._plain, self._attributes)
        )

    def read(self, body: bytes) -> PlainBatch | None:
        """A batch; None, or what msgspec raises, for one that is not plainly right."""
        table = _COLUMNS.match(body)
        if table is None:
            return self._objects.read(body)[1]
        form = self._table(table[1])
        if form is None:
            return None
        sent, batch = form.read(body)
        return batch if sent.columns == _names.decode(table[1]) else None


_readers: WeakKeyDictionary[CompiledIntent, Reader] = WeakKeyDictionary()


def read_batch(body: bytes, release: CompiledRelease) -> PlainBatch | None:
    """The events of a body, for an intent of this release; None where any of them is not plainly right."""
    name, intent = intent_of(body, release)
    if intent is None:
        return None
    reader = _readers.get(intent)
    if reader is None:
        reader = _readers[intent] = Reader(intent)
    try:
        batch = reader.read(body)
    except UNREADABLE:
        return None
    return batch if batch is not None and batch.name == name else None


class _Event(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, gc=False):
    """An event but for its features; contexts are read once for all that are the same."""

    context: msgspec.Raw = msgspec.Raw(b"{}")
    event_id: EventId | None = None
    occurred_at: Time | None = None


def _of_objects(plain: PlainFeatures) -> Form:
    """Events that are objects, each with its names."""
    features = [("features", plain.type)]
    event = msgspec.defstruct("Event", features, bases=(_Event,), kw_only=True, gc=False)

    def part(rows: Sequence[Any]) -> Part:
        contexts, ids, times, own = zip(*map(msgspec.structs.astuple, rows), strict=True) if rows else [()] * 4
        return Part(plain.many(own), [*map(bytes, contexts)], ids, times)

    return Form("events", event, part, _context.decode)


def _of_table(columns: list[str], plain: PlainFeatures, attributes: Sequence[document.ContextAttribute]) -> Form | None:
    """Rows of values under these columns; None where they are not what events of the intent have."""
    kinds = {"event_id": EventId | None, "occurred_at": Time | None}
    kinds |= {f"features.{name}": kind for name, kind in plain.kinds.items()}
    kinds |= {f"context.{each.name}": _attribute(each) for each in attributes}
    known, required = kinds.keys(), {f"features.{name}" for name in plain.required}
    if len(set(columns)) < len(columns) or not known >= set(columns) >= required:
        return None
    table = _Table(columns, plain)
    row = tuple[tuple(kinds[name] for name in columns)]  # type: ignore[misc, valid-type]
    return Form("data", row, table.part, table.context, columns=list[str])


class _Table:
    """Rows of values under `columns`."""

    def __init__(self, columns: list[str], plain: PlainFeatures) -> None:
        self._columns, self._plain = columns, plain
        self._attributes = {name: name.partition(".")[2] for name in columns if name.startswith("context.")}

    def part(self, rows: Sequence[Any]) -> Part:
        """Some rows in columns. Without a row there is nothing to turn."""
        turned = zip(*rows, strict=True) if rows else repeat((), len(self._columns))
        values: dict[str, Any] = dict(zip(self._columns, turned, strict=True))
        own = {name: values[key] for name in self._plain.names if (key := f"features.{name}") in values}
        absent = [None] * len(rows)
        contexts = zip(*(values[name] for name in self._attributes), strict=True) if self._attributes else absent
        ids, times = (values.get(name, absent) for name in ("event_id", "occurred_at"))
        return Part(self._plain.columns(own, len(rows)), contexts, ids, times)

    def context(self, values: Sequence[Any] | None) -> dict[str, Any]:
        """The context that these values are; null was not sent."""
        pairs = zip(self._attributes.values(), values or (), strict=values is not None)
        return {name: each for name, each in pairs if each is not None}


def _attribute(attribute: document.ContextAttribute) -> Any:
    number = float | Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]
    kinds: dict[str, Any] = {"string": Literal[attribute.values] if attribute.values else str, "number": number}
    kind = kinds.get(attribute.type, bool)
    return kind if attribute.required else kind | None
