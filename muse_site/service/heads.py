"""Heads of requests that are answered where they come in: read once, then known by their very bytes.

Clients send the same head again and again, but for the length of the body that it tells.
"""

from collections.abc import Callable
from typing import Protocol

import httptools

from muse_site.service.environ import Environ, environ
from tenants.asked import SAID

MOST_KNOWN = 4_096
LARGEST = 2_048  # bytes of a head that is kept
_NEVER_AGAIN = frozenset({SAID, "HTTP_TRACEPARENT"})  # what tells each request from all others
_KEPT_ALIVE = frozenset({"", "keep-alive"})


class Plain(Protocol):
    """A request that is answered at once, when `length` bytes of body are there."""

    length: int

    def answer(self, body: bytes, caller: str, arrived: Callable[[], float]) -> bytes | Environ:
        """An answer but for its date; or what the application is to be told, which then answers the request.

        `caller`: the address of who sends it, for one head may come from several. `arrived`: tells when it came in, by
        the monotonic clock.
        """


class Lane(Protocol):
    """Who answers such requests: those whose heads begin with `beginning`."""

    beginning: bytes

    def plain(self, environ: Environ) -> Plain | None:
        """The plain request whose head says this; None for one that the application answers."""


class Heads:
    """The plain requests of a lane, by their heads."""

    def __init__(self, lane: Lane) -> None:
        self._lane = lane
        self._known: dict[bytes, Plain] = {}

    def find(self, head: bytes) -> Plain | None:
        """The plain request that has this head, without the empty line at its end; None for any other."""
        return self._known.get(head) or self._read(head)

    def _read(self, head: bytes) -> Plain | None:
        if not head.startswith(self._lane.beginning):
            return None
        found = _environ(head)
        if found is None or "HTTP_EXPECT" in found or found.get("HTTP_CONNECTION", "").lower() not in _KEPT_ALIVE:
            return None
        plain = self._lane.plain(found)
        if plain is not None and len(head) <= LARGEST and not _NEVER_AGAIN & found.keys():
            self._keep(head, plain)
        return plain

    def _keep(self, head: bytes, plain: Plain) -> None:
        if len(self._known) >= MOST_KNOWN:  # many send heads that never come again: begin anew
            self._known.clear()
        self._known[head] = plain


def _environ(head: bytes) -> Environ | None:
    """What a head says; None for one that is not right."""
    headers: list[tuple[bytes, bytes]] = []
    reader = _Reader(headers)
    try:
        httptools.HttpRequestParser(reader).feed_data(head + b"\r\n\r\n")
    except (httptools.HttpParserError, httptools.HttpParserUpgrade):
        return None
    return (
        environ("POST", head.split(b" ", 2)[1], b"", headers, **{"wsgi.url_scheme": "http"}) if reader.whole else None
    )


class _Reader:
    """What the parser calls."""

    def __init__(self, headers: list[tuple[bytes, bytes]]) -> None:
        self.whole = False
        self._headers = headers

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers.append((name, value))

    def on_headers_complete(self) -> None:
        self.whole = True
