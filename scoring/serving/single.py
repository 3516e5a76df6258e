"""Single events, answered in the very thread that requests come in by: no line, no thread of their own, no Django.

So they never wait for a batch, which is scored in another thread. Neither can they pile up: each is answered before the
next is read, and there are only so many connections, each with one request at a time. What a tenant may send is bounded
by its quota. The order of tenants is that in which their connections have something to read.
"""

import time
from collections.abc import Callable

from scoring.serving import metrics, requests
from scoring.serving.deadline import ARRIVED, deadline
from scoring.serving.express import RAISED, Environ, ExpressLane
from tenants.refusals import Unreadable

LARGEST = 65_536  # bytes of a body; what is larger is answered as a batch is


class SingleEvents:
    """The lane of single events, beside `express`, which says what is plain and learns what answers look like."""

    beginning = b"POST /api/v1/score HTTP/1.1\r\n"

    def __init__(self, express: ExpressLane) -> None:
        self._express = express

    def plain(self, environ: Environ) -> "SingleEvent | None":
        """What is asked by a head that says this; None for what is not plainly right."""
        is_plain = self._express.is_plain(environ) and int(environ["CONTENT_LENGTH"]) <= LARGEST
        try:
            return SingleEvent(self._express, environ, deadline(environ)) if is_plain else None
        except Unreadable:  # for the gate to say
            return None


class SingleEvent:
    """A request for one score, of which the body may be any. `length`: of the body, in bytes.

    seconds: for which its client waits, None where it does not say. One that is over is left to the gate, which refuses
    it; from when it is scored on, it is answered whatever that takes.
    """

    def __init__(self, express: ExpressLane, environ: Environ, seconds: float | None) -> None:
        self.length = int(environ["CONTENT_LENGTH"])
        self._express = express
        self._kind = express.kind(environ)
        self._headers: bytes | None = None
        self._environ = environ
        self._seconds = seconds

    def answer(self, body: bytes, caller: str, arrived: Callable[[], float]) -> bytes | Environ:
        """Headers and body of a good answer; else what Django has to know, which then answers.

        `caller`: the address at the other end of the connection, on which others may send the same head. `arrived`:
        tells when the request came in, by the monotonic clock.
        """
        began = time.perf_counter()
        if self._seconds is not None and time.monotonic() - (came := arrived()) > self._seconds:
            return {ARRIVED: came}
        self._environ["REMOTE_ADDR"] = caller
        headers, key = self._headers or self._learnt(), self._express.key(self._environ)
        if headers is None or key is None:
            return {}
        try:
            answer = requests.encode(self._express.service.score_json(key, body))
        except Exception as error:
            return {RAISED: error}
        metrics.answered("score", 200, time.perf_counter() - began)
        return b"%bcontent-length: %d\r\n\r\n%b" % (headers, len(answer), answer)

    def _learnt(self) -> bytes | None:
        """The headers of a good answer, once Django has given one: they are those of all that follow."""
        found = self._express.headers(self._kind)
        if found is not None:
            self._headers = "".join(f"{name.lower()}: {value}\r\n" for name, value in found).encode("latin-1")
        return self._headers
