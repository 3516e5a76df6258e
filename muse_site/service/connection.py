"""One connection of a client: uvicorn's, in front of which plain requests are answered at once.

Such a request costs no task and no thread: it is answered in the thread of the event loop, between two reads. Whatever
is not plain goes to uvicorn as it came, byte for byte, which reads it again and has the application answer it. The two
never share a request: bytes are looked at only between two of them, when all that came before was answered.
"""

import asyncio
import re
import time
from email.utils import formatdate
from typing import Any

import msgspec
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from muse_site.service.draining import draining
from muse_site.service.environ import EXTENSION, Environ
from muse_site.service.heads import Heads
from tenants.problem_documents import CONTENT_TYPE, TITLES, document

IDLE_SECONDS = 75.0  # between two requests, more than proxies leave; and for a client to take what it is sent
SLOW_SECONDS = 30.0  # for a request to come in, and one more for each SLOWEST bytes of it
SLOWEST = 4_096
LARGEST_HEAD = 65_536  # bytes
_COARSE = 0.005  # seconds by which the event loop's clock may be behind the time when it was read
_END = b"\r\n\r\n"
_TOO_LARGE = b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
_NOT_HTTP = msgspec.json.encode(
    document(400, TITLES[400], "This is no HTTP/1.1 request that is known here, or one of another method.", [])
)
_UPGRADE = re.compile(rb"\r\nupgrade:[^\r\n]*", re.IGNORECASE)
_NO_REQUEST = b"HTTP/1.1 400 Bad Request\r\ncontent-type: %b\r\ncontent-length: %d\r\nconnection: close\r\n\r\n%b" % (
    CONTENT_TYPE.encode(), len(_NOT_HTTP), _NOT_HTTP
)  # fmt: skip
_NO_PART, _HEAD, _BODY = range(3)  # of a request, that uvicorn has still to read


class State(ServerState):
    """What all connections share. `date`: the header of answers of this second."""

    date = b""
    connections: set[Any]  # each a Connection

    def __init__(self) -> None:
        super().__init__()
        self._answers: list[tuple[Any, bytes]] = []

    def send_soon(self, transport: Any, answer: bytes) -> None:
        """Send it once all connections that have something to read were read.

        Clients are woken together then: waking one alone for each answer costs more than the answer does.
        """
        if not self._answers:
            asyncio.get_running_loop().call_soon(self.send)
        self._answers.append((transport, answer))

    def send(self) -> None:
        """Send what waits, to those that have not gone meanwhile."""
        answers, self._answers = self._answers, []
        for transport, answer in answers:
            if not transport.is_closing():
                transport.write(answer)

    def tell_time(self) -> None:
        """Date the answers of the next second."""
        date = formatdate(usegmt=True).encode()
        self.default_headers = [(b"date", date)]
        self.date = b"\r\ndate: %b\r\n" % date


class Connection(HttpToolsProtocol):
    """`heads`: of plain requests; None has all of them answered by the application."""

    server_state: State

    def __init__(self, heads: Heads | None, **options: Any) -> None:
        super().__init__(**options)
        self._heads = heads
        self._caller = ""  # the address at the other end
        self._held = b""  # the beginning of a plain request
        self._more: Environ = {}  # what the application is to be told of the next one
        self._part = _NO_PART
        self._is_broken = False  # what follows the request that is being answered is none
        self._received = 0  # bytes of the request that comes in
        self._since = time.monotonic()

    @property
    def _is_answered(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    def close_if_idle(self) -> None:
        """Close the connection if nothing of a request is here, nor of an answer."""
        if self._is_answered and self._part == _NO_PART and not self._held:
            self.transport.close()

    def leave(self) -> None:
        """Close the connection with the answer to the request that is here, if one is."""
        if not self._is_answered:
            self.cycle.keep_alive = False

    def close_if_overdue(self, now: float) -> None:
        """Close what is idle for long, and what comes in or is taken too slowly."""
        waits = now - self._since
        if self.flow.write_paused:
            overdue = waits > IDLE_SECONDS
        elif self.flow.read_paused:  # it is our turn
            overdue, self._since = False, now
        elif self._held or self._part != _NO_PART:
            overdue = waits > SLOW_SECONDS + self._received / SLOWEST
        else:
            overdue = self._is_answered and waits > IDLE_SECONDS
        if overdue:
            self.transport.abort()

    # ---- what comes in

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._caller = self.client[0] if self.client else ""

    def data_received(self, data: bytes) -> None:
        self._unset_keepalive_if_required()
        if self._heads is not None and self._part == _NO_PART and self._is_answered:
            data = self._answer_plain(self._heads, self._held + data if self._held else data)
        if data:
            self._hand_on(data)

    def _answer_plain(self, heads: Heads, data: bytes) -> bytes:
        """Answer the plain requests that these bytes begin with; returns what the application has to answer."""
        self._held = b""
        while data:
            head, _, rest = data.partition(_END)
            plain = heads.find(head)
            if plain is None:
                return data
            if len(rest) < plain.length or self.flow.write_paused:
                return self._hold(data)
            answer = plain.answer(rest[: plain.length], self._caller, self._arrived)
            if not isinstance(answer, bytes):
                self._more = answer
                return data
            self._write(answer)
            data = rest[plain.length :] if not draining.began else b""
        return data

    def _arrived(self) -> float:
        """When the plain request came in that is here: its first bytes, or at the latest what the loop works on now."""
        return self._since if self._received else self.loop.time() + _COARSE

    def _hold(self, data: bytes) -> bytes:
        """Wait for the rest of a plain request, or for the client to take what it was sent."""
        if not self._received:
            self._since = time.monotonic()
        self._held, self._received = data, len(data)
        if self.flow.write_paused:
            self.flow.pause_reading()
        return b""

    def _write(self, answer: bytes) -> None:
        closing = b"connection: close\r\n" if draining.began else b""
        status, _, rest = answer.partition(b"\r\n")
        self.server_state.send_soon(self.transport, b"".join((status, self.server_state.date, closing, rest)))
        if draining.began:
            self.server_state.send()
            self.transport.close()
        self._since, self._received = time.monotonic(), 0

    def _hand_on(self, data: bytes) -> None:
        """Have uvicorn read it, unless it is a head that never ends. What was answered before goes out before."""
        self.server_state.send()
        is_head = self._part == _HEAD
        if self._part == _NO_PART:
            data = _without_upgrade(data)
        self._received += len(data)
        super().data_received(data)
        if is_head and self._part == _HEAD and self._received > LARGEST_HEAD:
            self.transport.write(_TOO_LARGE if self._is_answered else b"")
            self.transport.close()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._since = time.monotonic()

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._held:
            self.flow.resume_reading()
            self.data_received(b"")

    # ---- what uvicorn's parser finds in it

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._part, self._since, self._received = _HEAD, time.monotonic(), 0
        if self._more:
            more: Any = self._more
            self.scope["extensions"] = {EXTENSION: more}
            self._more = {}

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._part == _HEAD:  # what follows a body is none
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        if self.parser.should_upgrade():  # its body would be taken for the next request
            raise ValueError("an upgrade that is not offered")
        self._part = _BODY
        super().on_headers_complete()
        if draining.began:
            self.leave()

    def on_message_complete(self) -> None:
        self._part, self._received = _NO_PART, 0
        super().on_message_complete()

    def on_response_complete(self) -> None:
        self._since, self._received = time.monotonic(), 0
        super().on_response_complete()
        if self._is_broken and self._is_answered and not self.transport.is_closing():
            self.send_400_response("")

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no request, once what came before it was answered: as if it had come only then."""
        if self._is_answered:
            self.transport.write(_NO_REQUEST)
            self.transport.close()
        elif self._part == _BODY:  # of a request that may have begun to be answered
            self.transport.abort()
        else:
            self._is_broken, self._part = True, _NO_PART


def _without_upgrade(data: bytes) -> bytes:
    """The bytes of a request without its offer of another protocol, as clients make to whom HTTP/2 would be welcome."""
    head, end, rest = data.partition(_END)
    return _UPGRADE.sub(b"", head) + end + rest if end and _UPGRADE.search(head) else data
