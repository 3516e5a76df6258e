"""Batches as a table: `columns` names them once, and `data` has a row of values for each event, as Pandas' `split` has.

Columns have the names that they have in an Arrow stream: `event_id`, `occurred_at`, `features.amount`,
`context.channel`. Null is what was not sent, or null where a feature allows that. Here each row becomes the event that
a client would have sent by itself, and is checked as that is; tables that are plainly right never come here.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

import msgspec

from scoring.engine.compiled import CompiledIntent
from scoring.engine.faults import Fault, fault, shown
from scoring.engine.given import NOTHING
from scoring.serving.admission import weigh
from scoring.serving.columnar.events import misfits
from scoring.serving.requests import ERRORS_SHOWN, Event, fault_of, invalid
from tenants import strict_json
from tenants.refusals import Invalid
from tenants.strict_json import Odd, Place

OWN = ("event_id", "occurred_at")
BELOW = ("features", "context")
NO_COLUMN = "no such column: they are event_id, occurred_at, features.NAME or context.NAME"
_SHOWN = 80

Intents = Mapping[str, CompiledIntent]
OddPlaces = Sequence[tuple[Place, Odd]]


class _Table(msgspec.Struct, forbid_unknown_fields=True):
    intent: str
    columns: list[str]
    data: list[Any]


def is_table(content: Any) -> bool:
    """Whether this is meant to be a batch of this form."""
    return isinstance(content, dict) and "events" not in content and ("columns" in content or "data" in content)


def read(content: Any, odd: OddPlaces, intents: Intents) -> tuple[str, list[Event], dict[int, list[Fault]]]:
    """Intent, events, and the faults of rows that are none, by index. `odd`: places of what cannot be taken.

    Raises Invalid for what is no table, and for columns that no event of the intent can have.
    """
    if outside := [each for each in odd if len(each[0]) < 2 or each[0][0] != "data"]:
        raise Invalid(faults=strict_json.faults(outside))
    try:
        table = msgspec.convert(content, _Table)
    except msgspec.ValidationError as error:
        raise invalid([fault_of(error, content)]) from error
    intent = intents.get(table.intent)
    if faults := _misfits(table.columns, intent):
        raise invalid(faults)
    weigh(len(table.data))
    rows = _Rows(table.columns, intent, odd)
    return table.intent, [rows.event(row, values) for row, values in enumerate(table.data)], rows.faults


def _misfits(columns: Sequence[str], intent: CompiledIntent | None) -> list[Fault]:
    faults = list(islice(_misnamed(columns), ERRORS_SHOWN))
    if faults or intent is None:
        return faults
    features, context = ([each.partition(".")[2] for each in columns if each.startswith(f"{part}.")] for part in BELOW)
    return misfits(intent, dict.fromkeys(features, NOTHING), context)


def _misnamed(columns: Sequence[str]) -> Iterator[Fault]:
    seen: set[str] = set()
    for place, name in enumerate(columns):
        below, _, inner = name.partition(".")
        if name not in OWN and not (below in BELOW and inner):
            yield fault(f"columns[{place}]", NO_COLUMN, name)
        elif name in seen:
            yield {"field": name[:_SHOWN], "expected": "one column of that name", "found": "two"}
        seen.add(name)


class _Rows:
    """Makes events of rows; `faults` has what is wrong with those that are none."""

    def __init__(self, columns: Sequence[str], intent: CompiledIntent | None, odd: OddPlaces) -> None:
        self._columns = columns
        features = intent.document.features if intent is not None else ()
        self._nulls = {f"features.{each.name}" for each in features if each.nullable or each.required}
        self.faults: dict[int, list[Fault]] = {}
        for (_, row, *within), each in odd:
            self.faults.setdefault(int(row), []).extend(self._odd(within, each))

    def event(self, row: int, values: Any) -> Event:
        if row in self.faults:
            return Event(features={})
        if not isinstance(values, list) or len(values) != len(self._columns):
            expected = f"an array of {len(self._columns)} values, one for each column"
            found = f"an array of {len(values)}" if isinstance(values, list) else shown(values)
            self.faults[row] = [{"field": "data", "expected": expected, "found": found}]
            return Event(features={})
        return self._event(row, values)

    def _event(self, row: int, values: list[Any]) -> Event:
        sent: dict[str, Any] = {"features": {}, "context": {}}
        for name, value in zip(self._columns, values, strict=True):
            below, _, inner = name.partition(".")
            if value is not None or name in self._nulls:
                (sent[below] if inner else sent)[inner or name] = value
        try:
            return msgspec.convert(sent, Event)
        except msgspec.ValidationError as error:
            self.faults[row] = [fault_of(error, sent)]
            return Event(features={})

    def _odd(self, within: Sequence[str | int], each: Odd) -> list[Fault]:
        """A fault as it has its place in an event."""
        place: Place = tuple(within)
        if within and isinstance(within[0], int) and within[0] < len(self._columns):
            place = (*self._columns[within[0]].split(".", 1), *within[1:])
        return [Fault(**found) for found in strict_json.faults([(place, each)])]  # type: ignore[typeddict-item]
