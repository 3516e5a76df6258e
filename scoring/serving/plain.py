"""Reads requests that are plainly right by decoders that are made for an intent, its schema in them.

They take a fraction of what reading any request and checking it takes. Whatever they refuse, `requests` reads again,
and says what is wrong; what they accept is what it would have read.
"""

import re
from typing import Any
from weakref import WeakKeyDictionary

import msgspec

from scoring.engine.compiled import CompiledIntent, CompiledRelease
from scoring.serving.requests import ScoreRequest
from tenants.strict_json import UNREADABLE

_INTENT = re.compile(rb'\s*\{\s*"intent"\s*:\s*"([^"\\]+)"')  # as most clients begin; others are read by `requests`
_LAST = re.compile(rb'"intent"\s*:\s*"([^"\\]+)"\s*\}\s*\Z')  # as those end that sort their fields
_END = 200  # bytes in which that is looked for


_decoders: WeakKeyDictionary[CompiledIntent, msgspec.json.Decoder[Any]] = WeakKeyDictionary()


def read_one(body: bytes, release: CompiledRelease) -> ScoreRequest | None:
    """The event of a body, for an intent of this release; None where it is not plainly right."""
    name, intent = intent_of(body, release)
    if intent is None:
        return None
    try:
        request: ScoreRequest = _decoder(intent).decode(body)
    except UNREADABLE:
        return None
    return request if request.intent == name else None


def intent_of(body: bytes, release: CompiledRelease) -> tuple[str, CompiledIntent | None]:
    """What a body seems to be for."""
    found = _INTENT.match(body) or _LAST.search(body, max(0, len(body) - _END))
    name = found[1].decode(errors="replace") if found else ""
    return name, release.intents.get(name)


def _decoder(intent: CompiledIntent) -> msgspec.json.Decoder[Any]:
    """A decoder of requests whose features are of the intent's own type."""
    decoder = _decoders.get(intent)
    if decoder is None:
        features = [("features", intent.plain.type)]
        plain = msgspec.defstruct("ScoreRequest", features, bases=(ScoreRequest,), kw_only=True, gc=False)
        decoder = _decoders[intent] = msgspec.json.Decoder(plain)
    return decoder
