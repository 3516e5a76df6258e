"""Traces: a setting sends them to a collector, those of others are taken over, and without it there are none."""

import io
import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from celery.contrib.testing.worker import start_worker
from django.core.handlers.wsgi import WSGIHandler
from pytest_django import Settings

from models_app.work.dispatch import send
from muse_site import logs, routes, tracing
from muse_site.celery import app
from muse_site.driving.client import wait
from muse_site.driving.running import ROOT
from muse_site.service.naming import named
from muse_site.service.server import Served
from muse_site.service.threads import Application, shed_as
from muse_site.spans import Spans
from scoring.serving.asked import ScoringRequest
from scoring.serving.process import Serving, at_once, gated, in_front_of
from tests.collector import Collector, Received, collecting
from tests.documents import EVENT
from tests.factories import World
from tests.logged import logged
from tests.scoring.conftest import process, tried, world
from tests.site.service.serving import Answer, Running, running

__all__ = ["process", "tried", "world"]

TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
TRACEPARENT = f"00-{TRACE}-{PARENT}-01"
SERVER, PRODUCER, CONSUMER, ERROR = 2, 4, 5, 2
# Other libraries may look at what there is of OpenTelemetry by themselves.
OFF = """
import os
import sys
os.environ["DJANGO_SETTINGS_MODULE"] = "muse_site.settings"
import django
django.setup()
from muse_site import celery, tracing
assert tracing.start("muse-console") is None
tracing = ("opentelemetry.exporter", "opentelemetry.sdk.trace", "muse_site.spans")
print([name for name in sys.modules if name.startswith(tracing)])
"""


@pytest.fixture
def collector() -> Iterator[Collector]:
    with collecting() as found:
        yield found


@pytest.fixture
def spans(collector: Collector, monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Iterator[Spans]:
    """Those of a process whose setting names the collector; `sent` has them sent."""
    monkeypatch.setattr(tracing, "_of_process", None)
    settings.ENV = settings.ENV | {"MUSE_OTEL_ENDPOINT": collector.endpoint}
    found = tracing.start("muse-tests")
    assert found is not None
    yield found
    tracing.stop()


def sent(spans: Spans, collector: Collector) -> list[Received]:
    spans.flush()
    return collector.spans


@pytest.fixture
def service(spans: Spans, process: Serving) -> Iterator[Running]:
    lane = in_front_of(WSGIHandler())
    gate = gated(lane)

    def traced(application: Application) -> Application:
        return spans.wsgi(named(application, ScoringRequest), routes.of_scoring)

    shed = shed_as(gate.shed, traced)
    with running(Served(traced(gate), spans.lane(at_once(lane)), gate.taken_in, shed=shed)) as found:
        yield found


def score(service: Running, world: World, head: str = "", **event: Any) -> Answer:
    body = json.dumps({"intent": "card-payments", "features": EVENT} | event).encode()
    text = (
        f"POST /api/v1/score HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {world.token}\r\n{head}"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return service.ask(text.encode() + body)[0]


def test_scores__of_a_client_that_traces__are_spans_of_its_trace(
    service: Running, spans: Spans, collector: Collector, world: World
) -> None:
    for _ in range(3):  # Django answers the first, and the lane what follows
        assert score(service, world, f"traceparent: {TRACEPARENT}\r\n").status == 200
    found = sent(spans, collector)
    assert [(each.name, each.trace, each.parent, each.kind) for each in found] == [
        ("POST /api/v1/score", TRACE, PARENT, SERVER)
    ] * 3
    assert [each.attributes["http.response.status_code"] for each in found] == [200] * 3
    assert all(each.nanoseconds > 0 for each in found)


def test_scores__of_others__are_traces_of_their_own(
    service: Running, spans: Spans, collector: Collector, world: World
) -> None:
    for _ in range(3):
        score(service, world)
    score(service, world, f"traceparent: 00-{'0' * 32}-{PARENT}-01\r\n")
    found = sent(spans, collector)
    assert len({each.trace for each in found}) == 4
    assert {each.parent for each in found} == {""}


def test_scores__whose_sender_does_not_sample_its_trace__are_none(
    service: Running, spans: Spans, collector: Collector, world: World
) -> None:
    for _ in range(2):
        score(service, world, f"traceparent: {TRACEPARENT[:-1]}0\r\n")
    assert sent(spans, collector) == []


def test_refusals__have_one_span_and_the_id_of_their_answer(
    service: Running, spans: Spans, collector: Collector, world: World
) -> None:
    assert score(service, world).status == 200
    answer = score(service, world, features={})
    _, refused = sent(spans, collector)
    assert refused.attributes["http.response.status_code"] == answer.status == 422
    assert refused.attributes["muse.request_id"] == answer.headers["x-request-id"]


def test_batch__refused_by_its_head__has_a_span_and_the_id_of_its_answer(
    service: Running, spans: Spans, collector: Collector, world: World, process: Serving
) -> None:
    turn = process.admission.enter(world.tenant.pk, 1_000_000)
    head = (
        f"POST /api/v1/score/batch HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {world.token}\r\n"
        "Content-Type: application/json\r\nContent-Length: 60000\r\n\r\n"
    )
    (answer,) = service.ask(head.encode() + b" " * 60_000)
    process.admission.leave(turn)
    (refused,) = sent(spans, collector)
    assert refused.name == "POST /api/v1/score/batch"
    assert refused.attributes["http.response.status_code"] == answer.status == 503
    assert refused.attributes["muse.request_id"] == answer.headers["x-request-id"]


def test_what_watches_over_the_service__is_not_traced(service: Running, spans: Spans, collector: Collector) -> None:
    service.ask(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert sent(spans, collector) == []


# ---- the console, and tasks


def ask(application: Any, path: str, **environ: Any) -> str:
    started: list[Any] = []
    whole = {
        "REQUEST_METHOD": "GET", "PATH_INFO": path, "SCRIPT_NAME": "", "QUERY_STRING": "", "HTTP_HOST": "localhost",
        "SERVER_NAME": "localhost", "SERVER_PORT": "8000", "SERVER_PROTOCOL": "HTTP/1.1", "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(), "wsgi.errors": io.StringIO(),
    } | environ  # fmt: skip
    b"".join(application(whole, lambda status, headers, error=None: started.append(status)))
    return str(started[0])


@pytest.mark.django_db(transaction=True)
def test_console__pages__are_spans_by_route_and_name_nothing_that_is_in_an_address(
    spans: Spans, collector: Collector
) -> None:
    console = spans.wsgi(named(WSGIHandler(), always=True), routes.of_console)
    ask(console, "/password/MQ/very-secret", HTTP_TRACEPARENT=TRACEPARENT)
    ask(console, "/nowhere/very-secret")
    ask(console, "/metrics")
    ask(console, "/api/v1/tenants/very-secret", REQUEST_METHOD="SECRET")
    password, nowhere, tenant = sent(spans, collector)
    assert (password.name.split("<")[0], password.trace, password.parent) == ("GET /password/", TRACE, PARENT)
    assert nowhere.name == "GET"
    assert tenant.name == "_OTHER /api/v1/tenants/<slug:tenant>"
    assert "secret" not in str(collector.receiver.calls).lower().replace("_other", "")


def test_application__that_fails__is_an_error(spans: Spans, collector: Collector) -> None:
    def failing(environ: Any, start_response: Any) -> list[bytes]:
        start_response("503 Service Unavailable", [])
        return []

    ask(spans.wsgi(failing, lambda environ: "/here"), "/here")
    (span,) = sent(spans, collector)
    assert (span.status, span.attributes["http.route"]) == (ERROR, "/here")


def test_lines__within_a_span__name_their_trace(spans: Spans, collector: Collector) -> None:
    def telling(environ: Any, start_response: Any) -> list[bytes]:
        import logging

        logging.getLogger("tests").warning("It is being answered.")
        start_response("200 OK", [])
        return []

    with logged() as lines:
        ask(spans.wsgi(telling, lambda environ: "/here"), "/here", HTTP_TRACEPARENT=TRACEPARENT)
    (span,) = sent(spans, collector)
    assert [(line["trace_id"], line["span_id"]) for line in lines] == [(TRACE, span.id)]


@pytest.mark.django_db(transaction=True)
def test_task__that_a_request_sends__is_part_of_its_trace(spans: Spans, collector: Collector) -> None:
    done: list[str] = []

    def do_nothing() -> None:
        done.append("done")

    task = app.task(name="models_app.tasks.do_nothing")(do_nothing)

    def sending(environ: Any, start_response: Any) -> list[bytes]:
        assert send("do_nothing")
        start_response("200 OK", [])
        return []

    try:
        with start_worker(app, pool="solo", perform_ping_check=False):
            ask(spans.wsgi(sending, lambda environ: "/here"), "/here", HTTP_TRACEPARENT=TRACEPARENT)
            wait(lambda: bool(done), "the task", 30.0)
    finally:
        app.tasks.unregister(task.name)
    found = {each.kind: each for each in sent(spans, collector) if "do_nothing" in each.name or each.kind == SERVER}
    assert {each.trace for each in found.values()} == {TRACE}
    assert found[PRODUCER].parent == found[SERVER].id
    assert found[CONSUMER].parent == found[PRODUCER].id
    assert found[CONSUMER].attributes["muse.task"] == "models_app.tasks.do_nothing"


# ---- off


def test_tracing__without_a_setting__loads_nothing_that_makes_or_sends_spans() -> None:
    done = subprocess.run([sys.executable, "-c", OFF], cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stdout.strip()) == (0, "[]"), done.stderr


def test_tracing__stopped__leaves_nothing_behind(
    collector: Collector, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    before = list(logs.NAMES)
    monkeypatch.setattr(tracing, "_of_process", None)
    settings.ENV = settings.ENV | {"MUSE_OTEL_ENDPOINT": collector.endpoint}
    tracing.start("muse-tests")
    tracing.stop()
    assert before == logs.NAMES


@pytest.mark.parametrize("name", ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"])
def test_tracing__by_opentelemetrys_own_variables__is_on(
    collector: Collector, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(tracing, "_of_process", None)
    suffix = "" if name == "OTEL_EXPORTER_OTLP_ENDPOINT" else "/v1/traces"
    monkeypatch.setenv(name, collector.endpoint + suffix)
    monkeypatch.setenv("OTEL_SERVICE_NAME", "risk")
    spans = tracing.start("muse-tests")
    assert spans is not None
    ask(spans.wsgi(lambda environ, start: [start("200 OK", []) or b""], lambda environ: "/here"), "/here")
    tracing.stop()
    assert [(each.service, each.name) for each in collector.spans] == [("risk", "GET /here")]
