"""Of recorded events, those that some of an intent's routes would answer: as routing says it, in SQL."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scoring.engine.document import Condition, Intent, Scalar

Expression = Callable[[str, str], str]  # of a context attribute, by its name and type; NULL where it was never recorded
_PYTHON: Mapping[str, Sequence[type]] = {"string": (str,), "number": (int, float), "boolean": (bool,)}


@dataclass(frozen=True)
class Routed:
    """The events of the routes that are called `routes`; the first route of the `intent` that fits has an event."""

    intent: Intent
    routes: frozenset[str]

    def condition(self, expression: Expression) -> tuple[str, dict[str, Any]]:
        """SQL that is true for these events, and its parameters."""
        values: dict[str, Any] = {}
        cases = [
            f"WHEN {' AND '.join(self._holds(each, expression, values) for each in route.when) or 'TRUE'} "
            f"THEN {route.name in self.routes}"
            for route in self.intent.routes
        ]
        return f"CASE {' '.join(cases)} ELSE FALSE END", values

    def _holds(self, condition: Condition, expression: Expression, values: dict[str, Any]) -> str:
        """As `scoring.engine.routing.holds`: a missing attribute meets only a condition of `none_of` alone."""
        kind = next(each.type for each in self.intent.context if each.name == condition.attribute)
        value = expression(condition.attribute, kind)
        given = {">=": condition.minimum, "<=": condition.maximum}
        bounds = {sign: bound for sign, bound in given.items() if bound is not None}
        if bounds and kind != "number":
            return "FALSE"
        tests = [f"{value} {sign} {_named(values, bound)}" for sign, bound in bounds.items()]
        if_missing = bool(condition.none_of) and not condition.any_of and not tests
        if condition.any_of:
            tests.append(_among(value, kind, condition.any_of, values))
        if condition.none_of:
            tests.append(f"NOT {_among(value, kind, condition.none_of, values)}")
        return f"(CASE WHEN {value} IS NULL THEN {if_missing} ELSE {' AND '.join(tests) or 'TRUE'} END)"


def _among(value: str, kind: str, listed: Iterable[Scalar], values: dict[str, Any]) -> str:
    """A value is only ever equal to one of its own type."""
    same = [each for each in listed if type(each) in _PYTHON[kind]]
    return f"({value} IN ({', '.join(_named(values, each) for each in same)}))" if same else "FALSE"


def _named(values: dict[str, Any], value: Scalar) -> str:
    name = f"route_{len(values)}"
    values[name] = value if isinstance(value, str | bool) else float(value)
    return f"${name}"
