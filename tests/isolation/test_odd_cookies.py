"""Cookies that say what no cookie of ours says: also NUL, which a cookie may spell in digits."""

import pytest
from django.conf import settings
from django.test import Client

pytestmark = pytest.mark.django_db

ODD = (r"\000", r"a\000b", r"\015\012x: y", "x" * 4_000, "é", "../../x", "'", "{}", "\x00")
NAMES = (settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME, "messages", settings.LANGUAGE_COOKIE_NAME)


@pytest.mark.parametrize("text", ODD)
def test_page__with_an_odd_cookie__is_answered(text: str) -> None:
    client = Client()
    for name in NAMES:
        for path in ("/admin/login/", "/"):
            assert client.get(path, headers={"cookie": f'{name}="{text}"'}).status_code < 500


@pytest.mark.parametrize("name", ["user-agent", "accept", "accept-language", "x-request-id", "traceparent"])
def test_page__with_an_odd_header__is_answered(name: str) -> None:
    for text in ("\x00", "a\x1bb", "\xe9\xff", "x" * 8_000, "*/*;q=\x00", "en;q=9" * 500):
        assert Client().get("/admin/login/", headers={name: text}).status_code in (200, 406)
