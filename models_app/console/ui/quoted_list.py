"""Texts as they stand in a form's line; one that would not come back as it is stands in quotes, as JSON has it."""

import json
import re
from collections.abc import Iterable

import msgspec

_ITEM = re.compile(r'\s*("(?:[^"\\]|\\.)*"|[^,]*?)\s*(?:,|\Z)')


def line(texts: Iterable[str]) -> str:
    """Apart by commas: `app, web, "one, two"`."""
    return ", ".join(_quoted(text) if "," in text else word(text) for text in texts)


def texts(typed: str) -> list[str]:
    """What `line` was made of; places without a text count for nothing. Raises ValueError."""
    items = [item for item in _ITEM.findall(typed) if item]
    for item in items:
        if item.startswith('"') and _unquoted(item) is None:
            raise ValueError(f"expected quotes at both ends, found {item}")
    return [text(item) for item in items]


def word(one: str) -> str:
    """Return one text, in quotes where it needs them."""
    return one if one and one == one.strip() and one.isprintable() and not one.startswith('"') else _quoted(one)


def text(typed: str) -> str:
    """What `word` was made of; without the spaces that slip in at its ends."""
    unquoted = _unquoted(typed.strip())
    return typed.strip() if unquoted is None else unquoted


def _quoted(one: str) -> str:
    return json.dumps(one, ensure_ascii=False)


def _unquoted(typed: str) -> str | None:
    try:
        return msgspec.json.decode(typed, type=str)
    except (msgspec.DecodeError, UnicodeError):
        return None
