"""Plain requests are answered where they come in, everything else by the application, and neither is mistaken."""

import json
import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, suppress
from typing import Any

import pytest

from muse_site.driving.client import wait
from muse_site.service import connection, server
from muse_site.service.environ import Environ
from muse_site.service.server import Served
from tests.site.service.serving import Answer, Running, answer, running

TOLD = ("REQUEST_METHOD", "PATH_INFO", "QUERY_STRING", "told", "HTTP_A", "HTTP_A_B", "HTTP_COOKIE", "CONTENT_LENGTH")


class Lane:
    """Answers its requests in capitals; hands on those that say so, waits in those that say that, or says their age."""

    beginning = b"POST /plain HTTP/1.1\r\n"

    def __init__(self) -> None:
        self.go_on = threading.Event()

    def plain(self, environ: Environ) -> "Request | None":
        return Request(self, int(environ["CONTENT_LENGTH"])) if "CONTENT_LENGTH" in environ else None


class Request:
    def __init__(self, lane: Lane, length: int) -> None:
        self.length = length
        self._lane = lane

    def answer(self, body: bytes, caller: str, arrived: Callable[[], float]) -> bytes | Environ:
        if body == b"wait":
            self._lane.go_on.wait(30)
        if body == b"age":
            body = b"%.3f" % (time.monotonic() - arrived())
        if body == b"who":
            body = caller.encode()
        if body == b"refuse":
            return {"told": "refused"}
        return b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%b" % (len(body), body.upper())


def application(environ: Environ, start_response: Any) -> Iterable[bytes]:
    """Says what it was asked."""
    found: dict[str, Any] = {name: environ[name] for name in TOLD if name in environ}
    body = json.dumps(found | {"body": environ["wsgi.input"].read().decode("latin-1")}).encode()
    start_response("200 OK", [("Content-Length", str(len(body)))])
    return [body] if environ["REQUEST_METHOD"] != "HEAD" else []


@pytest.fixture
def lane() -> Lane:
    return Lane()


@pytest.fixture
def service(lane: Lane) -> Iterator[Running]:
    with running(Served(application, lane)) as found:
        yield found


def post(body: bytes, path: str = "/plain", **headers: str) -> bytes:
    named = {"Host": "x", "Content-Length": str(len(body))} | headers
    head = "".join(f"{name}: {value}\r\n" for name, value in named.items())
    return f"POST {path} HTTP/1.1\r\n{head}\r\n".encode() + body


def said(found: Answer | None) -> Any:
    assert found is not None
    return json.loads(found.body)


def test_plain__in_any_two_pieces__is_answered(service: Running) -> None:
    whole = post(b"hello")
    for place in range(1, len(whole)):
        first, second = service.ask(whole[:place], whole[place:], post(b"again"), count=2)
        assert first.body == b"HELLO" or said(first)["body"] == "hello"
        assert second.body == b"AGAIN" or said(second)["body"] == "again"


def test_plain__whole_or_with_its_body_after_its_head__is_not_the_applications(service: Running) -> None:
    head, _, body = post(b"hello").partition(b"\r\n\r\n")
    for pieces in ([post(b"hello")], [head + b"\r\n\r\n", body], [head + b"\r\n\r\nhel", b"lo"]):
        for _ in range(2):
            assert [each.body for each in service.ask(*pieces)] == [b"HELLO"]


@pytest.mark.parametrize("size", [10_000, 50, 7])
def test_requests__of_all_kinds_in_pieces_of_any_size__are_answered_in_order(service: Running, size: int) -> None:
    chunked = b"POST /else HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\nA: trailer\r\n\r\n"
    sent = [post(b"one"), post(b"other", "/else?a=%20"), post(b"refuse"), chunked, b"GET / HTTP/1.1\r\n\r\n"]
    whole = b"".join([*sent, post(b"three")])
    pieces = [whole[place : place + size] for place in range(0, len(whole), size)]
    one, other, refused, chunks, get, three = service.ask(*pieces, count=6)
    assert one.body == b"ONE" or said(one)["body"] == "one"
    assert (said(other)["body"], said(other)["QUERY_STRING"]) == ("other", "a=%20")
    assert said(refused)["body"] == "refuse"
    assert said(refused).get("told") in ("refused", None)
    assert said(chunks) == {"REQUEST_METHOD": "POST", "PATH_INFO": "/else", "QUERY_STRING": "", "body": "abcde"}
    assert said(get) == {"REQUEST_METHOD": "GET", "PATH_INFO": "/", "QUERY_STRING": "", "body": ""}
    assert three.body == b"THREE" or said(three)["body"] == "three"


def test_plain__whose_body_comes_later__has_come_in_with_its_first_bytes(service: Running) -> None:
    (whole,) = service.ask(post(b"age"))
    with service.connect() as client, client.makefile("rb") as file:
        client.sendall(post(b"age")[:-3])
        time.sleep(0.3)
        client.sendall(b"age")
        late = answer(file)
    assert late is not None
    assert float(late.body) >= 0.25 > float(whole.body)


def test_plain__that_is_handed_on__tells_the_application_why_and_no_other_request(service: Running) -> None:
    refused, other = service.ask(post(b"refuse") + post(b"other", "/else"), count=2)
    assert (said(refused)["told"], said(refused)["body"]) == ("refused", "refuse")
    assert "told" not in said(other)


def test_plain__known_by_its_head__is_told_who_calls(service: Running) -> None:
    assert [each.body for each in service.ask(post(b"who"), post(b"who"), count=2)] == [b"127.0.0.1"] * 2


def test_answers__are_dated_and_keep_the_connection(service: Running) -> None:
    for found in service.ask(post(b"plain"), post(b"other", "/else"), count=2):
        assert found.headers["date"].endswith("GMT")
        assert "connection" not in found.headers


@pytest.mark.parametrize(
    "more", [{"Connection": "close"}, {"Expect": "100-continue"}, {"Upgrade": "h2c", "Connection": "Upgrade"}]
)
def test_connection__that_is_not_just_kept__is_the_applications(service: Running, more: dict[str, str]) -> None:
    with service.connect() as client, client.makefile("rb") as file:
        client.sendall(post(b"hello", **more))
        if "Expect" in more:
            assert file.readline() == b"HTTP/1.1 100 Continue\r\n"
            file.readline()
        found = answer(file)
    assert found is not None
    assert said(found)["body"] == "hello"
    assert ("connection" in found.headers) == (more.get("Connection") == "close")


def test_head_and_old_clients__are_answered_as_they_ask(service: Running) -> None:
    with service.connect() as client:
        client.sendall(b"HEAD / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        text = client.makefile("rb").read()
    assert text.startswith(b"HTTP/1.1 200")
    assert text.endswith(b"\r\n\r\n")
    (old,) = service.ask(b"POST /plain HTTP/1.0\r\nContent-Length: 5\r\n\r\nhello")
    assert (said(old)["body"], old.headers["connection"]) == ("hello", "close")


@pytest.mark.parametrize(
    "sent",
    [
        b"nonsense\r\n\r\n",
        b"POST /plain HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
        b"POST /plain HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST /plain HTTP/1.1\r\nContent-Length: +5\r\n\r\nhello",
        b"POST /plain HTTP/1.1\r\nContent-Length : 5\r\n\r\nhello",
        b"CONNECT x HTTP/1.1\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ],
)
def test_request__that_is_none__is_400_and_the_connection_closed(service: Running, sent: bytes) -> None:
    (found,) = service.ask(sent, count=2)
    assert (found.status, found.headers["connection"]) == (400, "close")


@pytest.mark.parametrize("request_", [post(b"hello"), post(b"hello", "/else"), post(b"refuse")])
def test_nonsense__after_a_request__is_answered_after_it_whenever_it_comes(service: Running, request_: bytes) -> None:
    for pieces in ([request_, b"nonsense\r\n\r\n"], [request_ + b"nonsense\r\n\r\n"], [2 * request_ + b"nonsense"]):
        *good, last = service.ask(*pieces, count=4)
        assert [each.status for each in good] == [200] * sum(each.count(b"POST") for each in pieces)
        assert all("connection" not in each.headers for each in good)
        assert (last.status, last.headers["connection"]) == (400, "close")


def test_headers__with_underscores_and_after_the_body__are_not_told(service: Running) -> None:
    head = b"POST /else HTTP/1.1\r\nA_B: forged\r\nA: 1\r\nA: 2\r\nCookie: a=1\r\nCookie: b=2\r\n"
    (found,) = service.ask(head + b"Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nA-B: late\r\n\r\n")
    assert "HTTP_A_B" not in said(found)
    assert (said(found)["HTTP_A"], said(found)["HTTP_COOKIE"]) == ("1,2", "a=1; b=2")


def test_head__without_an_end__is_refused(service: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "LARGEST_HEAD", 100)
    with service.connect() as client, client.makefile("rb") as file:
        client.sendall(b"GET / HTTP/1.1\r\n")
        while service_reads(client):
            client.sendall(b"A: " + b"a" * 90 + b"\r\n")
        found = answer(file)
    assert found is not None
    assert found.status == 431


def service_reads(client: Any) -> bool:
    """Whether nothing has come back for a moment."""
    client.settimeout(0.05)
    try:
        client.recv(1, 2)  # MSG_PEEK
    except TimeoutError:
        return True
    finally:
        client.settimeout(30)
    return False


def test_client_that_takes_no_answers__is_read_on_only_when_it_does(service: Running) -> None:
    body, count = b"x" * 60_000, 200
    with service.connect() as client, client.makefile("rb") as file:
        sender = threading.Thread(target=lambda: [client.sendall(post(body)) for _ in range(count)])
        sender.start()
        found = [answer(file) for _ in range(count)]
        sender.join()
    bodies = [
        each.body if each.body.startswith(b"X") else said(each)["body"].upper().encode() for each in found if each
    ]
    assert bodies == [body.upper()] * count


def test_connections__that_come_together__are_taken_by_all_who_serve() -> None:
    def named(name: str) -> Served:
        def say(environ: Environ, start_response: Any) -> Iterable[bytes]:
            start_response("200 OK", [("Content-Length", "1")])
            return [name.encode()]

        return Served(say)

    by: Counter[bytes] = Counter()
    with running(named("a")) as first, running(named("b"), port=first.port):
        for _ in range(8):  # of one time the system's scheduler decides, too
            by.update(_answers_together(first, 16))
    assert by.total() == 128
    assert min(by[b"a"], by[b"b"]) >= 24


def _answers_together(service: Running, count: int) -> list[bytes]:
    """What so many connections are answered that come at once."""
    with ExitStack() as stack:
        connections = [stack.enter_context(service.connect()) for _ in range(count)]
        files = [stack.enter_context(each.makefile("rb")) for each in connections]
        for each in connections:
            each.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        return [found.body for file in files if (found := answer(file))]


def test_client__that_has_gone_before_its_answer__costs_no_other_its_own(service: Running, lane: Lane) -> None:
    with service.connect() as gone, service.connect() as other, other.makefile("rb") as file:
        gone.sendall(post(b"wait"))
        time.sleep(0.1)  # until it is worked on
        gone.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        gone.close()
        other.sendall(post(b"hello"))
        lane.go_on.set()
        assert (found := answer(file)) is not None
        assert found.body == b"HELLO"


def test_connections__more_than_may_be__wait_until_others_have_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "MOST_CONNECTIONS", 2)
    with running(Served(application)) as service:
        kept = [service.connect() for _ in range(2)]
        for each in kept:
            each.sendall(post(b"hello"))
            assert each.recv(20).startswith(b"HTTP/1.1 200")
        with service.connect() as waiting:
            waiting.sendall(post(b"hello"))
            assert all(service_reads(waiting) for _ in range(10))
            for each in kept:
                each.close()
            assert waiting.recv(20).startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize("begun", [b"", b"POST ", post(b"hello")[:-1], post(b"hello", "/else")[:-1]])
def test_client_that_is_too_slow__is_closed(service: Running, monkeypatch: pytest.MonkeyPatch, begun: bytes) -> None:
    with service.connect() as client:
        client.sendall(begun)
        monkeypatch.setattr(connection, "SLOW_SECONDS", 0.0)
        monkeypatch.setattr(connection, "IDLE_SECONDS", 0.0)
        monkeypatch.setattr(connection, "SLOWEST", 1e9)
        with suppress(ConnectionResetError):
            assert client.recv(10) == b""


def test_request_that_is_worked_on__is_not_too_slow(monkeypatch: pytest.MonkeyPatch) -> None:
    go_on = threading.Event()

    def slow(environ: Environ, start_response: Any) -> Iterable[bytes]:
        monkeypatch.setattr(connection, "SLOW_SECONDS", 0.0)
        monkeypatch.setattr(connection, "IDLE_SECONDS", 0.0)
        go_on.wait(0.6)
        return application(environ, start_response)

    with running(Served(slow)) as service:
        (found,) = service.ask(post(b"hello"))
    assert said(found)["body"] == "hello"


def test_loop__that_is_blocked__is_stuck(service: Running, lane: Lane, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scoring.serving.stuck.IDLE_SECONDS", 1.5)
    assert not service.is_stuck()
    with service.connect() as client:
        client.sendall(post(b"wait"))
        wait(service.is_stuck, "it to be found stuck", 30.0)
        lane.go_on.set()
        assert client.recv(20).startswith(b"HTTP/1.1 200")
    wait(lambda: not service.is_stuck(), "it to go on", 30.0)


@pytest.mark.parametrize("path", ["/plain", "/else"])
def test_leaving__closes_with_the_next_answer(service: Running, path: str) -> None:
    with service.connect() as client, client.makefile("rb") as file:
        client.sendall(post(b"hello", path))
        found = answer(file)
        service.leave()
        wait(lambda: server.draining.began, "it to leave", 30.0)
        client.sendall(post(b"hello", path))
        last = answer(file)
        assert found is not None
        assert last is not None
        assert (last.body, last.headers["connection"]) == (found.body, "close")
        assert file.read() == b""
