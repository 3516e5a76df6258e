"""Requests of an open loop, to a server that answers some, refuses some before it has read them, and forgets others."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

from benchmarks.open_loop import Came, OpenLoop, post

LARGE = b"x" * 8_388_608  # more than sockets hold


@contextmanager
def server(answer: Any) -> Iterator[tuple[str, int]]:
    """A server whose handler calls `answer` with itself for each POST."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        do_POST = answer

        def log_message(self, *_: Any) -> None:
            """Nobody reads it."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as found:
        found.daemon_threads = True
        Thread(target=found.serve_forever, args=(0.01,)).start()
        try:
            yield found.server_address[0], found.server_address[1]  # type: ignore[misc]
        finally:
            found.shutdown()


def say(handler: BaseHTTPRequestHandler, status: int, body: bytes, **headers: str) -> None:
    handler.send_response(status)
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


def read(handler: BaseHTTPRequestHandler) -> None:
    handler.rfile.read(int(handler.headers["Content-Length"]))


def until_three_came(address: tuple[str, int], body: bytes, most: int) -> list[Came]:
    """Whatever time it takes."""
    loop = OpenLoop(
        address, post("here", "/", "token", body), most=most, clock=lambda: 1e9 if len(loop.came) >= 3 else 0.0
    )
    return loop.run(rate=math.inf, seconds=60.0)


def test_open_loop__of_requests_that_are_answered__has_the_whole_answers() -> None:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        read(handler)
        say(handler, 200, b"scored" * 100_000)

    with server(answer) as address:
        came = until_three_came(address, b"{}", most=2)
    assert [each.status for each in came[:3]] == [200, 200, 200]


def test_open_loop__refused_before_the_body_is_read__has_the_refusals_and_sends_the_rest() -> None:
    def refuse(handler: BaseHTTPRequestHandler) -> None:
        say(handler, 429, b"{}", Retry_After="7")
        read(handler)

    with server(refuse) as address:
        came = until_three_came(address, LARGE, most=1)
    assert [(each.status, each.retry_after) for each in came] == [(429, "7")] * 3


def test_open_loop__whose_connections_are_closed__opens_others() -> None:
    def leave(handler: BaseHTTPRequestHandler) -> None:
        read(handler)
        say(handler, 200, b"")
        handler.close_connection = True

    with server(leave) as address:
        came = until_three_came(address, b"{}", most=1)
    assert 200 in {each.status for each in came}
    assert {each.status for each in came} <= {0, 200}  # one that was sent into a connection that closes has failed


def test_open_loop__whose_requests_nobody_answers__sends_more_all_the_same_and_counts_them_as_failed() -> None:
    over = Event()

    def forget(_: BaseHTTPRequestHandler) -> None:
        over.wait()

    with server(forget) as address:
        came = OpenLoop(address, post("here", "/", "token", b"{}"), most=3, patience=0.1).run(math.inf, seconds=1.0)
        over.set()
    assert [each.status for each in came] == [0, 0, 0]
