"""The wall between tenants, around each request of the console."""

import logging
from collections.abc import Callable

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.utils import timezone

from tenants.caller import calling, identify
from tenants.problem_documents import CONTENT_TYPE, TITLES, document
from tenants.services import note_refused

# What watches over the service is answered without a database: it may be the database that is away.
WITHOUT_SCOPE = {"/healthz", "/readyz", "/metrics"}

logger = logging.getLogger(__name__)


class _Undo(Exception):
    """Carries an error response out of the transaction, which it rolls back."""

    def __init__(self, response: HttpResponseBase) -> None:
        self.response = response


class ScopeMiddleware:
    """Answers each request in one transaction, in which only the caller's tenants can be seen.

    Django renders template responses before they come back here, so they too are inside. A response with an error
    status undoes all that its view has written. Streaming responses are sent outside: they must not query.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path in WITHOUT_SCOPE:
            return self.get_response(request)
        try:
            caller = identify(request)
            if caller.elsewhere:  # noted outside of what its answer undoes
                note_refused(caller.elsewhere.pk, timezone.now(), caller.address)
            with calling(caller, f"{request.method} {request.path}"), caller.scope():
                response = self.get_response(request)
                if response.status_code >= 400:
                    raise _Undo(response)
        except _Undo as undo:
            return undo.response
        except OperationalError:
            logger.exception("The database cannot be reached")
            return _unavailable()
        return response


def _unavailable() -> HttpResponse:
    body = document(503, TITLES[503], "The database cannot be reached now. Try again in a moment.", [])
    return JsonResponse(body, status=503, content_type=CONTENT_TYPE, headers={"Retry-After": "5"})
