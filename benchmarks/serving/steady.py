"""Requests at a steady rate, whatever comes back: an open loop. `python -m benchmarks.serving.steady …`, see `steady`.

Each request has a time at which it is due, and how long it took is counted from there: a service that stands still for
a moment makes all wait that were due meanwhile, as it would its clients.
"""

import json
import select
import socket
import subprocess
import sys
import time
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from statistics import quantiles

from benchmarks.open_loop import post
from benchmarks.serving.load import processor_seconds
from benchmarks.serving.starting import Running
from benchmarks.serving.terms import Question
from muse_site.driving.running import HOST, ROOT

CONNECTIONS = 32
_PATIENCE = 5.0  # seconds after the last was due; what has not come by then is a failure


@dataclass(frozen=True)
class Steady:
    """One run: requests a second, processor time a request in µs, failures, and percentiles in ms from when due."""

    per_second: float
    processor: float
    failures: int
    p50: float
    p99: float


def steady(question: Question, service: Running, folder: Path, rate: float, seconds: float) -> Steady:
    """Ask at this rate, from a process of its own."""
    before = processor_seconds(service.pid)
    figures = map(str, (service.port, request(question, folder), CONNECTIONS, rate, seconds))
    argv = [sys.executable, "-m", __name__, *figures]
    told = json.loads(subprocess.run(argv, cwd=ROOT, check=True, capture_output=True, text=True).stdout)
    used = processor_seconds(service.pid) - before
    done = max(1, told["answered"])
    return Steady(done / seconds, 1e6 * used / done, told["failures"], told["p50"], told["p99"])


def request(question: Question, folder: Path) -> Path:
    """A file with the whole request."""
    body, key = (folder / question.file).read_bytes(), (folder / question.key).read_text()
    found = folder / f"request-{question.key}-{question.body}"
    found.write_bytes(post(HOST, question.path, key, body))
    return found


@dataclass
class Loop:
    """Sends what is due over connections that are free, the first that was due first."""

    port: int
    request: bytes
    connections: int = CONNECTIONS
    took: list[float] = field(default_factory=list)
    failures: int = 0

    def __post_init__(self) -> None:
        self._free = deque(self._connected() for _ in range(self.connections))
        self._busy: dict[socket.socket, tuple[float, bytes]] = {}

    def run(self, rate: float, seconds: float) -> None:
        began, number, count = time.monotonic(), 0, int(rate * seconds)
        while (number < count or self._busy) and time.monotonic() < began + seconds + _PATIENCE:
            due = began + number / rate
            if number < count and self._free and due <= time.monotonic():
                connection = self._free.popleft()
                connection.sendall(self.request)
                self._busy[connection] = due, b""
                number += 1
                continue
            until = due if number < count and self._free else began + seconds + _PATIENCE
            self._hear(max(0.0, until - time.monotonic()))
        self.failures += count - number + len(self._busy)

    def _hear(self, seconds: float) -> None:
        # Not epoll, which knows milliseconds only.
        for connection in select.select(list(self._busy), [], [], seconds)[0]:
            due, had = self._busy[connection]
            come = connection.recv(65536)
            had += come
            if come and not _is_whole(had):
                self._busy[connection] = due, had
                continue
            del self._busy[connection]
            if had.startswith(b"HTTP/1.1 200"):
                self.took.append(time.monotonic() - due)
            else:
                self.failures += 1
            self._free.append(connection if come else self._connected())

    def _connected(self) -> socket.socket:
        connection = socket.create_connection((HOST, self.port), timeout=30)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection


def _is_whole(answer: bytes) -> bool:
    head, end, body = answer.partition(b"\r\n\r\n")
    _, _, length = head.lower().partition(b"content-length:")
    return bool(end) and len(body) >= int(length.split(b"\r\n")[0])


def main(port: int, request: Path, connections: int, rate: float, seconds: float) -> None:
    loop = Loop(port, request.read_bytes(), connections)
    loop.run(rate, seconds)
    percentiles = quantiles(loop.took, n=100) if len(loop.took) > 1 else [0.0] * 99
    figures = {"p50": 1e3 * percentiles[49], "p99": 1e3 * percentiles[98]}
    print(json.dumps({"answered": len(loop.took), "failures": loop.failures, **figures}))


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), *map(float, sys.argv[4:]))
