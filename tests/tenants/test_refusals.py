"""What services refuse, as REST says it and as pages are told."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError

from tenants.api.problems import handle
from tenants.problem_documents import STATUSES, TITLES
from tenants.refusals import (
    Conflict,
    Invalid,
    NotFound,
    Refusal,
    TooManyRequests,
    Unavailable,
    in_words,
    messages_by_field,
    refused,
)

FAULT = {"field": "amount", "expected": "a number", "found": "x"}


@pytest.mark.parametrize(
    ("refusal", "status", "title", "detail", "errors"),
    [
        (Conflict("it ended already"), 409, "In conflict with what is there", "it ended already", None),
        (Invalid(faults=[FAULT]), 422, "Not valid", "Not valid", [FAULT]),
        (NotFound(title="Unknown intent", faults=[FAULT]), 404, "Unknown intent", "Unknown intent", [FAULT]),
        (Unavailable("Try again."), 503, "Not available now", "Try again.", None),
        (PermissionDenied("Ask an admin."), 403, "Not allowed", "Ask an admin.", None),
        (
            ValidationError({"name": ["is taken"]}),
            422,
            "Not valid",
            None,
            [{"field": "name", "expected": "is taken"}],
        ),
        (ValidationError("the last one"), 422, "Not valid", None, [{"field": "body", "expected": "the last one"}]),
    ],
)
def test_refusal__over_rest__is_a_problem_document(
    refusal: Exception, status: int, title: str, detail: str | None, errors: list[dict[str, str]] | None
) -> None:
    answer = handle(refusal, {})
    assert answer is not None
    assert answer.content_type == "application/problem+json"
    assert answer.status_code == answer.data["status"] == status
    assert (answer.data["title"], answer.data.get("detail"), answer.data.get("errors")) == (title, detail, errors)


def test_too_many_requests__over_rest__says_when_to_come_again() -> None:
    answer = handle(TooManyRequests("The quota is used up.", 1.2), {})
    assert answer is not None
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "2")
    assert answer.data["detail"] == "The quota is used up. Expected available in 2 seconds."


def test_refusals__each_kind__has_a_status_with_a_title() -> None:
    assert set(Refusal.__subclasses__()) <= STATUSES.keys()
    assert set(STATUSES.values()) <= TITLES.keys()


def test_error__that_refuses_nothing__is_none_of_them() -> None:
    assert refused(IntegrityError("a row that others need")) is None
    assert refused(RuntimeError("broken")) is None
    assert handle(RuntimeError("broken"), {}) is None


@pytest.mark.parametrize(
    ("refusal", "messages", "words"),
    [
        (ValidationError({"a": ["x", "y"], "b": ["z"]}), {"a": ["x", "y"], "b": ["z"]}, "x; y; z"),
        (ValidationError("all of it"), {"": ["all of it"]}, "all of it"),
        (Conflict("too late"), {"": ["too late"]}, "too late"),
        (PermissionDenied("not you"), {"": ["not you"]}, "not you"),
        (Invalid(faults=[FAULT, {**FAULT, "expected": "one"}]), {"amount": ["a number", "one"]}, ""),
    ],
)
def test_refusal__on_a_page__is_messages_at_fields(
    refusal: Refusal, messages: dict[str, list[str]], words: str
) -> None:
    assert messages_by_field(refusal) == messages
    assert in_words(refusal) == words
