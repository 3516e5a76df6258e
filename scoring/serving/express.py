"""The express lane: answers well-formed requests for scores in front of Django, which costs many times what they do.

It calls the very functions that the views call. Whatever is not plainly right goes to Django, body and all, so that
every refusal is worded in one place. No request is served twice: what serving has raised here, the view raises there.
"""

import io
import re
import time
from collections.abc import Callable, Iterable
from typing import Any

from scoring.serving import metrics, requests
from scoring.serving.columnar.answers import as_rows
from scoring.serving.keyring import Key
from scoring.serving.quotas import HEADERS
from scoring.serving.service import ScoringService
from tenants.refusals import REFUSED

ENDPOINTS = {"/api/v1/score": "score", "/api/v1/score/batch": "batch", "/api/v1/labels": "labels"}  # names in metrics
SCOPE = "score"
RAISED = "muse.raised"
_JSON = frozenset({"application/json", "application/json;charset=utf-8"})
_OTHER_ANSWERS = re.compile(r"arrow|ndjson", re.IGNORECASE)
_OWN = HEADERS | {"content-length"}  # of each answer
_PROTOCOLS = frozenset({None, "http", "https"})

Environ = dict[str, Any]
Kind = tuple[str, ...]
Headers = list[tuple[str, str]]
Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]


class ExpressLane:
    """A WSGI application in front of `django`. `max_bytes`: of a body that is answered here.

    Which headers answers have is for Django to say: those of its own first good answer of a kind are taken over.
    """

    def __init__(self, django: Application, service: ScoringService, max_bytes: int) -> None:
        self.service = service
        self._django = django
        self.max_bytes = max_bytes
        self._serving = {"score": self._score, "batch": self._score_batch}
        self._headers: dict[Kind, Headers] = {}

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        began = time.perf_counter()
        endpoint = ENDPOINTS.get(environ["PATH_INFO"], "")
        serve = self._serving.get(endpoint)
        if serve is None or not is_plain(environ, self.max_bytes):
            return self._django(environ, start_response)
        kind = self.kind(environ)
        headers, key = self.headers(kind), self.key(environ)
        if headers is None or key is None:
            return self._django(environ, self._learning(kind, start_response))
        body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        if len(body) < int(environ["CONTENT_LENGTH"]):  # the client has gone
            return self._django(environ | {"wsgi.input": io.BytesIO(body)}, start_response)
        try:
            answer = serve(key, body)
        except Exception as error:
            environ |= {RAISED: error, "wsgi.input": io.BytesIO(body)}
            return self._django(environ, start_response)
        metrics.answered(endpoint, 200, time.perf_counter() - began)
        start_response("200 OK", [*headers, *self.service.limits(key), ("Content-Length", str(len(answer)))])
        return [answer]  # a list, which the server sends in one piece

    def kind(self, environ: Environ) -> Kind:
        """What decides which headers an answer has."""
        return environ["PATH_INFO"], environ["wsgi.url_scheme"], environ.get("HTTP_X_FORWARDED_PROTO", "")

    def headers(self, kind: Kind) -> Headers | None:
        """The headers that all good answers of this kind have, once Django has given one."""
        return self._headers.get(kind)

    def key(self, environ: Environ) -> Key | None:
        """The live key that the request has, if it may score."""
        try:
            key = self.service.authenticate(environ)
        except REFUSED:
            return None
        return key if SCOPE in key.scopes else None

    def _score(self, key: Key, body: bytes) -> bytes:
        return requests.encode(self.service.score_json(key, body))

    def _score_batch(self, key: Key, body: bytes) -> bytes:
        return requests.encode(as_rows(self.service.score_batch_json(key, body)))

    def _learning(self, kind: Kind, start_response: Callable[..., Any]) -> Callable[..., Any]:
        """Return a `start_response` that also takes over the headers of a good answer."""

        def started(status: str, headers: Headers, *error: Any) -> Any:
            if status.startswith("200 "):
                self._headers[kind] = [each for each in headers if each[0].lower() not in _OWN]
            return start_response(status, headers, *error)

        return started


def is_plain(environ: Environ, max_bytes: int) -> bool:
    """Whether it is a POST of JSON that comes as it is, is as long as it says and may be, and is answered so."""
    length = environ.get("CONTENT_LENGTH", "")
    return (
        environ["REQUEST_METHOD"] == "POST"
        and environ.get("CONTENT_TYPE", "").lower().replace(" ", "") in _JSON
        and length.isdecimal()
        and 0 < int(length) <= max_bytes
        and "HTTP_CONTENT_ENCODING" not in environ
        and "HTTP_TRANSFER_ENCODING" not in environ
        and environ.get("HTTP_X_FORWARDED_PROTO") in _PROTOCOLS
        and not ("HTTP_ACCEPT" in environ and _OTHER_ANSWERS.search(environ["HTTP_ACCEPT"]))
    )


def raise_again(environ: Environ) -> None:
    """Raise what serving this request has raised in the express lane, if it came from there."""
    error: Exception | None = environ.pop(RAISED, None)
    if error is not None:
        raise error
