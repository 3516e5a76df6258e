"""Whatever is sent in the place of a password, a code or a passkey, by whomever: it is wrong, and nothing fails."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.test import Client

from models_app.console.people.sign_in_urls import urlpatterns
from tenants.models import Person
from tests.factories import make_person
from tests.models_app.sign_in.people import password, with_app

pytestmark = pytest.mark.django_db

AFTER_PASSWORD, LOGGED_IN = "somebody after their password", "somebody who is logged in"
NEARLY = {"id": "AA", "rawId": "AA", "type": "public-key"}
TEXTS = {
    "nothing": "",
    "NUL": "\x00",
    "very long": "x" * 100_000,
    "longer than an address": f"{'x' * 300}@example.com",
    "deep": '{"a":' + "[" * 5_000,
    "a long number": "9" * 5_000,
}
PASSKEYS = {
    "no object": "[1]",
    "half a character": json.dumps(NEARLY | {"response": {"userHandle": "\ud800"}}),
    "parts of another kind": json.dumps(NEARLY | {"response": [1]}),
    "no parts": json.dumps(NEARLY | {"response": {}}),
    "another name inside": '{"id": 1, "rawId": null, "response": {}}',
    "a handle of a number too long": json.dumps(
        NEARLY | {"response": {"userHandle": "OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5"}}
    ),
    "bytes that are none": json.dumps(
        NEARLY
        | {"response": {"clientDataJSON": "AA", "authenticatorData": "AA", "signature": "AA", "userHandle": "MQ"}}
    ),
    "an object that is none": json.dumps(NEARLY | {"response": {"clientDataJSON": "e30", "attestationObject": "oA"}}),
}
FIELDS = (
    "username", "password", "code", "credential", "name", "email", "new_password1", "new_password2", "passwordless",
)  # fmt: skip


Session = dict[str, Any]


def paths() -> Iterator[str]:
    for each in urlpatterns:
        pattern = str(each.pattern)
        yield "/" + pattern.replace("<int:pk>", "1").replace("<uidb64>", "MQ").replace("<token>", "x")


def texts(path: str) -> dict[str, str]:
    """What is sent there: what stands for a passkey only where one may be sent."""
    takes_passkey = any(each in path for each in ("/log-in", "/confirm", "/passkeys"))
    return TEXTS | PASSKEYS if takes_passkey else TEXTS


def begun(who: str, person: Person) -> Session:
    """The session of somebody who has come so far."""
    client = Client()
    if who == LOGGED_IN:
        client.force_login(person, "django.contrib.auth.backends.ModelBackend")
    elif who == AFTER_PASSWORD:
        password(client, person)
    return dict(client.session.items())


def with_session(session: Session) -> Client:
    """A browser that has come as far as this session has."""
    client = Client(raise_request_exception=False)
    store = client.session
    store.update(session)
    store.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = store.session_key
    return client


@pytest.mark.parametrize("who", ["a stranger", AFTER_PASSWORD, LOGGED_IN])
def test_sign_in__of_odd_texts_at_every_address__fails_nowhere_and_lets_nobody_in(who: str) -> None:
    session, failed = begun(who, with_app("ann@acme.example")), []
    for path in paths():
        opened = with_session(session)
        opened.get(path)  # which gives a challenge, where there is one
        challenged = dict(opened.session.items())
        for name, text in texts(path).items():
            client = with_session(challenged)
            answer = client.post(path, dict.fromkeys(FIELDS, text))
            failed += [f"{answer.status_code} {path}: {name}"] if answer.status_code >= 500 else []
            assert who == LOGGED_IN or SESSION_KEY not in client.session
    assert failed == []


def test_log_in__of_an_address_longer_than_any__is_refused_as_a_wrong_one() -> None:
    make_person("ann@acme.example")
    answer = Client().post("/admin/login/", {"username": "x" * 255, "password": "password"})
    assert answer.status_code == 200
    assert "at most 254 characters" in answer.content.decode()
