"""The gate before everything that scores: what it refuses, and what of a request it has read before its turn."""

import io
import json
import time
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from scoring.serving import metrics
from scoring.serving.admission import ENDED, Admission
from scoring.serving.deadline import ARRIVED
from scoring.serving.gate import Gate
from scoring.serving.process import Serving
from tests.documents import EVENT
from tests.factories import World, serve

pytestmark = pytest.mark.django_db(transaction=True)

SINGLE, BATCH, LIMIT = "/api/v1/score", "/api/v1/score/batch", 100_000


class Asked:
    """One request to a gate, as a server makes it, and what came of it."""

    def __init__(self, path: str, token: str, body: bytes = b"{}", **more: Any) -> None:
        self.environ = {
            "REQUEST_METHOD": "POST",
            "PATH_INFO": path,
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_AUTHORIZATION": f"Bearer {token}",
            "wsgi.input": io.BytesIO(body),
            **more,
        }
        self.status = ""
        self.headers: dict[str, str] = {}
        self.body = b""

    def of(self, gate: Gate) -> "Asked":
        self.body = b"".join(gate(self.environ, self._start))
        return self

    def _start(self, status: str, headers: list[tuple[str, str]], *_: Any) -> None:
        self.status, self.headers = status, dict(headers)


@pytest.fixture
def admission() -> Admission:
    return Admission(seconds=0.01, slots=1)


@pytest.fixture
def gate(process: Serving, admission: Admission) -> Gate:
    return Gate(echo, admission, process.service, LIMIT)


def echo(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    start_response("200 OK", [])
    return [environ["wsgi.input"].read()]


@pytest.fixture
def world(process: Serving) -> World:
    world = serve()
    process.watcher.look()
    return world


def test_gate__more_than_is_let_in__is_refused_as_a_problem_with_retry_after(
    gate: Gate, admission: Admission, world: World
) -> None:
    turn = admission.enter(world.tenant.pk, 10_000)
    asked = Asked(BATCH, world.token, b" " * 90_000).of(gate)
    admission.leave(turn)
    assert asked.status == "503 Service Unavailable"
    assert (asked.headers["Content-Type"], asked.headers["Retry-After"]) == ("application/problem+json", "1")
    assert json.loads(asked.body)["status"] == 503
    assert metrics._answered[-1][:2] == ("batch", 503)


@pytest.mark.parametrize(
    ("length", "head", "events"),
    [
        (40_000, {}, 101),
        (40_000, {"HTTP_CONTENT_ENCODING": "identity"}, 101),
        (40_000, {"HTTP_CONTENT_ENCODING": "zstd"}, 801),
        (LIMIT - 1, {"HTTP_CONTENT_ENCODING": "gzip"}, 1_000),  # no more than may be in a request
    ],
)
def test_gate__batch__is_reckoned_by_what_comes_of_its_body(
    process: Serving, world: World, length: int, head: dict[str, str], events: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    admission, entered = Admission(seconds=10.0, slots=1), []
    enter = admission.enter
    monkeypatch.setattr(process.service, "max_events", 1_000)
    monkeypatch.setattr(admission, "enter", lambda *asked: entered.append(asked[1]) or enter(*asked))
    gate = Gate(echo, admission, process.service, LIMIT)
    assert Asked(BATCH, world.token, b" " * length, **head).of(gate).status == "200 OK"
    assert entered == [events]


def test_gate__let_in__is_answered_and_gives_its_turn_back(gate: Gate, admission: Admission, world: World) -> None:
    asked = Asked(SINGLE, world.token, json.dumps(EVENT).encode()).of(gate)
    assert (asked.status, json.loads(asked.body)) == ("200 OK", EVENT)
    assert admission.working_since() is None


def test_gate__application_fails__gives_its_turn_back(process: Serving, admission: Admission, world: World) -> None:
    def fail(environ: Any, start_response: Any) -> Iterable[bytes]:
        assert admission.working_since() is not None
        raise RuntimeError("for tests")

    with pytest.raises(RuntimeError):
        Asked(SINGLE, world.token).of(Gate(fail, admission, process.service, LIMIT))
    assert admission.working_since() is None


def test_gate__body__is_read_before_the_turn_begins(gate: Gate, admission: Admission, world: World) -> None:
    class Slow(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            assert admission.working_since() is None
            return super().read(size)

    assert Asked(SINGLE, world.token, **{"wsgi.input": Slow(b"{}")}).of(gate).body == b"{}"
    chunked = Asked(SINGLE, world.token, **{"CONTENT_LENGTH": "", "wsgi.input": Slow(b"[1]")})
    assert chunked.of(gate).body == b"[1]"


@pytest.mark.parametrize(
    ("token", "length"), [pytest.param("muse_nobody_nothing", 2, id="stranger"), pytest.param("", LIMIT + 1, id="long")]
)
def test_gate__body_that_will_be_refused__is_not_read(gate: Gate, world: World, token: str, length: int) -> None:
    class Unread(io.BytesIO):
        pass

    body = Unread(b"{}")
    asked = Asked(SINGLE, token or world.token, **{"CONTENT_LENGTH": str(length), "wsgi.input": body}).of(gate)
    assert asked.environ["wsgi.input"] is body


def test_gate__other_addresses__need_no_turn(gate: Gate, admission: Admission, world: World) -> None:
    turn = admission.enter(world.tenant.pk, 1)
    assert Asked("/readyz", "", REQUEST_METHOD="GET").of(gate).status == "200 OK"
    admission.leave(turn)


@pytest.mark.parametrize("said", ["soon", "0", "-1", "nan", "1e9", ""])
def test_gate__unreadable_deadline__is_a_problem_that_says_what_was_expected(
    gate: Gate, world: World, process: Serving, said: str
) -> None:
    asked = Asked(SINGLE, world.token, HTTP_X_REQUEST_TIMEOUT=said).of(gate)
    assert asked.status == "400 Bad Request"
    assert process.service._presence.refused_requests._noted.pop() == ((world.tenant.pk, "", "unreadable"), 1)
    assert "X-Request-Timeout: expected seconds" in json.loads(asked.body)["detail"]


def test_gate__deadline_that_passes_in_line__is_refused_and_leaves_the_line(
    gate: Gate, admission: Admission, world: World
) -> None:
    turn = admission.enter(world.tenant.pk, 1)
    asked = Asked(SINGLE, world.token, HTTP_X_REQUEST_TIMEOUT="0.001").of(gate)
    assert asked.status == "503 Service Unavailable"
    assert "Retry-After" in asked.headers
    assert admission.waiting == 0
    admission.leave(turn)
    assert Asked(SINGLE, world.token, HTTP_X_REQUEST_TIMEOUT="5").of(gate).status == "200 OK"


def test_gate__deadline__counts_from_when_the_request_came_in(gate: Gate, world: World) -> None:
    came = {ARRIVED: time.monotonic() - 0.5}
    assert Asked(SINGLE, world.token, HTTP_X_REQUEST_TIMEOUT="0.4", **came).of(gate).status == "503 Service Unavailable"
    assert Asked(SINGLE, world.token, HTTP_X_REQUEST_TIMEOUT="5", **came).of(gate).status == "200 OK"


def test_shed__large_request_beyond_its_part__is_refused_by_its_head_alone(
    gate: Gate, admission: Admission, world: World
) -> None:
    large = Asked(BATCH, world.token, CONTENT_LENGTH="90000")
    assert gate.shed(large.environ) is None
    turn = admission.enter(world.tenant.pk, 10_000)
    shed = gate.shed(large.environ)
    assert shed is not None
    large.body = b"".join(shed[1](large.environ, large._start))
    asked = Asked(BATCH, world.token, b" " * 90_000).of(gate)
    assert (large.status, large.headers, large.body) == (asked.status, asked.headers, asked.body)
    admission.leave(turn)
    assert gate.shed(large.environ) is None


def test_shed__large_requests_let_in_beside_one_in_flight__are_one_more_than_slots_until_one_has_ended(
    process: Serving, world: World
) -> None:
    admission = Admission(seconds=60.0, slots=3)
    gate = Gate(echo, admission, process.service, LIMIT)

    def asked() -> Asked:
        return Asked(BATCH, world.token, CONTENT_LENGTH="90000")

    turn = admission.enter(world.tenant.pk, 200)
    let_in = [asked() for _ in range(4)]
    assert [gate.shed(each.environ) for each in let_in] == [None] * 4
    assert gate.shed(asked().environ) is not None
    let_in[0].environ[ENDED]()
    assert gate.shed(asked().environ) is None
    admission.leave(turn)
    assert [gate.shed(asked().environ) for _ in range(10)] == [None] * 10, "with none in flight, slow ones hold up none"


def test_shed__small_batches_let_in__take_no_large_ones_place(process: Serving, world: World) -> None:
    admission = Admission(seconds=60.0, slots=3)
    gate = Gate(echo, admission, process.service, LIMIT)
    turn = admission.enter(world.tenant.pk, 200)
    assert [gate.shed(Asked(BATCH, world.token, CONTENT_LENGTH="400").environ) for _ in range(10)] == [None] * 10
    assert gate.shed(Asked(BATCH, world.token, CONTENT_LENGTH="90000").environ) is None
    admission.leave(turn)


def test_shed__refusals_of_one_tenant__come_one_after_the_other(gate: Gate, admission: Admission, world: World) -> None:
    turn = admission.enter(world.tenant.pk, 10_000)
    shed = [gate.shed(Asked(BATCH, world.token, CONTENT_LENGTH="90000").environ) for _ in range(100)]
    admission.leave(turn)
    waits = [each[0] for each in shed if each is not None]
    assert len(waits) == 100
    assert waits[0] == 0.0
    assert 0.0 < waits[2] <= 0.02
    assert 0.2 < waits[-1] <= 0.25


@pytest.mark.parametrize(
    "head",
    [
        {"PATH_INFO": SINGLE},
        {"PATH_INFO": "/readyz"},
        {"REQUEST_METHOD": "GET"},
        {"HTTP_AUTHORIZATION": "Bearer muse_nobody_nothing"},
        {"CONTENT_LENGTH": ""},
        {"CONTENT_LENGTH": str(LIMIT + 1)},
        {"CONTENT_LENGTH": "400"},
    ],
)
def test_shed__other_requests__are_left_to_the_application(
    gate: Gate, admission: Admission, world: World, head: dict[str, str]
) -> None:
    turn = admission.enter(world.tenant.pk, 10_000)
    assert gate.shed(Asked(BATCH, world.token, **{"CONTENT_LENGTH": "90000"} | head).environ) is None
    admission.leave(turn)
