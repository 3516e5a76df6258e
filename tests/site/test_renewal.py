"""New code for what runs, and services whose socket outlives their processes."""

import http.client
import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from muse_site.driving.client import wait
from muse_site.supervisor import proctable
from tests.site.test_supervisor import UP, Running, Start, _free_port, _lives, start

__all__ = ["start"]


@pytest.fixture
def port() -> int:
    return _free_port()


@pytest.fixture
def running(start: Start, port: int) -> Running:
    found = start("service", str(port))
    found.wait_for(UP)
    return found


def renew(running: Running) -> None:
    running.popen.send_signal(signal.SIGUSR1)


def ask(port: int, connection: http.client.HTTPConnection | None = None) -> tuple[int, str | None]:
    """Who answers, and what it says of the connection."""
    connected = connection or http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connected.request("POST", "/", b"hello")
    response = connected.getresponse()
    pid, _, body = response.read().partition(b" ")
    assert body == b"hello"
    return int(pid), response.getheader("Connection")


def _is_stopped(pid: int) -> bool:
    found = proctable.entry(pid)
    return found is not None and found.stopped


@contextmanager
def clients(port: int) -> Iterator[list[int | str]]:
    """One that keeps its connection and one that has a new one for each request: who answered them, or what failed."""
    stop, answers = threading.Event(), list[int | str]()

    def keeps() -> None:
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
            go_on(lambda: ask(port, connection)[0])

    def go_on(score) -> None:  # type: ignore[no-untyped-def]
        while not stop.is_set():
            try:
                answers.append(score())
            except Exception as error:
                answers.append(repr(error))
            time.sleep(0.002)

    threads = [threading.Thread(target=keeps), threading.Thread(target=go_on, args=(lambda: ask(port)[0],))]
    for each in threads:
        each.start()
    try:
        yield answers
    finally:
        stop.set()
        for each in threads:
            each.join()


def test_renewal__of_a_service_with_clients__the_new_one_serves_before_the_old_one_ends(
    running: Running, port: int
) -> None:
    before = running.pid_of("service")
    with clients(port) as answers:
        renew(running)
        running.wait_for("everything is renewed")
    after = running.pid_of("service", times=2)
    assert set(answers) <= {before, after}
    assert answers[-1] == after
    assert not _lives(before)


def test_renewal__of_others__they_start_again_and_databases_stay(running: Running) -> None:
    other, database = running.pid_of("other"), running.pid_of("database")
    renew(running)
    running.wait_for("everything is renewed")
    assert running.output.count("starting step") == 2
    assert not _lives(other)
    assert _lives(running.pid_of("other", times=2))
    assert _lives(database)


@pytest.mark.parametrize(
    ("flag", "why"), [("wrong", "step ended with code 1"), ("broken", "service died at its start")]
)
def test_renewal__new_code_does_not_come_up__what_runs_goes_on(
    running: Running, port: int, tmp_path: Path, flag: str, why: str
) -> None:
    before = running.pid_of("service")
    (tmp_path / flag).touch()
    renew(running)
    running.wait_for(f"not renewed: {why}.*what runs goes on")
    assert ask(port)[0] == before
    assert running.output.count("starting other") == 1
    (tmp_path / flag).unlink()
    renew(running)
    running.wait_for("everything is renewed")
    assert ask(port)[0] != before


def test_service__killed__what_is_sent_meanwhile_waits_for_the_next(running: Running, port: int) -> None:
    before = running.pid_of("service")
    os.kill(before, signal.SIGKILL)
    assert ask(port)[0] != before


def test_service__asked_to_end__answers_what_it_has_begun_and_closes_the_connection(
    running: Running, port: int
) -> None:
    before = running.pid_of("service")
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhe")
        ask(port)  # the connection above has been taken, for it came first
        os.kill(before, signal.SIGTERM)
        time.sleep(0.2)
        connection.sendall(b"llo")
        answer = b""
        while more := connection.recv(4096):
            answer += more
    assert answer.startswith(b"HTTP/1.1 200")
    assert b"connection: close" in answer.lower()
    assert answer.endswith(b"%d hello" % before)


def test_service__stopped__is_killed_for_want_of_beats_and_another_serves(running: Running, port: int) -> None:
    before = running.pid_of("service")
    os.kill(before, signal.SIGSTOP)
    wait(lambda: _is_stopped(before), "it to stop", 10.0, pause=0.01)  # its threads go on for a moment
    assert ask(port)[0] != before


def test_service__address_in_use__start_fails_and_says_so(start: Start, port: int) -> None:
    with socket.create_server(("127.0.0.1", port)):
        running = start("service", str(port))
        assert running.popen.wait(30) == 1
    assert f"nobody can listen on 127.0.0.1:{port}: Address already in use" in running.output
