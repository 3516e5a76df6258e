"""Requests have ids: in the answer, in the log, and where the console's writes come from."""

import io
import logging
from collections.abc import Iterable
from typing import Any
from uuid import UUID

import pytest
from django.core.handlers.wsgi import WSGIHandler

from muse_site.service.naming import named
from muse_site.service.threads import Application
from tenants.asked import HEADER, Request
from tenants.models import AuditEntry, Person, Tenant
from tenants.scope import platform_scope
from tenants.services import create_personal_token
from tests.factories import make_person, make_tenant
from tests.logged import logged

BAD = ["", " ", "a b", "a,b", "ä", "x" * 129, "a\x1b[2J", '"', "<b>"]


def ask(application: Application, **environ: Any) -> tuple[str, dict[str, str]]:
    """The status and the headers of its answer."""
    started: list[Any] = []
    answer = application(environ, lambda status, headers, error=None: started.extend((status, headers)))
    b"".join(answer)
    return started[0], dict(started[1])


def answering(status: str) -> Application:
    def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        logging.getLogger("tests").warning("It is being answered.")
        start_response(status, [("Content-Length", "0")])
        return [b""]

    return application


@pytest.mark.parametrize("said", ["a", "01JDXYZ", "4bf92f35-77b3.4da6:a3/ce+92=@x_", "x" * 128])
def test_id__that_a_client_says__is_told_again_and_logged(said: str) -> None:
    with logged() as lines:
        _, headers = ask(named(answering("200 OK")), HTTP_X_REQUEST_ID=said)
    assert headers == {"Content-Length": "0", HEADER: said}
    assert [line["request_id"] for line in lines] == [said]


@pytest.mark.parametrize("said", BAD)
def test_id__that_is_not_well_formed__is_not_taken(said: str) -> None:
    with logged() as lines:
        _, headers = ask(named(answering("404 Not Found")), HTTP_X_REQUEST_ID=said)
    assert UUID(headers[HEADER])
    assert [line["request_id"] for line in lines] == [headers[HEADER]]


@pytest.mark.parametrize(
    ("status", "always", "told"), [("200 OK", False, False), ("200 OK", True, True), ("503 x", False, True)]
)
def test_id__that_was_made__is_told_whoever_is_refused_or_everybody(status: str, always: bool, told: bool) -> None:
    _, headers = ask(named(answering(status), always=always))
    assert (HEADER in headers) == told


def test_id__of_requests_that_nobody_asks_for__is_not_made(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Request] = []
    monkeypatch.setattr("tenants.asked.uuid4", lambda: made.append(1) or UUID(int=1))
    ask(named(answering_in_silence))
    assert made == []


def answering_in_silence(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    start_response("200 OK", [])
    return []


def test_lines__outside_of_requests__have_no_id() -> None:
    with logged() as lines:
        ask(named(answering("200 OK")))
        logging.getLogger("tests").warning("Nobody has asked.")
    assert ["request_id" in line for line in lines] == [True, False]


# ---- the console


@pytest.fixture
def acme(transactional_db: None) -> Tenant:
    return make_tenant("acme")


@pytest.fixture
def admin(transactional_db: None) -> Person:
    return make_person("root@vendor.example", "admin")


def change(admin: Person, **environ: Any) -> tuple[str, dict[str, str]]:
    """Have the console change the tenant's name, as its service would."""
    token, body = create_personal_token(person=admin, name="tests", actor=None)[1], b'{"name": "Renamed"}'
    return ask(
        named(WSGIHandler(), always=True),
        REQUEST_METHOD="PATCH", PATH_INFO="/api/v1/tenants/acme", SCRIPT_NAME="", QUERY_STRING="",
        CONTENT_TYPE="application/json", CONTENT_LENGTH=str(len(body)), HTTP_AUTHORIZATION=f"Bearer {token}",
        HTTP_HOST="localhost", SERVER_NAME="localhost", SERVER_PORT="8000", SERVER_PROTOCOL="HTTP/1.1",
        **{"wsgi.url_scheme": "http", "wsgi.input": io.BytesIO(body), "wsgi.errors": io.StringIO()}, **environ,
    )  # fmt: skip


def written() -> tuple[AuditEntry, Any]:
    """The latest entry of the audit trail, and where its row of history says that it came from."""
    with platform_scope():
        entry = AuditEntry.objects.filter(act="change tenant").latest("pk")
        return entry, Tenant.pgh_event_model.objects.get(pgh_context_id=entry.origin).pgh_context


def test_console__id_that_was_made__is_the_origin_of_what_is_written(acme: Tenant, admin: Person) -> None:
    status, headers = change(admin)
    assert status == "200 OK"
    entry, context = written()
    assert str(entry.origin) == headers[HEADER]
    assert "request_id" not in context


def test_console__id_that_a_client_says__stands_beside_an_origin_that_it_cannot_choose(
    acme: Tenant, admin: Person
) -> None:
    said = "00000000-0000-0000-0000-000000000001"
    _, headers = change(admin, HTTP_X_REQUEST_ID=said)
    assert headers[HEADER] == said
    entry, context = written()
    assert str(entry.origin) != said
    assert context["request_id"] == said
