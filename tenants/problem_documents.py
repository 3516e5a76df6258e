"""Problem documents (RFC 9457, `application/problem+json`): how a refusal is said over HTTP, whoever answers."""

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError

from tenants import refusals
from tenants.refusals import Fault, Refusal

CONTENT_TYPE = "application/problem+json"
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
STATUSES: dict[type[Exception], int] = {
    refusals.Unreadable: 400,
    refusals.NotAuthenticated: 401,
    PermissionDenied: 403,
    refusals.NotFound: 404,
    refusals.Conflict: 409,
    refusals.TooLarge: 413,
    refusals.Unsupported: 415,
    refusals.Invalid: 422,
    ValidationError: 422,
    refusals.TooManyRequests: 429,
    refusals.Unavailable: 503,
}


def status_of(refusal: Refusal | ValidationError | PermissionDenied) -> int:
    """The status of an answer that refuses so."""
    return next(status for kind, status in STATUSES.items() if isinstance(refusal, kind))


def document(status: int, title: str, detail: str, errors: Sequence[Fault]) -> dict[str, Any]:
    """The members of a problem document. `errors`: one for each fault."""
    problem: dict[str, Any] = {"type": "about:blank", "title": title, "status": status}
    if detail:
        problem["detail"] = detail
    if errors:
        problem["errors"] = errors
    return problem
