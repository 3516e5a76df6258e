"""Routing: the first route of an intent whose conditions all hold answers an event."""

from collections.abc import Iterable, Mapping
from typing import Any, Protocol, TypeVar

from scoring.engine.document import Condition, Scalar


class HasConditions(Protocol):
    @property
    def when(self) -> tuple[Condition, ...]: ...


AnyRoute = TypeVar("AnyRoute", bound=HasConditions)


def first_match(routes: Iterable[AnyRoute], context: Mapping[str, Any]) -> AnyRoute:
    """The first route that fits; a release document always ends with one that fits all. Else raises LookupError."""
    for route in routes:
        for condition in route.when:
            if not holds(condition, context):
                break
        else:
            return route
    raise LookupError("no route fits; the last one of an intent must have no conditions")


def holds(condition: Condition, context: Mapping[str, Any]) -> bool:
    """Whether all tests of one condition hold. A missing attribute meets only a condition of `none_of` alone."""
    value = context.get(condition.attribute)
    if value is None:
        return bool(condition.none_of) and not condition.any_of and not _has_bounds(condition)
    if condition.any_of and not _among(value, condition.any_of):
        return False
    if condition.none_of and _among(value, condition.none_of):
        return False
    return not _has_bounds(condition) or _within_bounds(condition, value)


def _has_bounds(condition: Condition) -> bool:
    return condition.minimum is not None or condition.maximum is not None


def _within_bounds(condition: Condition, value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    above = condition.minimum is None or value >= condition.minimum
    return above and (condition.maximum is None or value <= condition.maximum)


def _among(value: Any, listed: tuple[Scalar, ...]) -> bool:
    """Python holds True equal to 1; here a boolean is only ever equal to a boolean."""
    for each in listed:  # noqa: SIM110  # a generator costs more than what it is asked
        if value == each and isinstance(value, bool) == isinstance(each, bool):
            return True
    return False
