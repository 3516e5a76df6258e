"""Forms with files: how much of them is read, and of whom."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.test.client import MULTIPART_CONTENT
from pytest_django import Settings

from tenants.roles import Role
from tests.factories import make_person

LIMIT = 10_000
HUGE = 1 << 40


class Endless:
    """A body that never ends, which counts what is read of it."""

    def __init__(self) -> None:
        self.read_so_far = 0

    def read(self, most: int = 65_536) -> bytes:
        self.read_so_far += most
        return b"x" * most

    readline = read


@pytest.fixture(autouse=True)
def limits(db: None, settings: Settings) -> None:
    settings.ENV = settings.ENV | {
        "MUSE_REQUEST_MAX_BYTES": LIMIT, "MUSE_MODEL_MAX_BYTES": 10 * LIMIT, "MUSE_SAMPLE_MAX_BYTES": 10 * LIMIT
    }  # fmt: skip


@pytest.fixture
def stranger() -> Client:
    """Somebody who has seen the log-in, so that forms of theirs are read for its token."""
    client = Client(enforce_csrf_checks=True)
    client.get("/admin/login/")
    return client


def send(client: Client, length: int, path: str = "/admin/login/") -> tuple[Any, int]:
    body: Any = Endless()
    said = {"CONTENT_TYPE": MULTIPART_CONTENT, "CONTENT_LENGTH": str(length), "wsgi.input": body}
    return client.generic("POST", path, b"", **said), body.read_so_far


@pytest.mark.parametrize("path", ["/admin/login/", "/", "/models/new", "/password/forgotten", "/no-such-page"])
def test_form__of_a_stranger_without_an_end__is_413_and_not_read(stranger: Client, path: str) -> None:
    for length in (LIMIT + 1, HUGE):
        answer, read_of_it = send(stranger, length, path)
        assert (answer.status_code, read_of_it) == (413, 0)
        assert b"too large" in answer.content


def test_form__of_a_stranger_within_the_limit__is_read(stranger: Client) -> None:
    token = stranger.cookies["csrftoken"].value
    answer = stranger.post("/admin/login/", {"csrfmiddlewaretoken": token, "username": "x" * 1_000})
    assert answer.status_code == 200


def test_form__of_somebody_who_is_logged_in__may_have_a_file_and_ends_all_the_same() -> None:
    client = Client()
    client.force_login(make_person(role=Role.ADMIN), "django.contrib.auth.backends.ModelBackend")
    sent = client.post(
        "/models/new", {"act": "register model", "file": SimpleUploadedFile("x.onnx", b"x" * 20 * LIMIT)}
    )
    assert b"too large" not in sent.content
    answer, read_of_it = send(client, 32 * LIMIT, "/models/new")
    assert (answer.status_code, read_of_it) == (413, 0)
