"""An open loop of one request: it is sent whenever it is due, whatever became of those before, and what came is told.

    python -m benchmarks.open_loop HOST PORT RATE SECONDS MOST < REQUEST

Each goes over a connection that is free, or over a new one while there are fewer than MOST. One thread and sockets that
never block: a request that is refused before it was sent whole, or that nobody reads, holds up no other. It prints one
JSON array a request that was begun: when it was due, seconds until its answer was whole, status, Retry-After. A status
of 0 is a connection that broke, or an answer that had not come long after the last request.
"""

import json
import re
import selectors
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic

PATIENCE = 30.0  # seconds
_AT_ONCE = 262_144  # bytes
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_RETRY_AFTER = re.compile(rb"\r\nretry-after: *([^\r]*)", re.IGNORECASE)
_BOTH = selectors.EVENT_READ | selectors.EVENT_WRITE

Clock = Callable[[], float]


@dataclass(frozen=True)
class Came:
    """What came of one request."""

    due: float
    seconds: float
    status: int
    retry_after: str = ""


class _Connection:
    """One connection, that has sent a request, or a part of one, and waits for its answer; or is free."""

    def __init__(self, address: tuple[str, int]) -> None:
        self.socket = socket.socket()
        self.socket.setblocking(False)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.connect_ex(address)
        self.due: float | None = None  # of the request whose answer has not come
        self.left = memoryview(b"")  # of it, to be sent yet
        self._came = bytearray()

    @property
    def is_free(self) -> bool:
        return self.due is None and not self.left

    def begin(self, request: bytes, due: float) -> None:
        self.due, self.left = due, memoryview(request)
        self._came.clear()

    def go_on(self) -> None:
        """Send what the socket takes. Raises OSError where the connection is broken."""
        try:
            while self.left:
                self.left = self.left[self.socket.send(self.left) :]
        except BlockingIOError:
            return

    def hear(self) -> tuple[int, str] | None:
        """Status and Retry-After of the answer, once it is whole. Raises OSError where the connection is broken."""
        try:
            part = self.socket.recv(_AT_ONCE)
        except BlockingIOError:
            return None
        if not part or self.due is None:
            raise ConnectionResetError
        self._came += part
        head, end, body = bytes(self._came).partition(b"\r\n\r\n")
        length = _LENGTH.search(head)
        if not end or length is None or len(body) < int(length[1]):
            return None
        after = _RETRY_AFTER.search(head)
        return int(head[9:12]), after[1].decode() if after else ""


class OpenLoop:
    """To send `request` to `address`. `most`: connections; `patience`: seconds after the last was due.

    `came`: what came of its requests until now.
    """

    def __init__(
        self,
        address: tuple[str, int],
        request: bytes,
        *,
        most: int,
        patience: float = PATIENCE,
        clock: Clock = monotonic,
    ) -> None:
        self.came: list[Came] = []
        self._address, self._request, self._most = address, request, most
        self._patience, self._clock = patience, clock
        self._selector = selectors.DefaultSelector()
        self._all: set[_Connection] = set()
        self._free: dict[_Connection, None] = {}

    def run(self, rate: float, seconds: float) -> list[Came]:
        """Send so many a second for so long, and wait for the answers."""
        number, due = 0, (began := self._clock())
        end = began + seconds
        while (now := self._clock()) < end + self._patience and (now < end or self._awaits()):
            while due <= now < end and self._begin(due):
                number += 1
                due = began + number / rate
            until = due if now < due < end else end if now < end else end + self._patience
            self._listen(until - now)
        for each in list(self._all):
            self._drop(each)
        return self.came

    def _awaits(self) -> bool:
        return any(each.due is not None for each in self._all)

    def _begin(self, due: float) -> bool:
        """Whether there was a connection to send a request over."""
        if not self._free and len(self._all) >= self._most:
            return False
        connection = self._free.popitem()[0] if self._free else self._connected()
        connection.begin(self._request, due)
        self._act(connection, selectors.EVENT_WRITE)
        return True

    def _connected(self) -> _Connection:
        made = _Connection(self._address)
        self._all.add(made)
        self._selector.register(made.socket, selectors.EVENT_READ, made)
        return made

    def _listen(self, seconds: float) -> None:
        for key, events in self._selector.select(seconds):
            self._act(key.data, events)

    def _act(self, connection: _Connection, events: int) -> None:
        """Take what has come, and send what can be sent."""
        try:
            if events & selectors.EVENT_READ and (answer := connection.hear()):
                self._end(connection, *answer)
            connection.go_on()
        except OSError:
            self._drop(connection)
            return
        if connection.is_free:
            self._free[connection] = None
        self._look_for(connection, _BOTH if connection.left else selectors.EVENT_READ)

    def _look_for(self, connection: _Connection, events: int) -> None:
        if self._selector.get_key(connection.socket).events != events:
            self._selector.modify(connection.socket, events, connection)

    def _end(self, connection: _Connection, status: int, retry_after: str = "") -> None:
        due, connection.due = connection.due, None
        if due is not None:
            self.came.append(Came(due, self._clock() - due, status, retry_after))

    def _drop(self, connection: _Connection) -> None:
        """Close it. A request that has no answer has failed."""
        self._end(connection, 0)
        self._free.pop(connection, None)
        self._all.discard(connection)
        self._selector.unregister(connection.socket)
        connection.socket.close()


def post(host: str, path: str, token: str, body: bytes) -> bytes:
    """A request with this body of JSON."""
    head = f"POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n"
    head += f"Authorization: Bearer {token}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def tell(found: list[Came]) -> None:
    json.dump([(each.due, each.seconds, each.status, each.retry_after) for each in found], sys.stdout)


def main(host: str, port: str, rate: str, seconds: str, most: str) -> None:
    loop = OpenLoop((host, int(port)), sys.stdin.buffer.read(), most=int(most))
    tell(loop.run(float(rate), float(seconds)))


if __name__ == "__main__":
    main(*sys.argv[1:])
