"""The express lane and the view behind it: same request, same answer, same record in the event log, same counts."""

import io
import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from prometheus_client import REGISTRY
from pytest_django import Settings

from scoring.serving import metrics
from scoring.serving.express import Application, ExpressLane
from scoring.serving.process import Serving, in_front_of
from tests.documents import EVENT
from tests.factories import World, make_api_key, make_tenant, serve
from tests.scoring.api.test_anything import anything, batch, single
from tests.scoring.conftest import recorded

SCORE, BATCH = "/api/v1/score", "/api/v1/score/batch"
GOOD: dict[str, Any] = {"intent": "card-payments", "features": EVENT}
GOOD_BATCH: dict[str, Any] = {"intent": "card-payments", "events": [{"features": EVENT}, {"features": {}}]}
TABLE: dict[str, Any] = {
    "intent": "card-payments",
    "columns": [f"features.{name}" for name in EVENT],
    "data": [list(EVENT.values()), [*EVENT.values()][:2]],
}
LIMIT = 2_000
Answered = tuple[str, list[tuple[str, str]], bytes]  # status, headers, body
NOW = 1_795_464_361_500_000


@dataclass(frozen=True)
class Answer:
    """What came back, what was recorded, and what was counted."""

    status: str
    headers: list[tuple[str, str]]
    body: bytes
    records: list[Any]
    counts: dict[str, float]


@dataclass
class Doors:
    """One process with the express lane and without it; `lane.django` counts what the lane handed on."""

    process: Serving
    django: Application
    lane: Application
    handed_on: list[str]

    def ask(self, application: Application, environ: dict[str, Any], body: bytes) -> Answer:
        def answered() -> Answered:
            started: list[Any] = []
            whole = environ | {"wsgi.input": io.BytesIO(body)}
            parts = application(whole, lambda status, headers, error=None: started.extend((status, headers)))
            return started[0], started[1], b"".join(parts)

        return self.seen(answered)

    def seen(self, ask: Callable[[], Answered]) -> Answer:
        """What is answered when this is asked, recorded and counted."""
        before, counted = len(recorded(self.process)), self._counts()
        status, headers, body = ask()
        after = self._counts()
        counts = {name: value - counted.get(name, 0.0) for name, value in after.items()}
        ordered = [(name, _in_order(value)) for name, value in headers]
        return Answer(status, ordered, body, recorded(self.process)[before:], counts)

    def _counts(self) -> dict[str, float]:
        """Everything that the process has counted so far: metrics, events by intent for their latency."""
        metrics.publish(self.process.log.lost)
        latencies = self.process.service._presence.latencies
        latencies.sort()
        of_metrics = {
            f"{sample.name} {sample.labels}": sample.value
            for metric in REGISTRY.collect()
            for sample in metric.samples
            if metric.name.startswith("muse_")
            and metric.name != "muse_stage_seconds"  # of one event in so many, whichever way it comes
            and sample.name.endswith(("_total", "_count"))
        }
        return of_metrics | {str(place): found[0] for place, found in latencies.quantiles().items()}


@pytest.fixture
def doors(process: Serving, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Doors]:
    """Time stands still and ids are not random, so that two answers can be the same to the last byte."""
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = LIMIT
    monkeypatch.setattr("scoring.serving.service._now", lambda: NOW)
    monkeypatch.setattr("scoring.serving.uuid7.urandom", bytes)
    django, handed_on = WSGIHandler(), []

    def counted(environ: dict[str, Any], start_response: Any) -> Any:
        handed_on.append(environ["PATH_INFO"])
        return django(environ, start_response)

    return Doors(process, django, in_front_of(counted), handed_on)


def request(path: str, token: str, body: bytes, **environ: Any) -> dict[str, Any]:
    """The environment of a POST of JSON; what is None is left out."""
    whole = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": path,
        "SCRIPT_NAME": "",
        "QUERY_STRING": "",
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(body)),
        "HTTP_AUTHORIZATION": f"Bearer {token}",
        "HTTP_HOST": "localhost",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "8100",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.url_scheme": "http",
        "wsgi.errors": sys.stderr,
    }
    return {name: value for name, value in (whole | environ).items() if value is not None}


def _in_order(value: str) -> str:
    """Directives of a policy stand in any order."""
    return "; ".join(sorted(value.split("; ")))


def _json(content: Any) -> bytes:
    return json.dumps(content).encode()


bodies = st.one_of(
    st.builds(_json, st.one_of(single, batch)),
    st.builds(_json, anything),
    st.builds(lambda content, end: _json(content)[:end], st.one_of(single, batch), st.integers(0, 200)),
    st.builds(lambda content: b"\xef\xbb\xbf" + _json(content), single),
    st.builds(lambda content: _json(content) + b" " * LIMIT, single),
    st.binary(max_size=20),
    st.sampled_from(
        [b"", b"[" * 1_500, _json(GOOD).replace(b"57.16", b"1e999"), _json(GOOD).replace(b"57.16", b"NaN")]
    ),
)
ODD_HEADS: dict[str, Any] = {
    "REQUEST_METHOD": ["GET", "PUT", "OPTIONS", "HEAD", "post"],
    "CONTENT_TYPE": [
        "application/json; charset=utf-8", "Application/JSON", "application/json;", "application/json; a=b",
        "text/plain", "application/jsonp", "", None,
    ],
    "CONTENT_LENGTH": ["0", "3", "", None, "-1", "1e3", "999999999"],
    "HTTP_CONTENT_ENCODING": ["gzip", "identity", ""],
    "HTTP_TRANSFER_ENCODING": ["chunked"],
    "HTTP_X_FORWARDED_PROTO": ["http", "https", "https,http", "x"],
    "HTTP_ACCEPT": ["*/*", "text/html", "application/vnd.apache.arrow.stream", "Application/X-NDJSON, */*", "a;q=é"],
    "QUERY_STRING": ["format=api", "a=%ff"],
    "wsgi.url_scheme": ["https"],
}  # fmt: skip
one_head = st.sampled_from([{name: value} for name, values in ODD_HEADS.items() for value in values])
heads = st.builds(lambda *each: {name: value for head in each for name, value in head.items()}, one_head, one_head)
ends = st.sampled_from([SCORE, BATCH])
paths = ends | st.sampled_from(["/api/v1/labels", f"{SCORE}/", "/api/v1/nothing", "/healthz"])
ODD_AUTHORIZATIONS = ["", "Bearer", "Bearer muse_a_b", "Basic eDp5", "muse", None]


def requests(world: World, process: Serving) -> st.SearchStrategy[Any]:
    """Address, body, head and authorization: all of them good, one of them odd, or all."""
    ended = make_api_key(world.tenant, expires_at=timezone.now() - timedelta(seconds=1))[1]
    odd_keys = [make_api_key(world.tenant, ["label"])[1], make_api_key(make_tenant())[1], ended]
    assert process.watcher.look()
    plain, key = st.just({}), st.sampled_from([f"Bearer {world.token}", f"bearer  {world.token} "])
    authorizations = st.sampled_from([*ODD_AUTHORIZATIONS, *(f"Bearer {each}" for each in odd_keys)])
    good = st.sampled_from([(SCORE, _json(GOOD)), (BATCH, _json(GOOD_BATCH)), (BATCH, _json(TABLE))])
    return st.one_of(
        st.tuples(good, plain, key),
        st.tuples(good, one_head, key),
        st.tuples(good, plain, authorizations),
        st.tuples(st.tuples(ends, bodies), plain, key),
        st.tuples(st.tuples(paths, bodies), heads, authorizations),
    )


def test_lane__whatever_is_sent__answers_records_and_counts_as_the_view_does(
    doors: Doors, world: World, process: Serving
) -> None:
    count = 0

    @examples(max_examples=200, suppress_health_check=[HealthCheck.too_slow])
    @given(requests(world, process))
    def check(sent: Any) -> None:
        nonlocal count
        count += 1
        (path, body), head, authorization = sent
        environ = request(path, "", body, **{"HTTP_AUTHORIZATION": authorization} | head)
        assert doors.ask(doors.lane, environ, body) == doors.ask(doors.django, environ, body)

    check()
    assert len(doors.handed_on) < count


@pytest.mark.parametrize(("path", "content", "records"), [(SCORE, GOOD, 1), (BATCH, GOOD_BATCH, 1), (BATCH, TABLE, 1)])
@pytest.mark.parametrize("kind", ["application/json", "application/json; charset=UTF-8"])
def test_lane__good_request__is_answered_without_django_but_for_the_first(
    doors: Doors, world: World, path: str, content: Any, records: int, kind: str
) -> None:
    body = _json(content)
    answers = [doors.ask(doors.lane, request(path, world.token, body, CONTENT_TYPE=kind), body) for _ in range(3)]
    assert doors.handed_on == [path]
    assert answers[0] == answers[1] == answers[2]
    assert answers[0].status == "200 OK"
    assert len(answers[0].records) == records
    assert answers[0].counts["muse_events_scored_total {}"] == records


@pytest.mark.parametrize("forwarded", [None, "http", "https"])
def test_lane__behind_a_proxy_with_https__redirects_and_pins_as_django_does(
    doors: Doors, world: World, settings: Settings, forwarded: str | None
) -> None:
    settings.SECURE_SSL_REDIRECT, settings.SECURE_HSTS_SECONDS = True, 60
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    django = WSGIHandler()
    lane, body = in_front_of(django), _json(GOOD)
    environ = request(SCORE, world.token, body, HTTP_X_FORWARDED_PROTO=forwarded)
    answers = [doors.ask(each, environ, body) for each in (lane, lane, django)]
    assert answers[0] == answers[1] == answers[2]
    assert answers[0].status[:3] == ("200" if forwarded == "https" else "301")
    assert ("Strict-Transport-Security" in dict(answers[1].headers)) == (forwarded == "https")


def test_lane__event_that_is_refused__is_admitted_once(doors: Doors, process: Serving) -> None:
    world = serve(quota_per_second=2)  # two processes share it
    assert process.watcher.look()
    good, bad = _json(GOOD), _json(GOOD | {"features": {}})
    doors.lane._headers[SCORE, "http", ""] = []  # as if Django had answered before
    assert doors.ask(doors.lane, request(SCORE, world.token, bad), bad).status.startswith("422")
    assert doors.ask(doors.lane, request(SCORE, world.token, good), good).status.startswith("429")


@pytest.mark.parametrize(("path", "content"), [(SCORE, GOOD), (BATCH, GOOD_BATCH)])
def test_lane__quota__is_told_of_whoever_has_one_and_of_nobody_else(
    doors: Doors, world: World, process: Serving, path: str, content: Any
) -> None:
    limited, body = serve(quota_per_second=1_000), _json(content)
    assert process.watcher.look()
    sent = [request(path, each.token, body) for each in (limited, limited, world)]
    first, second, free = (dict(doors.ask(doors.lane, each, body).headers) for each in sent)
    assert doors.handed_on == [path]
    assert first.keys() == second.keys() == free.keys() | {"RateLimit", "RateLimit-Policy"}
    assert second["RateLimit-Policy"] == '"tenant-second";q=1000;w=1'


def test_lane__error_in_scoring__is_not_scored_again_and_is_500(
    doors: Doors, world: World, process: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    body, calls = _json(GOOD), []

    def append(records: list[bytes]) -> bool:
        calls.append(records)
        raise RuntimeError("broken")

    monkeypatch.setattr(process.log, "append", append)
    doors.lane._headers[SCORE, "http", ""] = []
    assert doors.ask(doors.lane, request(SCORE, world.token, body), body).status.startswith("500")
    assert len(calls) == 1


@pytest.mark.parametrize("on", [True, False])
def test_setting__off__leaves_django_alone(process: Serving, settings: Settings, on: bool) -> None:
    settings.ENV = settings.ENV | {"MUSE_EXPRESS_LANE": on}
    django = WSGIHandler()
    application = in_front_of(django)
    assert isinstance(application, ExpressLane) if on else application is django
