"""What stands before everything else that scores: requests enter it one at a time, in fair turns, or are refused.

A WSGI application, for a refusal must cost a fraction of what it refuses. A body is read before the turn begins, so
that no client that sends slowly holds up the others.
"""

import io
import math
import time
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any

import msgspec

from scoring.serving import metrics
from scoring.serving.admission import Admission
from scoring.serving.express import ENDPOINTS, Application, Environ
from scoring.serving.service import ScoringService
from tenants.problem_documents import CONTENT_TYPE, TITLES, document, status_of
from tenants.refusals import REFUSED, TooManyRequests, Unavailable, Unreadable

NOBODY = 0  # the tenant of those without a live key, who share one part
DEADLINE = "HTTP_X_REQUEST_TIMEOUT"
LONGEST = 3600.0  # seconds
_EVENT_BYTES = 400  # of which events of batches are reckoned, until they have been read
_EXPANDS = 8  # times as long as it came is a compressed body, about

StartResponse = Callable[..., Any]
Halting = TooManyRequests | Unavailable | Unreadable


class Gate:
    """In front of `application`, which answers requests that have their turn. `max_bytes`: of a body."""

    def __init__(self, application: Application, admission: Admission, service: ScoringService, max_bytes: int) -> None:
        self._application = application
        self._admission = admission
        self._service = service
        self._max_bytes = max_bytes

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        endpoint = ENDPOINTS.get(environ["PATH_INFO"])
        if endpoint is None or environ["REQUEST_METHOD"] != "POST":
            return self._application(environ, start_response)
        began = time.perf_counter()
        tenant = self._tenant(environ)
        length = self._read(environ) if tenant != NOBODY else 0
        events = 1 if endpoint == "score" else self._reckoned(length, environ)
        try:
            seconds = _deadline(environ)
            left = None if seconds is None else seconds - (time.perf_counter() - began)
            turn = self._admission.enter(tenant, events, left)
        except (TooManyRequests, Unavailable, Unreadable) as refusal:
            status = status_of(refusal)
            metrics.answered(endpoint, status, time.perf_counter() - began)
            if tenant != NOBODY:
                self._service.refused_unread(tenant)
            return _refused(refusal, status, start_response)
        try:
            return self._application(environ, start_response)
        finally:
            self._admission.leave(turn)

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


def _deadline(environ: Environ) -> float | None:
    """For how many seconds the client waits for its answer, if it says so. Raises Unreadable."""
    said = environ.get(DEADLINE)
    if said is None:
        return None
    try:
        seconds = float(said)
    except ValueError:
        seconds = math.nan
    if not 0.0 < seconds <= LONGEST:
        raise Unreadable(f"X-Request-Timeout: expected seconds, above 0 and up to {LONGEST:g}, found {said[:40]!r}.")
    return seconds


def _refused(
    refusal: TooManyRequests | Unavailable | Unreadable, status: int, start_response: StartResponse
) -> Iterable[bytes]:
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
