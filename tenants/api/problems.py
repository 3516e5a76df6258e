"""Errors of the REST APIs: RFC 9457 `application/problem+json`, naming the field and what was expected there."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.exceptions import ValidationError as DjangoValidationError
from django.db import IntegrityError
from psycopg.errors import UniqueViolation
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import exception_handler

CONTENT_TYPE = "application/problem+json"


class Problem(exceptions.APIException):
    """An error with a documented status. `errors`: [{"field", "expected", "found"?}], one for each fault."""

    def __init__(self, status: int, title: str, detail: str = "", errors: list[dict[str, Any]] | None = None) -> None:
        super().__init__(detail or title)
        self.status_code = status
        self.title = title
        self.errors = errors or []
        self.retry_after: float | None = None


TITLES = {
    400: "Not readable",
    401: "No valid key or token",
    403: "Not allowed",
    404: "Not found",
    405: "Method not allowed",
    409: "In conflict with what is there",
    413: "Too large",
    415: "Media type not supported",
    422: "Not valid",
    429: "Too many requests",
    503: "Not available now",
}


def body(status: int, title: str, detail: str, errors: list[dict[str, Any]]) -> dict[str, Any]:
    """The members of a problem document."""
    problem: dict[str, Any] = {"type": "about:blank", "title": title, "status": status}
    if detail:
        problem["detail"] = detail
    if errors:
        problem["errors"] = errors
    return problem


def handle(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler: every error leaves as a problem document."""
    error = refusal_of(error) or error
    response = exception_handler(error, context)
    if response is None:
        return None
    if isinstance(error, exceptions.APIException):
        response.status_code = status_of(error)
    status = response.status_code
    errors = errors_of(error)
    detail = "" if isinstance(error, exceptions.ValidationError) else str(getattr(error, "detail", ""))
    response.data = body(status, getattr(error, "title", TITLES.get(status, "Error")), detail, errors)
    response.content_type = CONTENT_TYPE
    return response


def refusal_of(error: Exception) -> exceptions.APIException | None:
    """What a service or the database refuses, as the API says it; None for any other error."""
    if isinstance(error, DjangoValidationError):
        return exceptions.ValidationError(messages_by_field(error))
    if isinstance(error, PermissionDenied):
        return exceptions.PermissionDenied(str(error) or None)  # with its words, which say how to go on
    if isinstance(error, IntegrityError) and isinstance(error.__cause__, UniqueViolation):
        said = "Somebody has made the same at the same moment. Look at it, then try again."
        return Problem(409, TITLES[409], said)
    return error if isinstance(error, exceptions.APIException) else None


def messages_by_field(error: DjangoValidationError) -> dict[str, list[str]]:
    """What is wrong with each field; under "" what is wrong with none of them."""
    found: dict[str, list[str]] = error.message_dict if hasattr(error, "error_dict") else {"": error.messages}
    return found


def status_of(error: exceptions.APIException) -> int:
    return 422 if isinstance(error, exceptions.ValidationError) else error.status_code


def errors_of(error: Exception) -> list[dict[str, Any]]:
    """[{"field", "expected", "found"?}], one for each fault that the error names."""
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
