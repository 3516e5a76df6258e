"""Context attributes: what a request says of itself besides its features, for routing only."""

from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any

from scoring.engine import document
from scoring.engine.columns import LARGEST
from scoring.engine.faults import ROW_SHOWN, Fault, Faults, fault, listed, missing

_TYPES: Mapping[str, tuple[frozenset[type], str]] = {
    "string": (frozenset({str}), "a string"),
    "number": (frozenset({int, float}), "a finite number"),
    "boolean": (frozenset({bool}), "true or false"),
}


class ContextSchema:
    """The context attributes of one intent."""

    def __init__(self, attributes: Sequence[document.ContextAttribute]) -> None:
        self._attributes = {attribute.name: attribute for attribute in attributes}
        self._required = frozenset(attribute.name for attribute in attributes if attribute.required)

    def faults(self, context: Mapping[str, Any]) -> list[Fault]:
        """The faults of a context, the first of them where it has many; an empty list when there is none."""
        if not context and not self._required:
            return []
        found = list(islice((each for name in context for each in self._faults_of(name, context[name])), ROW_SHOWN))
        absent = [name for name in sorted(self._required) if name not in context]
        return found + [missing(f"context.{name}", _expected(self._attributes[name])) for name in absent]

    def check(self, context: Mapping[str, Any]) -> None:
        """Raises Faults."""
        if found := self.faults(context):
            raise Faults(found)

    def _faults_of(self, name: str, value: Any) -> list[Fault]:
        attribute = self._attributes.get(name)
        if attribute is None:
            expected = f"no such attribute: the intent's are {listed(self._attributes)}"
            return [fault(f"context.{name[:80]}", expected, value)]
        right_type = type(value) in _TYPES[attribute.type][0]
        infinite = type(value) in (int, float) and not -LARGEST <= value <= LARGEST
        unlisted = attribute.values and value not in attribute.values
        if right_type and not infinite and not unlisted:
            return []
        return [fault(f"context.{name}", _expected(attribute), value)]


def _expected(attribute: document.ContextAttribute) -> str:
    return f"one of {listed(attribute.values)}" if attribute.values else _TYPES[attribute.type][1]
