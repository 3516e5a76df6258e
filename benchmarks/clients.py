"""Clients that score without pause, in a process of their own, so that they do not slow what measures them."""

import http.client
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from multiprocessing import get_context
from multiprocessing.synchronize import Event
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
import numpy as np
from numpy.typing import NDArray

# One row for each answer. `began`: seconds since the epoch; `took`: seconds; `release` 0 where the request failed.
Answers = NDArray[np.void]
ANSWER = np.dtype([("began", float), ("took", float), ("release", int)])


@contextmanager
def clients(address: str, token: str, body: bytes, count: int, file: Path) -> Iterator[None]:
    """`count` of them send this body over and over; at the end their answers are in `file`, for `answers`."""
    context = get_context("spawn")
    stop = context.Event()
    process = context.Process(target=_run, args=(address, token, body, count, stop, file))
    process.start()
    try:
        yield
    finally:
        stop.set()
        process.join()


def answers(file: Path) -> Answers:
    """Return the answers in the order in which they began."""
    found: Answers = np.load(file)
    return found[np.argsort(found["began"])]


def _run(address: str, token: str, body: bytes, count: int, stop: Event, file: Path) -> None:
    rows: list[tuple[float, float, int]] = []
    threads = [threading.Thread(target=_score, args=(address, token, body, stop, rows)) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    np.save(file, np.array(rows, ANSWER))


def _score(address: str, token: str, body: bytes, stop: Event, rows: list[tuple[float, float, int]]) -> None:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    with closing(http.client.HTTPConnection(urlsplit(address).netloc, timeout=30)) as connection:
        while not stop.is_set():
            began, at = time.time(), time.perf_counter()
            release = _once(connection, body, headers)
            rows.append((began, time.perf_counter() - at, release))


def _once(connection: http.client.HTTPConnection, body: bytes, headers: dict[str, str]) -> int:
    try:
        connection.request("POST", "/api/v1/score", body, headers)
        response = connection.getresponse()
        content = response.read()
    except (OSError, http.client.HTTPException):
        connection.close()
        return 0
    return int(msgspec.json.decode(content)["release"]) if response.status == 200 else 0
