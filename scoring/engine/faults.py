"""What is wrong with a request, field by field, in a form that a client can act on."""

import json
from collections.abc import Sequence
from typing import Any, TypedDict

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
