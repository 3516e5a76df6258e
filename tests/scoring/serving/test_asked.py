"""Requests for scores have ids, also where they are answered at once; what is logged for them names their event."""

import json
from collections import deque
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from django.core.handlers.wsgi import WSGIHandler

from muse_site.service.naming import named
from muse_site.service.server import Served
from muse_site.service.threads import Application, shed_as
from scoring.services import publish_document
from scoring.serving.asked import ScoringRequest
from scoring.serving.process import Serving, at_once, gated, in_front_of
from tenants.scope import platform_scope
from tests.factories import make_api_key, make_tenant, text_of
from tests.failing import OLD, RAISES, WELL, failing_documents, store
from tests.logged import logged
from tests.site.service.serving import Answer, Running, running


@pytest.fixture
def served(process: Serving) -> Iterator[Running]:
    """The service as its process has it, on a port."""
    lane = in_front_of(WSGIHandler())
    gate = gated(lane)

    def known(application: Application) -> Application:
        return named(application, ScoringRequest)

    with running(Served(known(gate), at_once(lane), gate.taken_in, shed=shed_as(gate.shed, known))) as found:
        yield found


@pytest.fixture
def token(process: Serving) -> str:
    """Of a tenant whose live predictor fails on some events."""
    tenant = make_tenant()
    documents = failing_documents(tenant.slug, OLD)
    store(documents)
    with platform_scope():
        publish_document(tenant=tenant, document=text_of(documents.build()), actor=None, reason="test")
    token = make_api_key(tenant)[1]
    assert process.watcher.look()
    return token


def ask(served: Running, token: str, head: str = "", count: int = 1, **event: Any) -> list[Answer]:
    """The same request so many times, on one connection."""
    body = json.dumps({"intent": "cards", "features": WELL} | event).encode()
    text = (
        f"POST /api/v1/score HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n{head}"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return served.ask(*[text.encode("latin-1") + body] * count, count=count)


def test_good_answers__have_the_id_that_their_client_has_said_and_none_else(served: Running, token: str) -> None:
    for _ in range(2):  # Django answers the first, and the lane what follows
        assert [each.headers.get("x-request-id") for each in ask(served, token, count=3)] == [None] * 3
        answers = ask(served, token, "X-Request-Id: mine-1\r\n", 3)
        assert [(each.status, each.headers["x-request-id"]) for each in answers] == [(200, "mine-1")] * 3
    assert "x-request-id" not in ask(served, token, "X-Request-Id: not mine\r\n")[0].headers


def test_refusals__have_an_id_of_their_own(served: Running, token: str) -> None:
    ask(served, token)
    answers = ask(served, token, count=2, features={})
    assert [each.status for each in answers] == [422, 422]
    ids = {UUID(each.headers["x-request-id"]) for each in answers}
    assert len(ids) == 2
    assert ask(served, "muse_nobody", "X-Request-Id: mine-2\r\n")[0].headers["x-request-id"] == "mine-2"


def test_batches__refused_by_their_heads__have_ids_of_their_own_or_of_their_clients(
    served: Running, token: str, process: Serving
) -> None:
    text = (
        f"POST /api/v1/score/batch HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n"
        "%sContent-Type: application/json\r\nContent-Length: 60000\r\n\r\n" + 60_000 * " "
    )
    tenant = process.service.authenticate({"HTTP_AUTHORIZATION": f"Bearer {token}"}).tenant
    turn = process.admission.enter(tenant, 1_000_000)
    pieces = [(text % head).encode() for head in ("", "", "X-Request-Id: mine-4\r\n")]
    answers = served.ask(*pieces, count=3)
    process.admission.leave(turn)
    assert [each.status for each in answers] == [503] * 3
    *made, said = [each.headers["x-request-id"] for each in answers]
    assert (len({UUID(each) for each in made}), said) == (2, "mine-4")
    assert process.service._presence.refused_requests._noted == deque([((tenant, "", "load"), 1)] * 3)


def test_predictor__that_fails__is_logged_with_request_and_event(served: Running, token: str) -> None:
    ask(served, token)
    with logged() as lines:
        ask(served, token, "X-Request-Id: mine-3\r\n", features=RAISES, event_id="payment-7")
    (line,) = (line for line in lines if "fails" in line["event"])
    assert (line["request_id"], line["event_id"]) == ("mine-3", "payment-7")


def test_service__that_fails_itself__names_in_the_log_what_it_tells_the_client(
    served: Running, token: str, process: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> bool:
        raise RuntimeError("no such luck")

    ask(served, token)
    monkeypatch.setattr(process.log, "append", fail)
    with logged() as lines:
        (answer,) = ask(served, token, event_id="\x1b[2J")
    assert answer.status == 500
    line = next(line for line in lines if "no such luck" in str(line.get("exception")))
    assert (line["request_id"], line["event_id"]) == (answer.headers["x-request-id"], "'\\x1b[2J'")


def test_line__that_was_written_in_the_lane__has_the_id_of_the_answer_that_django_gives(
    served: Running, token: str, process: Serving
) -> None:
    ask(served, token)
    tenant = make_tenant()
    documents = failing_documents(tenant.slug)  # nothing answers in its place
    with platform_scope():
        publish_document(tenant=tenant, document=text_of(documents.build()), actor=None, reason="test")
    alone = make_api_key(tenant)[1]
    assert process.watcher.look()
    with logged() as lines:
        (answer,) = ask(served, alone, features=RAISES)
    assert answer.status in (422, 503)
    ids = {line["request_id"] for line in lines if "fails" in line["event"]}
    assert ids == {answer.headers["x-request-id"]}
