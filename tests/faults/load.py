"""Clients that send at a steady rate, whatever comes back (an open loop), each over a connection that it keeps."""

import http.client
import select
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from statistics import quantiles
from urllib.parse import urlsplit

import msgspec

from tests.documents import EVENT

INTENT = "card-payments"
TIMEOUT = 30.0
SLOW = 1.0  # seconds, beyond which a client is not well served


@dataclass(frozen=True)
class Sent:
    """One request: when it was due and what came of it. `status` 0: the connection broke or nothing came in time."""

    due: float
    seconds: float
    status: int
    event_id: str = ""
    retry_after: str = ""
    degraded: str = ""  # why a fallback has answered


@dataclass
class Seen:
    """What clients saw. `begun`: how many requests they have begun to send; one whose client dies has no end."""

    sent: list[Sent] = field(default_factory=list)
    begun: int = 0

    def count(self, *statuses: int) -> int:
        return len(self.of(*statuses))

    def of(self, *statuses: int) -> list[Sent]:
        return [each for each in self.sent if each.status in statuses]

    @property
    def statuses(self) -> Counter[int]:
        return Counter(each.status for each in self.sent)

    @property
    def answered(self) -> list[Sent]:
        return self.of(200)

    def milliseconds(self, percent: int) -> float:
        """This percentile of how long answers took, from when their requests were due."""
        times = [each.seconds for each in self.answered]
        return 1000 * (quantiles(times, n=100)[percent - 1] if len(times) > 1 else sum(times))

    def well_after(self, fault: float) -> float:
        """Seconds from the fault until the last request that was not answered within a second."""
        bad = [each.due + each.seconds for each in self.sent if each.status != 200 or each.seconds > SLOW]
        return max(0.0, *(end - fault for end in bad), 0.0)


@contextmanager
def clients(address: str, token: str, *, rate: float, count: int = 8) -> Iterator[Seen]:
    """`rate` single events a second, over `count` connections."""
    seen, stop, began = Seen(), threading.Event(), time.monotonic()
    numbers = iter(range(1 << 62))
    lock = threading.Lock()

    def go_on() -> None:
        connection = None
        while not stop.is_set():
            with lock:
                due = began + next(numbers) / rate
            if stop.wait(max(0.0, due - time.monotonic())):
                break
            with lock:
                seen.begun += 1
            if connection is not None and _is_closed(connection):
                connection = None
            connection = connection or http.client.HTTPConnection(urlsplit(address).netloc, timeout=TIMEOUT)
            one = _send(connection, token, due)
            seen.sent.append(one)
            if not one.status:
                connection.close()
                connection = None

    threads = [threading.Thread(target=go_on) for _ in range(count)]
    for each in threads:
        each.start()
    try:
        yield seen
    finally:
        stop.set()
        for each in threads:
            each.join()


def batch_of(events: int) -> bytes:
    """A batch of so many events, all alike."""
    return msgspec.json.encode({"intent": INTENT, "events": [{"features": EVENT}] * events})


def _is_closed(connection: http.client.HTTPConnection) -> bool:
    """Whether the server has closed it while nothing was asked, which clients look for before they ask again."""
    return connection.sock is not None and bool(select.select([connection.sock], [], [], 0)[0])


def _send(connection: http.client.HTTPConnection, token: str, due: float) -> Sent:
    event_id = str(uuid.uuid4())
    content = msgspec.json.encode({"intent": INTENT, "event_id": event_id, "features": EVENT})
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    status, retry_after, answer = 0, "", b""
    try:
        connection.request("POST", "/api/v1/score", content, headers)
        response = connection.getresponse()
        answer = response.read()
        status, retry_after = response.status, response.getheader("Retry-After", "")
    except (OSError, http.client.HTTPException):
        pass
    return Sent(due, time.monotonic() - due, status, event_id, retry_after, _degraded(answer) if status == 200 else "")


def _degraded(answer: bytes) -> str:
    return str(msgspec.json.decode(answer).get("degraded", {"reason": ""})["reason"])


def ids(sent: Sequence[Sent]) -> set[str]:
    return {each.event_id for each in sent}
