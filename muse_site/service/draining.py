"""How a process leaves without failing a request, while others serve on the same socket.

It takes no new connection, and closes each of those it has with the answer to its next request; only then does it end.
A connection that is closed while its client sends would fail that request, so idle ones are closed last.
"""

import os
import socket
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

LONGEST = 2.0  # seconds in which clients' connections meet their next request; what is idle so long is closed
_TICK = 0.05
_INTERNET = (socket.AF_INET, socket.AF_INET6)
_DESCRIPTORS = Path("/proc/self/fd")  # Linux's; elsewhere a process takes connections until it ends

StartResponse = Callable[..., Any]
Application = Callable[[dict[str, Any], StartResponse], Iterable[bytes]]


class Draining:
    """Whether this process is leaving: once it is, it is not ready, and its answers close their connections."""

    def __init__(self) -> None:
        self.began = False

    def around(self, application: Application) -> Application:
        """The application, whose answers say `Connection: close` from when the process is leaving."""

        def answer(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
            def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
                return start_response(status, [*headers, ("Connection", "close")] if self.began else headers, *rest)

            return application(environ, start)

        return answer

    def drain(self, listening: int) -> None:
        """Take no connection from this socket any more, and wait for those there are to be closed."""
        self.began = True
        with socket.socket(fileno=os.dup(listening)) as shared:
            port = shared.getsockname()[1]
        _listen_to_nobody(listening)
        deadline = time.monotonic() + LONGEST
        while _connections(port) and time.monotonic() < deadline:
            time.sleep(_TICK)


draining = Draining()


def _listen_to_nobody(listening: int) -> None:
    """Put a socket that nobody can reach in the place of the one that is shared: the others go on taking from that."""
    nowhere = socket.create_server(("127.0.0.1", 0), backlog=1)
    nowhere.setblocking(False)
    shared = _target(str(listening))
    for each in _descriptors():
        if _target(each) == shared:
            os.dup2(nowhere.fileno(), int(each))


def _connections(port: int) -> int:
    """How many clients are connected to this process."""
    return sum(_is_connection(int(each), port) for each in _descriptors() if _target(each).startswith("socket:"))


def _is_connection(descriptor: int, port: int) -> bool:
    with suppress(OSError), socket.socket(fileno=os.dup(descriptor)) as found:
        return found.family in _INTERNET and found.getsockname()[1] == port and bool(found.getpeername())
    return False


def _descriptors() -> list[str]:
    return [each.name for each in _DESCRIPTORS.iterdir()] if _DESCRIPTORS.is_dir() else []


def _target(descriptor: str) -> str:
    with suppress(OSError):
        return str((_DESCRIPTORS / descriptor).readlink())
    return ""
