"""Somebody with an authenticator app, and how they log in."""

import time

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from django.http import HttpResponse
from django.test import Client

from tenants.models import Person
from tests.factories import make_person

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def code(secret: str = SECRET, steps: int = 0) -> str:
    """What an authenticator app shows now, or `steps` half minutes later."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps))


def with_app(email: str = "", **role: object) -> Person:
    """Somebody who has set up an authenticator app, with recovery codes."""
    person = make_person(email, **role)  # type: ignore[arg-type]
    TOTP.activate(person, SECRET)
    RecoveryCodes.activate(person)
    return person


def recovery_codes(person: Person) -> list[str]:
    found: list[str] = Authenticator.objects.get(user=person, type="recovery_codes").wrap().get_unused_codes()
    return found


def password(client: Client, person: Person, **more: str) -> HttpResponse:
    return client.post("/admin/login/", {"username": person.email, "password": "password", **more})


def log_in(person: Person, with_code: bool = True) -> Client:
    """A browser of theirs, after the password and, `with_code`, the code."""
    client = Client()
    password(client, person)
    if with_code:
        assert client.post("/second-factor/log-in", {"code": code()}).status_code == 302
    return client


def is_in(client: Client) -> bool:
    return client.get("/account").status_code == 200
