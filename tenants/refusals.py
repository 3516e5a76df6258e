"""What services refuse by: why something cannot be done as it was asked, in plain words, whichever way it was asked.

Two of Django's own errors belong to these: ValidationError, which says what is wrong with which field, as models and
forms do too, and PermissionDenied, for what a person may not do. REST says them all as problem documents
(tenants/api/problems.py), pages say them at their fields (models_app/console/ui/page.py).
"""

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError
from psycopg.errors import UniqueViolation

Fault = Mapping[str, Any]  # texts: "field", "expected", and "found" where something stands there


class Refusal(Exception):
    """A refusal with its reason. `title`: what it is called, if not as its kind is; `faults`: one for each place."""

    def __init__(self, detail: str = "", *, title: str = "", faults: Sequence[Fault] = ()) -> None:
        super().__init__(detail or title)
        self.title = title
        self.faults = faults


class Unreadable(Refusal):
    """What was sent cannot be read at all."""


class Unsupported(Refusal):
    """What was sent has a form that is not read here."""


class TooLarge(Refusal):
    """What was sent is beyond its limit."""


class Invalid(Refusal):
    """What was sent can be read, and holds values that cannot be taken: `faults` has the place of each."""


class NotAuthenticated(Refusal):
    """Nobody knows who asks."""


class NotFound(Refusal):
    """What was asked about is not there, for whoever asks."""


class Conflict(Refusal):
    """The request is well formed, and cannot be done as things are now."""


class TooManyRequests(Refusal):
    """It was asked too often; after `wait` seconds it may be asked again."""

    def __init__(self, detail: str, wait: float) -> None:
        super().__init__(detail)
        self.wait = wait


class Unavailable(Refusal):
    """Nothing is wrong with the request: what it needs does not answer now. After `wait` seconds, if known, it may."""

    def __init__(self, detail: str = "", wait: float | None = None, *, title: str = "") -> None:
        super().__init__(detail, title=title)
        self.wait = wait


# What a caller of services catches; an IntegrityError is one where `refused` says so.
REFUSED = (Refusal, ValidationError, PermissionDenied, IntegrityError)
_AT_ONCE = "Somebody has made the same at the same moment. Look at it, then try again."


def refused(error: Exception) -> Refusal | ValidationError | PermissionDenied | None:
    """The refusal that an error is; of the database, that there is such a row already. None for any other error."""
    if isinstance(error, IntegrityError):
        return Conflict(_AT_ONCE) if isinstance(error.__cause__, UniqueViolation) else None
    return error if isinstance(error, Refusal | ValidationError | PermissionDenied) else None


def messages_by_field(error: Refusal | ValidationError | PermissionDenied) -> dict[str, list[str]]:
    """What is wrong with each field; under "" what is wrong with none of them."""
    if isinstance(error, ValidationError):
        found: dict[str, list[str]] = error.message_dict if hasattr(error, "error_dict") else {"": error.messages}
        return found
    if not isinstance(error, Refusal) or not error.faults:
        return {"": [str(error)]}
    named: dict[str, list[str]] = {}
    for fault in error.faults:
        named.setdefault(fault["field"], []).append(fault["expected"])
    return named


def in_words(error: Refusal | ValidationError | PermissionDenied) -> str:
    """Why it was refused, without the names of fields."""
    return "; ".join(error.messages) if isinstance(error, ValidationError) else str(error)
