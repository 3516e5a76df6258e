"""Errors of the REST APIs: problem documents, naming the field and what was expected there."""

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import exception_handler

from tenants.problem_documents import CONTENT_TYPE, TITLES, document, status_of
from tenants.refusals import Fault, Refusal, TooManyRequests, messages_by_field, refused


class Problem(exceptions.APIException):
    """A refusal as the framework knows errors: with a status. One that has no words of its own says its title."""

    def __init__(self, refusal: Refusal) -> None:
        self.status_code = status_of(refusal)
        self.title = refusal.title or TITLES[self.status_code]
        self.errors = list(refusal.faults)
        self.wait = getattr(refusal, "wait", None)  # which the framework says as Retry-After
        super().__init__(str(refusal) or self.title)


def handle(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler: every error leaves as a problem document."""
    error = _known_to_framework(error) or error
    response = exception_handler(error, context)
    if response is None:
        return None
    is_invalid = isinstance(error, exceptions.ValidationError)
    status = response.status_code = 422 if is_invalid else response.status_code
    detail = "" if is_invalid else str(getattr(error, "detail", ""))
    response.data = document(status, getattr(error, "title", TITLES.get(status, "Error")), detail, _errors(error))
    response.content_type = CONTENT_TYPE
    return response


def _known_to_framework(error: Exception) -> exceptions.APIException | None:
    """What a service or the database refuses, as the framework says it; None for any other error."""
    refusal = refused(error)
    if isinstance(refusal, ValidationError):
        return exceptions.ValidationError(messages_by_field(refusal))
    if isinstance(refusal, PermissionDenied):
        return exceptions.PermissionDenied(str(refusal) or None)  # with its words, which say how to go on
    if isinstance(refusal, TooManyRequests):
        return exceptions.Throttled(refusal.wait, str(refusal))
    return Problem(refusal) if refusal else None


def _errors(error: Exception) -> Sequence[Fault]:
    """The faults that an error names, one for each place."""
    if isinstance(error, Problem):
        return error.errors
    if isinstance(error, exceptions.ValidationError):
        return list(_flatten("", error.detail))
    return []


def _flatten(place: str, detail: Any) -> Any:
    """DRF's nested errors as one list: {"a": {"b": ["wrong"]}} is {"field": "a.b", "expected": "wrong"}."""
    if isinstance(detail, dict):
        for key, inner in detail.items():
            own = key not in ("non_field_errors", "__all__")
            step = f"{place}[{key}]" if isinstance(key, int) else f"{place}.{key}".strip(".").replace(".[", "[")
            yield from _flatten(step if own else place, inner)
    elif isinstance(detail, list):
        for number, inner in enumerate(detail):
            nested = isinstance(inner, dict | list)
            yield from _flatten(f"{place}[{number}]" if nested else place, inner)
    else:
        yield {"field": place or "body", "expected": str(detail)}
