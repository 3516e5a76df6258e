"""Reading what a page's address asks for: texts by name, each read by a reader of its own, faults said by field."""

from collections.abc import Callable, Mapping, Sequence
from math import isfinite
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator

Reader = Callable[[str], Any]  # raises ValueError in plain words
# As the framework of REST says it of a number in an address, so that a page and REST say the same.
NOT_A_NUMBER, NOT_WHOLE = "A valid number is required.", "A valid integer is required."


def read_query(query: Mapping[str, str], readers: Mapping[str, Reader]) -> dict[str, Any]:
    """What is asked for, by name; blank is not asked for. Raises ValidationError naming each field."""
    found: dict[str, Any] = {}
    faults: dict[str, str] = {}
    for name, text in query.items():
        if text == "":
            continue
        try:
            found[name] = _reader(name, readers)(text)
        except ValueError as error:
            faults[name] = str(error)
    if faults:
        raise ValidationError(faults)  # type: ignore[arg-type]
    return found


def number(low: float, high: float) -> Reader:
    """Reads a number within these limits."""
    return lambda text: _within(_number(text, float, NOT_A_NUMBER), low, high)


def whole_number(low: int, high: int) -> Reader:
    """Reads a whole number within these limits."""
    return lambda text: _within(_number(text, int, NOT_WHOLE), low, high)


def one_of(choices: Sequence[str]) -> Reader:
    """Reads one of these texts."""

    def read(text: str) -> str:
        if text not in choices:
            raise ValueError(f"expected one of {', '.join(choices)}")
        return text

    return read


def _reader(name: str, readers: Mapping[str, Reader]) -> Reader:
    if name not in readers:
        raise ValueError(f"no such field; there are {', '.join(readers)}")
    return readers[name]


def _number(text: str, kind: type[Any], otherwise: str) -> Any:
    try:
        value = kind(text)
        if isfinite(value):
            return value
    except (ValueError, OverflowError):
        pass
    raise ValueError(otherwise)


def _within(value: Any, low: Any, high: Any) -> Any:
    for check in (MinValueValidator(low), MaxValueValidator(high)):
        try:
            check(value)
        except ValidationError as error:
            raise ValueError(error.messages[0]) from None
    return value
