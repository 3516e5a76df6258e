"""JSON, read strictly and in both services the same; what is wrong with a value is told with its place.

JSON can say what nothing here can take: half of a character (a lone surrogate), numbers beyond every float, whole
numbers of thousands of digits, thousands of levels. Many libraries write NaN, which it cannot say at all.
"""

import json
import math
import sys
from codecs import BOM_UTF8
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import msgspec

from tenants.refusals import Invalid, Unreadable

Fault = dict[str, str]
Place = tuple[str | int, ...]

UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
DEEPEST = 100  # levels of what is kept
_SHOWN, _FAULTS_SHOWN = 80, 100
_TOO_DEEP = "it is nested too deeply"
_DIGITS = 4_000  # Python itself refuses to read whole numbers that are a little longer
_FINITE = "a finite number; JSON knows neither NaN nor infinity, so send null where it is allowed"


@dataclass(frozen=True)
class Odd:
    """A value, or a name, that was sent and cannot be taken."""

    expected: str
    found: str


def decode(body: bytes) -> Any:
    """What a body says. Raises Unreadable for what is not JSON, Invalid naming each value that cannot be taken."""
    content, odd = decode_loosely(body)
    if odd:
        raise Invalid(faults=faults(odd))
    return content


def decode_loosely(body: bytes) -> tuple[Any, list[tuple[Place, Odd]]]:
    """What a body says, and where in it is what cannot be taken. Raises Unreadable."""
    body = without_mark(body)
    try:
        return msgspec.json.decode(body), []
    except UNREADABLE as error:
        content, odd = _read_with_odd(body)
        if not odd:
            message = "" if str(error).startswith("maximum recursion") else str(error)
            raise Unreadable(f"The body cannot be read as JSON: {message or _TOO_DEEP}.", title="Not JSON") from error
        return content, odd


def decode_storable(body: bytes) -> Any:
    """What a body says, all of which a database can keep. Raises as `decode`."""
    content = decode(body)
    if odd := list(unstorable(content)):
        raise Invalid(faults=faults(odd))
    return content


def without_mark(body: bytes) -> bytes:
    """Return the text without the byte order mark that some libraries begin with (RFC 8259, 8.1)."""
    return body.removeprefix(BOM_UTF8)


def unstorable(content: Any) -> Iterator[tuple[Place, Odd]]:
    """Find values that JSON allows and no database can store, each with its place."""
    for place, value in _walk(content):
        if len(place) > DEEPEST:
            yield place[:1], Odd(f"at most {DEEPEST} levels", "more")
            return
        if found := _half_a_character(value) or _not_kept(value):
            yield place, found


def words(place: Place, within: str = "") -> str:
    """A place as errors name it, below the field `within`: `events[0].features.amount`."""
    text = within
    for step in place:
        text += f"[{step}]" if isinstance(step, int) else f".{_shown(step)}"
    return text.lstrip(".") or "body"


def faults(odd: list[tuple[Place, Odd]]) -> list[Fault]:
    """Return the faults for a refusal, a hundred at most."""
    return [{"field": words(place), **vars(each)} for place, each in odd[:_FAULTS_SHOWN]]


def _read_with_odd(body: bytes) -> tuple[Any, list[tuple[Place, Odd]]]:
    """Read it by Python's more lenient reader, with what is odd in it; nothing odd where that fails too."""
    try:
        content = json.loads(str(body, "utf-8"), parse_constant=_no_number, parse_float=_float, parse_int=_whole)
    except (ValueError, RecursionError):
        return None, []
    return content, [
        (place, found)
        for place, value in _walk(content)
        if (found := value if isinstance(value, Odd) else _half_a_character(value))
    ]


def _walk(content: Any) -> Iterator[tuple[Place, Any]]:
    """Yield every value and name with its place; without recursion, for it may be deep."""
    waiting: list[tuple[Place, Any]] = [((), content)]
    while waiting:
        place, value = waiting.pop()
        yield place, value
        inner: list[tuple[Place, Any]] = []
        if isinstance(value, dict):
            yield from (((*place, str(key)), key) for key in value)
            inner = [((*place, str(key)), each) for key, each in value.items()]
        elif isinstance(value, list | tuple):
            inner = [((*place, index), each) for index, each in enumerate(value)]
        waiting.extend(reversed(inner))


def _half_a_character(value: Any) -> Odd | None:
    if not isinstance(value, str) or value.isascii():
        return None
    try:
        value.encode()
    except UnicodeEncodeError:
        return Odd("text of whole characters, without half of one (a lone surrogate)", _shown(value))
    return None


def _not_kept(value: Any) -> Odd | None:
    if isinstance(value, str):
        return Odd("text without the character NUL", _shown(value)) if "\x00" in value else None
    if isinstance(value, float):
        return None if math.isfinite(value) else Odd(_FINITE, str(value))
    if isinstance(value, int) and abs(value) > sys.float_info.max:
        return _beyond(len(str(abs(value))))
    return None


def _beyond(digits: int) -> Odd:
    return Odd(f"a number within ±{sys.float_info.max:.3g}", f"a whole number of {digits} digits")


def _no_number(text: str) -> Odd:
    return Odd(_FINITE, text)


def _float(text: str) -> float | Odd:
    number = float(text)
    return number if math.isfinite(number) else Odd(_FINITE, _shown(text))


def _whole(text: str) -> int | Odd:
    return int(text) if len(text) <= _DIGITS else _beyond(len(text.lstrip("-")))


def _shown(text: str) -> str:
    """Cut to a length that is safe to repeat, and with halves of characters as they were written."""
    whole = text.encode("utf-8", "backslashreplace").decode()
    return whole if len(whole) <= _SHOWN else f"{whole[:_SHOWN]}…"
