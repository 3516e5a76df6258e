"""A WSGI application behind the server: which bodies wait for a thread, and which a thread waits for."""

import os
import platform
import re
import sys
from collections.abc import Iterable
from io import BytesIO
from pathlib import Path
from threading import Event, get_native_id
from time import monotonic
from typing import Any

import pytest

from muse_site.driving.client import wait
from muse_site.service import threads
from muse_site.service.environ import Environ
from muse_site.service.server import Served
from scoring.serving.admission import ENDED
from tests.site.service.serving import answer, running
from tests.site.service.test_connection import application, post, said

SCHED = Path("/proc/self/sched")
KERNEL = tuple(int(each) for each in re.findall(r"\d+", platform.release())[:2])


def test_slow_bodies__hold_no_thread() -> None:
    with running(Served(application), threads=1) as service:
        slow = [service.connect() for _ in range(5)]
        for each in slow:
            each.sendall(post(b"hello")[:-1])
        (found,) = service.ask(post(b"quick"))
        assert said(found)["body"] == "quick"
        for each in slow:
            with each, each.makefile("rb") as file:
                each.sendall(b"o")
                assert said(answer(file))["body"] == "hello"


@pytest.mark.skipif(sys.platform != "linux", reason="niceness is a thread's on Linux alone")
def test_threads__that_stand_back__do_so_behind_the_rest_of_their_process() -> None:
    def niceness() -> int:
        return os.getpriority(os.PRIO_PROCESS, get_native_id())

    def telling(environ: Environ, start_response: Any) -> Iterable[bytes]:
        start_response("200 OK", [])
        return [str(niceness()).encode()]

    own = niceness()
    with running(Served(telling, behind=3)) as service:
        (found,) = service.ask(post(b"x"))
    assert int(found.body) == min(own + 3, 19)
    assert niceness() == own


@pytest.mark.skipif(not SCHED.exists() or KERNEL < (6, 12), reason="Linux knows slices of threads from 6.12 on")
def test_threads__beside_the_one_of_the_event_loop__have_longer_slices() -> None:
    def telling(environ: Environ, start_response: Any) -> Iterable[bytes]:
        found.append(slice_ns())
        return application(environ, start_response)

    found: list[int] = []
    with running(Served(telling, shed=lambda environ: found.append(slice_ns()), behind=3)) as service:
        service.ask(post(b"x"))
    in_the_loop, in_a_thread = found
    assert in_the_loop == 100_000 < in_a_thread == slice_ns()


def slice_ns() -> int:
    """For how long this thread goes on where others wait."""
    told = Path(f"/proc/self/task/{get_native_id()}/sched").read_text()
    return int(re.search(r"^se\.slice +: +(\d+)$", told, re.MULTILINE)[1])  # type: ignore[index]


@pytest.mark.parametrize(
    ("held", "taken_in"), [(0, 10**6), (10**6, 0), (70_000, 10**6), (10**6, 70_000), (10**6, 10**6)]
)
def test_body__held_or_not__is_read_whole_by_the_application(
    monkeypatch: pytest.MonkeyPatch, held: int, taken_in: int
) -> None:
    monkeypatch.setattr(threads, "MOST_HELD", held)
    body = bytes(range(65, 91)) * 10_000
    with running(Served(application, taken_in=lambda environ: taken_in)) as service:
        for _ in range(2):
            (found,) = service.ask(post(body))
            assert said(found)["body"] == body.decode()


def test_body__that_is_not_read__is_followed_by_the_next_request() -> None:
    def unread(environ: Environ, start_response: Any) -> Iterable[bytes]:
        start_response("413 Content Too Large", [("Content-Length", "0")])
        return []

    with running(Served(unread, taken_in=lambda environ: 0)) as service:
        found = service.ask(post(b"x" * 300_000), post(b"y"), count=2)
    assert [each.status for each in found] == [413, 413]


def test_client_that_goes_while_it_sends__ends_its_request_and_no_other() -> None:
    asked = list[str]()

    def reading(environ: Environ, start_response: Any) -> Iterable[bytes]:
        asked.append(environ["PATH_INFO"])
        return application(environ, start_response)

    with running(Served(reading, taken_in=lambda environ: 10), threads=1) as service:
        for length in (20, 5):  # read by its thread, and before it has one
            with service.connect() as client:
                client.sendall(post(b"x" * length, f"/{length}")[:-1])
                wait(lambda length=length: length == 5 or "/20" in asked, "it to be read", 30.0)
        (found,) = service.ask(post(b"quick"))
    assert said(found)["body"] == "quick"
    assert "/5" not in asked


def test_answer__in_parts__is_sent_as_it_comes() -> None:
    go_on = Event()

    def in_parts(environ: Environ, start_response: Any) -> Iterable[bytes]:
        start_response("200 OK", [])
        yield b"first"
        yield b"second"
        assert go_on.wait(30)
        yield b"third"

    with running(Served(in_parts)) as service, service.connect() as client, client.makefile("rb") as file:
        client.sendall(b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n")
        lines = iter(file.readline, b"")
        while next(lines) != b"first\r\n":
            pass
        go_on.set()
        assert b"third" in file.read()


def test_answer__of_a_file__is_sent_whole() -> None:
    content = bytes(range(256)) * 1_000

    def file(environ: Environ, start_response: Any) -> Iterable[bytes]:
        start_response("200 OK", [("Content-Length", str(len(content)))])
        found: Iterable[bytes] = environ["wsgi.file_wrapper"](BytesIO(content), 4_096)
        return found

    with running(Served(file)) as service:
        assert [each.body for each in service.ask(b"GET / HTTP/1.1\r\n\r\n")] == [content]


def test_application__that_fails__is_500_and_serves_on() -> None:
    def failing(environ: Environ, start_response: Any) -> Iterable[bytes]:
        if environ["PATH_INFO"] == "/fail":
            raise RuntimeError("for tests")
        return application(environ, start_response)

    with running(Served(failing)) as service:
        assert service.ask(post(b"", "/fail"))[0].status == 500
        assert service.ask(post(b"hello"))[0].status == 200


def overloaded(environ: Environ, start_response: Any) -> Iterable[bytes]:
    start_response("503 Service Unavailable", [("Content-Length", "4")])
    return [b"full"]


def test_shed__while_all_threads_are_busy__is_answered_and_followed_by_the_next_request() -> None:
    go_on = Event()

    def waiting(environ: Environ, start_response: Any) -> Iterable[bytes]:
        assert go_on.wait(30)
        return application(environ, start_response)

    served = Served(waiting, shed=lambda environ: (0.0, overloaded) if environ["PATH_INFO"] == "/shed" else None)
    with running(served, threads=1) as service, service.connect() as busy, busy.makefile("rb") as file:
        busy.sendall(post(b"one"))
        found = service.ask(post(b"x" * 300_000, "/shed"), post(b"y", "/shed"), count=2)
        assert [(each.status, each.body) for each in found] == [(503, b"full")] * 2
        go_on.set()
        assert said(answer(file))["body"] == "one"


def test_shed__that_should_wait__does_and_holds_up_no_other() -> None:
    served = Served(application, shed=lambda environ: (0.5, overloaded) if environ["PATH_INFO"] == "/shed" else None)
    with running(served) as service, service.connect() as shed, shed.makefile("rb") as file:
        began = monotonic()
        shed.sendall(post(b"x" * 300_000, "/shed"))
        (other,) = service.ask(post(b"hello"))
        assert (said(other)["body"], monotonic() - began < 0.4) == ("hello", True)
        found = answer(file)
    assert found is not None
    assert (found.status, monotonic() - began >= 0.5) == (503, True)


def test_request__answered_failed_or_given_up_by_its_client__is_said_to_have_ended_once() -> None:
    ended = list[str]()

    def counted(environ: Environ) -> None:
        environ[ENDED] = lambda: ended.append(environ["PATH_INFO"])

    def at_times_failing(environ: Environ, start_response: Any) -> Iterable[bytes]:
        if environ["PATH_INFO"] == "/fail":
            raise RuntimeError("on purpose")
        return application(environ, start_response)

    with running(Served(at_times_failing, taken_in=lambda environ: 10**6, shed=counted)) as service:
        service.ask(post(b"hello", "/answered"))
        service.ask(post(b"hello", "/fail"))
        with service.connect() as client:
            client.sendall(post(b"hello", "/gone")[:-1])
        wait(lambda: len(ended) == 3, "all three to have ended", 30.0)
    assert sorted(ended) == ["/answered", "/fail", "/gone"]
