"""The server in a thread of the test's own process, and clients that send bytes."""

import asyncio
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from threading import Event, Thread
from typing import Any

import uvloop

from muse_site.service.draining import draining
from muse_site.service.server import IsStuck, Served, Server

SOCKETS: dict[int, socket.socket] = {}  # by port


@dataclass(frozen=True)
class Answer:
    """One answer; names of headers in small letters."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Running:
    """A server that runs: its port, whether it is stuck, and how to have it leave."""

    port: int
    is_stuck: IsStuck
    leave: Callable[[], None]

    def connect(self) -> socket.socket:
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=30)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection

    def ask(self, *pieces: bytes, count: int = 1) -> list[Answer]:
        """Send these pieces one after the other; so many answers, or fewer where the server closes."""
        with self.connect() as connection, connection.makefile("rb") as file:
            for piece in pieces:
                connection.sendall(piece)
            found = [answer(file) for _ in range(count)]
        return [each for each in found if each is not None]


@contextmanager
def running(served: Served, threads: int = 2, port: int = 0) -> Iterator[Running]:
    """Serve until the block ends, then drain: on this port, beside others that do, or on one of its own."""
    ready, found = Event(), list[Running]()
    with _listening(port) as listening:

        async def serve() -> None:
            server, loop = Server(served, listening.fileno(), threads), asyncio.get_running_loop()

            def say(is_stuck: IsStuck) -> None:
                port = listening.getsockname()[1]
                found.append(Running(port, is_stuck, lambda: loop.call_soon_threadsafe(server.leave)))
                ready.set()

            await server.run(say)

        thread = Thread(target=lambda: uvloop.run(serve()), daemon=True)
        thread.start()
        assert ready.wait(30)
        try:
            yield found[0]
        finally:
            with suppress(RuntimeError):  # it has left already
                found[0].leave()
            thread.join(30)
            draining.began = False


@contextmanager
def _listening(port: int) -> Iterator[socket.socket]:
    """The socket on this port, which another server of this process has already, or one on a free port."""
    if not port:
        with socket.create_server(("127.0.0.1", 0)) as made:
            SOCKETS[made.getsockname()[1]] = made
            yield made
    else:
        with SOCKETS[port].dup() as same:
            yield same


def answer(file: Any, *, has_body: bool = True) -> Answer | None:
    """The next answer; None where there is none. `has_body`: but for those to HEAD."""
    start = file.readline()
    if not start:
        return None
    headers: dict[str, str] = {}
    while line := file.readline().decode("latin-1").rstrip("\r\n"):
        name, _, value = line.partition(":")
        assert name.lower() not in headers
        headers[name.lower()] = value.strip()
    return Answer(int(start.split()[1]), headers, _body(file, headers) if has_body else b"")


def _body(file: Any, headers: dict[str, str]) -> bytes:
    if headers.get("transfer-encoding") != "chunked":
        found: bytes = file.read(int(headers.get("content-length", "0")))
        return found
    parts = []
    while size := int(file.readline(), 16):
        parts.append(file.read(size))
        file.readline()
    file.readline()
    return b"".join(parts)
