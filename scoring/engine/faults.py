"""What is wrong with a request, field by field, in a form that a client can act on."""

import json
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any, TypedDict

# Of one event of a batch: of its faults, of names of nothing among them, and of names that could have been meant. There
# may be as many as there are features, of ten thousand events: an answer would be a thousand times as long as the body.
ROW_SHOWN = UNKNOWN_SHOWN = LISTED = 20
_SHOWN = 80


class Fault(TypedDict):
    """One fault: where, what was expected there, and what was found."""

    field: str
    expected: str
    found: str


class Faults(ValueError):
    """An event that cannot be scored as it was sent; `faults` has at least one."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("; ".join(f"{each['field']}: expected {each['expected']}" for each in faults))
        self.faults = list(faults)


def fault(field: str, expected: str, found: Any) -> Fault:
    return {"field": field, "expected": expected, "found": shown(found)}


def missing(field: str, expected: str) -> Fault:
    return {"field": field, "expected": expected, "found": "nothing"}


def listed(names: Iterable[str]) -> str:
    """Names that could have been meant, the first of them where there are many."""
    first = list(islice(names, LISTED + 1))
    return ", ".join(first[:LISTED]) + (", …" if len(first) > LISTED else "") or "none"


def shown(value: Any) -> str:
    """A value as its sender wrote it, cut to a length that is safe to repeat."""
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "an array"
    try:
        text = json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError):  # what JSON cannot hold, and integers too long to print
        text = type(value).__name__
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
