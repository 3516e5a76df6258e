"""The sockets that services listen on. The supervisor holds them: processes come and go, they stay."""

import socket
from collections.abc import Iterable
from contextlib import suppress

BACKLOG = 1024
Address = tuple[str, int]


class CannotListen(RuntimeError):
    """Nobody can listen on an address: another program does, or it is none of this machine's."""


class Sockets:
    """One socket for each address, made when it is first asked for."""

    def __init__(self) -> None:
        self._sockets: dict[Address, socket.socket] = {}

    def on(self, address: Address) -> socket.socket:
        """The socket that listens on this address. Raises CannotListen."""
        if address not in self._sockets:
            self._sockets[address] = _listening(address)
        return self._sockets[address]

    def close(self) -> None:
        """Listen on none any more."""
        for each in self._sockets.values():
            each.close()
        self._sockets.clear()


def _listening(address: Address) -> socket.socket:
    host, port = address
    try:
        family = _family(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE))
        listener = socket.create_server(address, family=family, backlog=BACKLOG)
    except OSError as error:
        raise CannotListen(f"nobody can listen on {host}:{port}: {error.strerror or error}") from error
    listener.setblocking(False)
    with suppress(OSError):  # answers are small and awaited; connections inherit it
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def _family(found: Iterable[tuple[socket.AddressFamily, object, object, object, object]]) -> socket.AddressFamily:
    return next(iter(found))[0]
