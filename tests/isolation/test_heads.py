"""What every answer of both services says around its content: headers, cookies, where it leads, and what it takes."""

from typing import Any

import pytest
from django.conf import settings as django_settings
from django.http import HttpResponse
from django.test import Client
from pytest_django import Settings

from muse_site import settings_scoring
from tenants.roles import Role
from tenants.services import create_personal_token
from tests.factories import make_person
from tests.isolation.wall import CONSOLE, SCORING, Wall, addresses

PAGES = [(pattern, view) for pattern, view in addresses(CONSOLE) if not pattern.startswith(("api/", "admin/"))]
ELSEWHERE = ("https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)")
TRAPS = ("next", "url", "redirect", "return_to", "continue")
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
POLICY = ("default-src 'self'", "object-src 'none'", "base-uri 'self'", "form-action 'self'", "frame-ancestors 'none'")
UNTOLD = ("Server", "X-Powered-By", "X-AspNet-Version", "Via")


@pytest.fixture
def everything(wall: Wall) -> Client:
    """Somebody who may open all, in a browser."""
    client = Client(raise_request_exception=False)
    client.force_login(make_person(role=Role.ADMIN), "django.contrib.auth.backends.ModelBackend")
    return client


def test_answers__of_the_console__have_all_headers_that_protect(wall: Wall, everything: Client) -> None:
    token = create_personal_token(person=make_person(role=Role.ADMIN), name="x", actor=None)[1]
    program = Client(headers={"authorization": f"Bearer {token}"}, raise_request_exception=False)
    wrong = []
    for pattern, _ in addresses(CONSOLE):
        url = wall.url(pattern)
        for answer in (program.get(url) if pattern.startswith("api/") else everything.get(url), Client().get(url)):
            wrong += [f"{url} {answer.status_code}: {each}" for each in faults(answer, HEADERS)]
    assert wrong == []


def test_answers__of_scoring__have_the_headers_that_protect_programs(wall: Wall, settings: Settings) -> None:
    settings.ROOT_URLCONF = SCORING
    settings.MIDDLEWARE = [name for name in settings_scoring.MIDDLEWARE if "whitenoise" not in name]
    wrong = []
    for pattern, _ in addresses(SCORING):
        for headers in (wall.ours.authorization, {}):
            answer: Any = Client(headers=headers, raise_request_exception=False).get(wall.url(pattern))
            wrong += [
                f"{pattern} {answer.status_code}: {each}"
                for each in faults(answer, {"X-Content-Type-Options": "nosniff"})
            ]
    assert wrong == []


def faults(answer: HttpResponse, headers: dict[str, str]) -> list[str]:
    policy = answer.get("Content-Security-Policy", "")
    scripts = next((part for part in policy.split(";") if part.strip().startswith("script-src")), "")
    lacks = [f"{name} is {answer.get(name)}" for name, value in headers.items() if answer.get(name) != value]
    lacks += [f"its policy lacks {part}" for part in POLICY if part not in policy]
    lacks += [f"it tells its {name}" for name in UNTOLD if name in answer.headers]
    if "unsafe" in scripts or "*" in policy or "http:" in policy:
        lacks.append(f"its policy lets in {scripts or policy}")
    return lacks


def test_pages__that_were_opened_by_somebody__are_kept_by_no_cache(wall: Wall, everything: Client) -> None:
    kept = []
    for pattern, _ in PAGES:
        answer: Any = everything.get(wall.url(pattern))
        said = answer.get("Cache-Control", "nothing said")
        if "no-store" not in said:
            kept.append(f"{pattern}: {said}")
    assert kept == []


def test_cookies__of_a_session__are_for_this_site_and_no_script(wall: Wall, settings: Settings) -> None:
    person = make_person(role=Role.ADMIN)
    person.set_password("a long one, of words")
    person.save()
    client = Client()
    client.get("/admin/login/")
    answer = client.post("/admin/login/", {"username": person.email, "password": "a long one, of words"})
    assert answer.status_code == 302
    session, csrf = client.cookies["sessionid"], client.cookies["csrftoken"]
    assert (session["httponly"], session["samesite"], csrf["samesite"]) == (True, "Lax", "Lax")
    assert (
        django_settings.SESSION_COOKIE_SECURE is django_settings.CSRF_COOKIE_SECURE is django_settings.ENV["MUSE_HTTPS"]
    )


def test_pages__asked_to_lead_elsewhere__lead_nowhere_else(wall: Wall, everything: Client) -> None:
    led = []
    for pattern, _ in addresses(CONSOLE):
        for client in (everything, Client(raise_request_exception=False)):
            for there in ELSEWHERE:
                answer: Any = client.get(wall.url(pattern), dict.fromkeys(TRAPS, there), headers={"referer": there})
                goes = answer.get("Location", "")
                if goes.startswith(("http", "//", "/\\", "javascript")):
                    led.append(f"{pattern} -> {goes}")
    assert led == []


def test_forms__without_the_token_of_their_page__are_all_refused(wall: Wall, everything: Client) -> None:
    strict: Any = Client(enforce_csrf_checks=True, raise_request_exception=False)
    strict.cookies = everything.cookies
    taken = [
        pattern for pattern, _ in PAGES if strict.post(wall.url(pattern), {"act": "x"}).status_code not in (403, 405)
    ]
    assert taken == []


def test_rest__by_a_session_alone__is_called_by_nobody(wall: Wall, everything: Client) -> None:
    """So that a page of another site cannot call it with somebody's cookie."""
    let_in = []
    for pattern, view in addresses(CONSOLE):
        kind = getattr(view, "view_class", getattr(view, "cls", None))
        for method in getattr(kind, "permissions", {}) if pattern.startswith("api/") else ():
            if isinstance(method, str) and everything.generic(method, wall.url(pattern)).status_code != 401:
                let_in.append(f"{method} {pattern}")
    assert let_in == []


def test_files__of_another_kind_than_a_form__are_not_read(wall: Wall) -> None:
    token = create_personal_token(person=make_person(role=Role.ADMIN), name="x", actor=None)[1]
    client = Client(headers={"authorization": f"Bearer {token}"}, raise_request_exception=False)
    for url in ("/api/v1/models", "/api/v1/tenants/globex/samples"):
        for media_type in (
            "application/x-www-form-urlencoded",
            "application/json",
            "text/html",
            "application/octet-stream",
        ):
            answer: Any = client.generic("POST", url, b"x", media_type)
            assert answer.status_code == 415, (url, media_type, answer.content)


def test_exports__as_browsers_take_them__are_files_and_not_pages(wall: Wall, everything: Client) -> None:
    for pattern, _ in PAGES:
        if pattern.endswith("export"):
            answer: Any = everything.get(wall.url(pattern))
            assert answer.status_code == 200, pattern
            assert answer["Content-Disposition"].startswith("attachment; ")
            assert "html" not in answer["Content-Type"]
