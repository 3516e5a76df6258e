"""Single events over HTTP: with the lane that answers where they come in and without it, all is the same."""

import json
import re
import time
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIHandler
from hypothesis import HealthCheck, example, given
from hypothesis import settings as examples
from pytest_django import Settings

from muse_site.service.server import Served
from scoring.serving import single
from scoring.serving.express import Environ
from scoring.serving.process import Serving, at_once, gated, in_front_of
from scoring.serving.single import SingleViews
from tenants.scope import platform_scope
from tenants.services import restrict_api_key, revoke_api_key
from tests.factories import World, serve
from tests.scoring.serving.test_express import GOOD, LIMIT, SCORE, Answer, Answered, Doors, doors, request, requests
from tests.site.service.serving import Running, answer, running

__all__ = ["doors"]


class Sides:
    """The scoring service twice, with its lanes and without. `handed_on`: what the lanes left to Django."""

    def __init__(self, doors: Doors, stack: ExitStack) -> None:
        self._doors = doors
        self.handed_on = doors.handed_on
        self.lane = stack.enter_context(running(served(doors.lane)))
        self.django = stack.enter_context(running(served(WSGIHandler())))

    def ask(self, side: Running, environ: Environ, body: bytes) -> Answer:
        """What comes back over HTTP, of which the date is left out."""
        return self._doors.seen(lambda: over_http(side, environ, body))


def served(application: Any) -> Served:
    gate = gated(application)
    return Served(gate, at_once(application), gate.taken_in, shed=gate.shed)


def over_http(side: Running, environ: Environ, body: bytes) -> Answered:
    with side.connect() as client, client.makefile("rb") as file:
        client.sendall(as_text(environ).encode("latin-1") + as_sent(environ, body))
        found = answer(file, has_body=environ["REQUEST_METHOD"] != "HEAD")
    assert found is not None
    return str(found.status), [each for each in sorted(found.headers.items()) if each[0] != "date"], found.body


def as_sent(environ: Environ, body: bytes) -> bytes:
    """The body as the head says that it comes, so that nobody waits for more of it."""
    said = environ.get("CONTENT_LENGTH")
    if said is None and "HTTP_TRANSFER_ENCODING" in environ:
        return b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body) if body else b"0\r\n\r\n"
    return body.ljust(int(said)) if said and said.isdecimal() and int(said) <= LIMIT else body


def as_text(environ: Environ) -> str:
    """The head of the request that has this environment."""
    named = {
        name.removeprefix("HTTP_"): each for name, each in environ.items() if name.startswith(("HTTP_", "CONTENT_"))
    }
    lines = "".join(f"{name.replace('_', '-')}: {each}\r\n" for name, each in named.items())
    query = f"?{environ['QUERY_STRING']}" if environ["QUERY_STRING"] else ""
    return f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}{query} HTTP/1.1\r\n{lines}\r\n"


@pytest.fixture
def sides(doors: Doors) -> Iterator[Sides]:
    with ExitStack() as stack:
        yield Sides(doors, stack)


def test_single_events__whatever_is_sent__are_answered_recorded_and_counted_as_without_the_lane(
    sides: Sides, world: World, process: Serving
) -> None:
    count = 0
    longer_than_it_says = (SCORE, json.dumps(GOOD).encode()), {"CONTENT_LENGTH": "3"}, f"Bearer {world.token}"

    @example(longer_than_it_says)
    @examples(max_examples=200, suppress_health_check=[HealthCheck.too_slow])
    @given(requests(world, process))
    def check(sent: Any) -> None:
        nonlocal count
        count += 1
        (path, body), head, authorization = sent
        environ = request(path, "", body, **{"HTTP_AUTHORIZATION": authorization} | head)
        assert sides.ask(sides.lane, environ, body) == sides.ask(sides.django, environ, body)

    check()
    assert len(sides.handed_on) < count


def test_single_events__once_django_has_answered_one__need_it_no_more(sides: Sides, world: World) -> None:
    body = json.dumps(GOOD).encode()
    answers = [sides.ask(sides.lane, request(SCORE, world.token, body), body) for _ in range(3)]
    assert sides.handed_on == [SCORE]
    assert answers[0] == answers[1] == answers[2]
    assert (answers[0].status, len(answers[0].records)) == ("200", 1)


def test_single_events__of_a_tenant_with_a_quota__tell_what_is_left_and_nobody_else_is_told(
    sides: Sides, world: World, process: Serving
) -> None:
    limited, body = serve(quota_per_second=1_000), json.dumps(GOOD).encode()
    assert process.watcher.look()
    answers = [
        sides.ask(side, request(SCORE, limited.token, body), body) for side in (sides.lane, sides.lane, sides.django)
    ]
    free = [sides.ask(side, request(SCORE, world.token, body), body) for side in (sides.lane, sides.django)]
    assert sides.handed_on == [SCORE]
    for each in answers:
        headers = dict(each.headers)
        assert headers["ratelimit-policy"] == '"tenant-second";q=1000;w=1'
        assert re.fullmatch(r'"tenant-second";r=(49\d|500);t=[01]', headers["ratelimit"])
    assert free[0] == free[1]
    assert not {"ratelimit", "ratelimit-policy"} & set(dict(free[0].headers))


def test_single_event__too_large_for_one__is_answered_all_the_same(
    sides: Sides, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(single, "LARGEST", 10)
    body = json.dumps(GOOD).encode()
    environ = request(SCORE, world.token, body)
    assert sides.ask(sides.lane, environ, body) == sides.ask(sides.django, environ, body)


def test_single_event__while_a_batch_has_its_turn__does_not_wait(sides: Sides, world: World, process: Serving) -> None:
    body = json.dumps(GOOD).encode()
    sides.ask(sides.lane, request(SCORE, world.token, body), body)
    turn = process.admission.enter(world.tenant.pk, 10_000)
    assert sides.ask(sides.lane, request(SCORE, world.token, body), body).status == "200"
    process.admission.leave(turn)


@pytest.mark.parametrize(("said", "status", "recorded"), [("0.05", 503, 0), ("30", 200, 1), ("soon", 400, 0)])
def test_single_event__whose_client_waits_no_longer__is_refused_and_not_recorded(
    sides: Sides, doors: Doors, world: World, said: str, status: int, recorded: int
) -> None:
    body = json.dumps(GOOD).encode()
    sides.ask(sides.lane, request(SCORE, world.token, body), body)
    head = as_text(request(SCORE, world.token, body, HTTP_X_REQUEST_TIMEOUT=said)).encode("latin-1")

    def late() -> Answered:
        with sides.lane.connect() as client, client.makefile("rb") as file:
            client.sendall(head)
            time.sleep(0.2)
            client.sendall(body)
            found = answer(file)
        assert found is not None
        return str(found.status), sorted(found.headers.items()), found.body

    seen = doors.seen(late)
    assert (seen.status, len(seen.records)) == (str(status), recorded)
    assert sides.handed_on == [SCORE]  # what is refused is refused before Django


def test_single_events__of_a_key_that_was_revoked__are_refused(sides: Sides, world: World, process: Serving) -> None:
    body = json.dumps(GOOD).encode()
    environ = request(SCORE, world.token, body)
    assert [sides.ask(sides.lane, environ, body).status for _ in range(2)] == ["200", "200"]
    with platform_scope():
        revoke_api_key(key=world.key, actor=None)
    assert process.watcher.look()
    assert sides.ask(sides.lane, environ, body).status == "401"


def test_single_events__of_a_key_that_is_for_another_network__are_refused(
    sides: Sides, world: World, process: Serving
) -> None:
    body = json.dumps(GOOD).encode()
    environ = request(SCORE, world.token, body)
    assert sides.ask(sides.lane, environ, body).status == "200"
    with platform_scope():
        restrict_api_key(key=world.key, networks=["192.0.2.0/24"], actor=None)
    assert process.watcher.look()
    assert [sides.ask(sides.lane, environ, body).status for _ in range(2)] == ["403", "403"]


def test_setting__off__has_django_answer_where_requests_come_in(
    sides: Sides, world: World, process: Serving, settings: Settings
) -> None:
    settings.ENV = settings.ENV | {"MUSE_EXPRESS_LANE": False}
    assert isinstance(at_once(in_front_of(WSGIHandler())), SingleViews)
    body = json.dumps(GOOD).encode()
    turn = process.admission.enter(world.tenant.pk, 10_000)  # nothing that waits for a turn gets one
    answers = [sides.ask(sides.django, request(SCORE, token, body), body) for token in (world.token, "muse_no")]
    process.admission.leave(turn)
    assert [(each.status, len(each.records)) for each in answers] == [("200", 1), ("401", 0)]
