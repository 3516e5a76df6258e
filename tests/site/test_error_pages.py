"""What a browser shows where no page of the console does."""

import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.test import Client, RequestFactory

from muse_site import errors


@pytest.mark.django_db
def test_address__of_nothing__answers_with_a_page_that_leads_home(client: Client) -> None:
    answer = client.get("/no-such-page")
    assert (answer.status_code, answer.templates[0].name) == (404, "404.html")
    assert b'<a class="way" href="/">' in answer.content


@pytest.mark.parametrize("path", ["/no-such-page", "/api/v1/no-such-page"])
def test_each_fault__by_a_browser_and_by_a_program__is_told_in_its_way(path: str) -> None:
    request = RequestFactory().get(path)
    answers = [
        errors.bad_request(request, SuspiciousOperation()),
        errors.not_allowed(request, PermissionDenied()),
        errors.failed(request),
    ]
    kind = "application/problem+json" if path.startswith("/api/") else "text/html"
    assert [answer.status_code for answer in answers] == [400, 403, 500]
    assert all(answer["Content-Type"].startswith(kind) for answer in answers)


@pytest.mark.django_db
def test_form__that_is_too_old__is_told_so() -> None:
    answer = Client(enforce_csrf_checks=True).post("/admin/login/", {"username": "somebody"})
    assert answer.status_code == 403
    assert b"Your session changed" in answer.content
