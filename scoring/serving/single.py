"""Single events, answered in the very thread that requests come in by: no line, and no thread of their own.

Nor Django, unless the express lane is switched off: then it answers them there.

So they never wait for a batch, which is scored in another thread. Neither can they pile up: each is answered before the
next is read, and there are only so many connections, each with one request at a time. What a tenant may send is bounded
by its quota. The order of tenants is that in which their connections have something to read.
"""

import io
import math
import time
from collections.abc import Callable, Mapping

from scoring.serving import metrics, requests
from scoring.serving.asked import ScoringRequest
from scoring.serving.deadline import ARRIVED, deadline
from scoring.serving.express import RAISED, Application, Environ, ExpressLane, Headers, is_plain
from tenants import asked
from tenants.refusals import Unreadable

_set_asked = asked.current.set
LARGEST = 65_536  # bytes of a body; what is larger is answered as a batch is


class SingleEvents:
    """The lane of single events, beside `express`, which says what is plain and learns what answers look like."""

    beginning = b"POST /api/v1/score HTTP/1.1\r\n"

    def __init__(self, express: ExpressLane) -> None:
        self._express = express
        self._max_bytes = express.max_bytes

    def plain(self, environ: Environ) -> "SingleEvent | None":
        """What is asked by a head that says this; None for what is not plainly right."""
        seconds = _waits(environ, self._max_bytes)
        return SingleEvent(self._express, environ, seconds) if seconds is not None else None


class SingleViews:
    """The lane of single events without the express lane: `django` answers them. `max_bytes`: of a body."""

    beginning = SingleEvents.beginning

    def __init__(self, django: Application, max_bytes: int) -> None:
        self._django = django
        self._max_bytes = max_bytes

    def plain(self, environ: Environ) -> "SingleView | None":
        """What is asked by a head that says this; None for what is not plainly right."""
        seconds = _waits(environ, self._max_bytes)
        return SingleView(self._django, environ, seconds) if seconds is not None else None


def _waits(environ: Environ, max_bytes: int) -> float | None:
    """For how many seconds the client of a plain request waits, without end if it does not say; None for any other."""
    if not is_plain(environ, min(LARGEST, max_bytes)):
        return None
    try:
        seconds = deadline(environ)
    except Unreadable:  # for the gate to say
        return None
    return math.inf if seconds is None else seconds


class SingleEvent:
    """A request for one score, of which the body may be any. `length`: of the body, in bytes.

    seconds: for which its client waits. One that is over is left to the gate, which refuses
    it; from when it is scored on, it is answered whatever that takes.
    """

    def __init__(self, express: ExpressLane, environ: Environ, seconds: float) -> None:
        self.length = int(environ["CONTENT_LENGTH"])
        self._express = express
        self._kind = express.kind(environ)
        self._headers: bytes | None = None
        self._environ = environ
        self._seconds = seconds
        self._body = b""
        self._asked: ScoringRequest | None = None

    def answer(self, body: bytes, caller: str, arrived: Callable[[], float]) -> bytes | Environ:
        """A good answer; else what Django has to know, which then answers.

        `caller`: the address at the other end of the connection, on which others may send the same head. `arrived`:
        tells when the request came in, by the monotonic clock.
        """
        began = time.perf_counter()
        if self._seconds < math.inf and time.monotonic() - (came := arrived()) > self._seconds:
            return {ARRIVED: came}
        self._environ["REMOTE_ADDR"], self._body, self._asked = caller, body, None
        headers, key = self._headers or self._learnt(), self._express.key(self._environ)
        if headers is None or key is None:
            return {}
        _set_asked(self)
        try:
            answer = requests.encode(self._express.service.score_json(key, body))
        except Exception as error:
            return {RAISED: error} | ({asked.MADE: self._asked.made} if self._asked else {})
        finally:
            _set_asked(None)
        metrics.answered("score", 200, time.perf_counter() - began)
        if limits := self._express.service.limits(key):
            headers += _as_text(limits)
        return b"HTTP/1.1 200 OK\r\n%bcontent-length: %d\r\n\r\n%b" % (headers, len(answer), answer)

    def ids(self) -> Mapping[str, str]:
        """What lines in the log name the request by that is being answered; made once there is one."""
        if self._asked is None:
            self._asked = ScoringRequest({**self._environ, "wsgi.input": io.BytesIO(self._body)})
        return self._asked.ids()

    def _learnt(self) -> bytes | None:
        """The headers of a good answer, once Django has given one: they are those of all that follow.

        A client that has said an id for its request is told it again.
        """
        found = self._express.headers(self._kind)
        if found is not None:
            said = asked.well_formed(self._environ.get(asked.SAID, ""))
            self._headers = _as_text([*found, (asked.HEADER, said)] if said else found)
        return self._headers


class SingleView:
    """A request for one score that Django answers. `length` and seconds as SingleEvent has them."""

    def __init__(self, django: Application, environ: Environ, seconds: float) -> None:
        self.length = int(environ["CONTENT_LENGTH"])
        self._django = django
        self._environ = {"SERVER_NAME": "", "SERVER_PORT": ""} | environ
        self._seconds = seconds

    def answer(self, body: bytes, caller: str, arrived: Callable[[], float]) -> bytes | Environ:
        """The answer, whatever it is; but for a request whose client waits no longer, as SingleEvent has it."""
        if self._seconds < math.inf and time.monotonic() - (came := arrived()) > self._seconds:
            return {ARRIVED: came}
        began: list[tuple[str, Headers]] = []
        environ = self._environ | {"REMOTE_ADDR": caller, "wsgi.input": io.BytesIO(body)}
        parts = self._django(environ, lambda status, headers, *_: began.append((status, headers)))
        try:
            answer = b"".join(parts)
        finally:
            getattr(parts, "close", lambda: None)()
        status, headers = began[-1]
        named = _as_text([each for each in headers if each[0].lower() != "content-length"])
        return b"HTTP/1.1 %b\r\n%bcontent-length: %d\r\n\r\n%b" % (status.encode(), named, len(answer), answer)


def _as_text(headers: Headers) -> bytes:
    return "".join(f"{name.lower()}: {value}\r\n" for name, value in headers).encode("latin-1")
