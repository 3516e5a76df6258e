"""What stands before everything else that scores: requests enter it one at a time, in fair turns, or are refused.

A WSGI application, for a refusal must cost a fraction of what it refuses. A body is read before the turn begins, so
that no client that sends slowly holds up the others.
"""

import io
import math
import time
from collections import Counter
from collections.abc import Callable, Iterable
from functools import partial
from http import HTTPStatus
from typing import Any

import msgspec

from scoring.serving import metrics
from scoring.serving.admission import ENDED, SLICE, Admission
from scoring.serving.deadline import ARRIVED, time_left
from scoring.serving.express import ENDPOINTS, Application, Environ
from scoring.serving.service import ScoringService
from tenants.problem_documents import CONTENT_TYPE, TITLES, document, status_of
from tenants.refusals import REFUSED, TooManyRequests, Unavailable, Unreadable

NOBODY = 0  # the tenant of those without a live key, who share one part
_EVENT_BYTES = 400  # of which events of batches are reckoned, until they have been read
_EXPANDS = 8  # times as long as it came is a compressed body, about
_PACE = 0.01  # seconds from one refusal of a tenant to the next, where it is known before the body is read
_LONGEST_PACE = 0.25
_MOST_PACED = 4_096  # tenants

StartResponse = Callable[..., Any]
Halting = TooManyRequests | Unavailable | Unreadable


class Gate:
    """In front of `application`, which answers requests that have their turn. `max_bytes`: of a body."""

    def __init__(self, application: Application, admission: Admission, service: ScoringService, max_bytes: int) -> None:
        self._application = application
        self._admission = admission
        self._service = service
        self._max_bytes = max_bytes
        self._paced: dict[int, float] = {}  # when each tenant's next refusal is due
        self._inside: Counter[int] = Counter()  # large requests of each tenant that `shed` has let in

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        endpoint = ENDPOINTS.get(environ["PATH_INFO"])
        if endpoint is None or environ["REQUEST_METHOD"] != "POST":
            return self._application(environ, start_response)
        began = time.monotonic()
        environ.setdefault(ARRIVED, began)
        tenant = self._tenant(environ)
        length = self._read(environ) if tenant != NOBODY else 0
        events = 1 if endpoint == "score" else self._reckoned(length, environ)
        try:
            turn = self._admission.enter(tenant, events, time_left(environ))
        except (TooManyRequests, Unavailable, Unreadable) as refusal:
            return self._refuse(refusal, tenant, endpoint, began, environ, start_response)
        try:
            return self._application(environ, start_response)
        finally:
            self._admission.leave(turn)

    def shed(self, environ: Environ) -> tuple[float, Application] | None:
        """What answers a large request that is refused by its head alone, and in how many seconds it should.

        So it costs no thread, and its body no memory. The more of a tenant's are refused, the longer its clients wait
        for that: those that come again at once would take from others the time to read what is refused.
        """
        endpoint, said = ENDPOINTS.get(environ["PATH_INFO"]), environ.get("CONTENT_LENGTH", "")
        if endpoint in (None, "score") or environ["REQUEST_METHOD"] != "POST" or not said.isdecimal():
            return None
        tenant, began = self._tenant(environ), time.monotonic()
        if tenant == NOBODY or int(said) > self._max_bytes:
            return None  # for the application to refuse
        try:
            events = self._reckoned(int(said), environ)
            self._admission.check(tenant, events, self._inside[tenant])
        except (TooManyRequests, Unavailable) as refusal:
            return self._pace(tenant, began), partial(self._refuse, refusal, tenant, endpoint, began)
        if events > SLICE:
            self._inside[tenant] += 1
            environ[ENDED] = partial(self._end, tenant)
        return None

    def _end(self, tenant: int) -> None:
        self._inside[tenant] -= 1
        if not self._inside[tenant]:
            del self._inside[tenant]

    def _pace(self, tenant: int, now: float) -> float:
        """For how many seconds a refusal waits until it is said."""
        if len(self._paced) >= _MOST_PACED:
            self._paced.clear()
        due = min(max(now, self._paced.get(tenant, now)), now + _LONGEST_PACE)
        self._paced[tenant] = due + _PACE
        return due - now

    def _refuse(
        self, refusal: Halting, tenant: int, endpoint: str, began: float, _: Environ, start_response: StartResponse
    ) -> Iterable[bytes]:
        status = status_of(refusal)
        metrics.answered(endpoint, status, time.monotonic() - began)
        if tenant != NOBODY:
            self._service.refused_unread(tenant, "unreadable" if isinstance(refusal, Unreadable) else "load")
        return _refused(refusal, status, start_response)

    def taken_in(self, environ: Environ) -> int:
        """How many bytes of a request's body are taken in before it gets a thread: of those with a live key, all."""
        said = environ.get("CONTENT_LENGTH", "")
        too_long = said.isdecimal() and int(said) > self._max_bytes
        return self._max_bytes + 1 if not too_long and self._tenant(environ) != NOBODY else 0

    def _tenant(self, environ: Environ) -> int:
        try:
            return self._service.authenticate(environ).tenant
        except REFUSED:  # for the application to say
            return NOBODY

    def _reckoned(self, length: int, environ: Environ) -> int:
        """How many events a body may have; no more than may be. What it has is weighed once it has been read."""
        is_compressed = environ.get("HTTP_CONTENT_ENCODING", "identity").strip().lower() not in ("", "identity")
        expanded = length * _EXPANDS if is_compressed else length
        return min(1 + expanded // _EVENT_BYTES, self._service.max_events)

    def _read(self, environ: Environ) -> int:
        """Take in the body, which the application reads from memory then; returns how many bytes it has.

        One that says that it is too long is left where it is, for the application to refuse.
        """
        said = environ.get("CONTENT_LENGTH", "")
        length = int(said) if said.isdecimal() else self._max_bytes + 1  # enough to find that it is too long
        if said and length > self._max_bytes:
            return 0
        body = environ["wsgi.input"].read(length)
        environ["wsgi.input"] = io.BytesIO(body)
        return len(body)


def _refused(refusal: Halting, status: int, start_response: StartResponse) -> Iterable[bytes]:
    body = msgspec.json.encode(document(status, TITLES[status], str(refusal), []))
    headers = [
        ("Content-Type", CONTENT_TYPE),
        ("Content-Length", str(len(body))),
        ("X-Content-Type-Options", "nosniff"),
    ]
    if not isinstance(refusal, Unreadable):
        headers.append(("Retry-After", str(math.ceil(refusal.wait or 1.0))))
    start_response(f"{status} {HTTPStatus(status).phrase}", headers)
    return [body]
