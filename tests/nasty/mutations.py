"""Good requests and files made bad, by a seed: the same seed makes the same ones."""

import json
import random
from collections.abc import Callable
from typing import Any

from tests.nasty import values

ODD_BYTES = (
    b"\x00",
    b"\xff",
    b"\xc3\x28",
    b"\xed\xa0\x80",
    b"{",
    b"}",
    b'"',
    b"\\u",
    b"1e999",
    b"-",
    b"\r\n",
    b"\xef\xbb\xbf",
)
_MARK = "\N{SNOWMAN}"


def spoilt(chance: random.Random, content: bytes) -> bytes:
    """Bytes with one to three faults: flipped, cut, doubled, swapped, or with something odd in between."""
    for _ in range(chance.randint(1, 3)):
        content = chance.choice(_FAULTS)(chance, content)
    return content


def spoilt_json(chance: random.Random, body: Any) -> bytes:
    """A JSON body with something else at one of its places, or a place missing, doubled or misspelt."""
    places = list(_places(body))
    if not places or chance.random() < 0.2:
        return spoilt(chance, json.dumps(body).encode())
    copy = json.loads(json.dumps(body))
    parent, key = _parent(copy, chance.choice(places))
    if isinstance(parent, dict) and chance.random() < 0.3:
        chance.choice((_leave_out, _misspell))(parent, key)
        return json.dumps(copy).encode()
    parent[key] = _MARK
    odd = chance.choice(
        [*values.JSON.values(), "[]", "{}", '""', "-1", "0", "true", '"\\u0000"', '"' + "x" * 5_000 + '"']
    )
    return json.dumps(copy).replace(json.dumps(_MARK), odd).encode()


def _places(body: Any) -> Any:
    inner = body.items() if isinstance(body, dict) else enumerate(body) if isinstance(body, list) else ()
    for key, each in inner:
        yield (key,)
        yield from ((key, *place) for place in _places(each))


def _parent(body: Any, place: tuple[Any, ...]) -> tuple[Any, Any]:
    for key in place[:-1]:
        body = body[key]
    return body, place[-1]


def _leave_out(parent: dict[str, Any], key: str) -> None:
    del parent[key]


def _misspell(parent: dict[str, Any], key: str) -> None:
    parent[f"{key}s"] = parent.pop(key)


def _flip(chance: random.Random, content: bytes) -> bytes:
    if not content:
        return b"\x80"
    at = chance.randrange(len(content))
    return content[:at] + bytes([content[at] ^ 1 << chance.randrange(8)]) + content[at + 1 :]


def _cut(chance: random.Random, content: bytes) -> bytes:
    return content[: chance.randrange(len(content) + 1)]


def _leave_out_bytes(chance: random.Random, content: bytes) -> bytes:
    start, end = sorted(chance.randrange(len(content) + 1) for _ in range(2))
    return content[:start] + content[end:]


def _double(chance: random.Random, content: bytes) -> bytes:
    start, end = sorted(chance.randrange(len(content) + 1) for _ in range(2))
    return content[:end] + content[start:]


def _insert(chance: random.Random, content: bytes) -> bytes:
    at = chance.randrange(len(content) + 1)
    return content[:at] + chance.choice(ODD_BYTES) + content[at:]


_FAULTS: tuple[Callable[[random.Random, bytes], bytes], ...] = (_flip, _cut, _leave_out_bytes, _double, _insert)
