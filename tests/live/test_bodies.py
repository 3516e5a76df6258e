"""Bodies that come in pieces, to the real server: both services read them to their end, and no further than allowed."""

import json
import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from muse_site.driving.client import wait
from muse_site.driving.running import Product
from tenants.roles import Role
from tenants.services import create_personal_token
from tests.documents import EVENT
from tests.factories import make_person, serve
from tests.live.clients import serves

pytestmark = pytest.mark.live

LIMIT = 65_536
SCORE = json.dumps({"intent": "card-payments", "features": EVENT}).encode()


def pieces(body: bytes, size: int = 7) -> Iterator[bytes]:
    for start in range(0, len(body), size):
        piece = body[start : start + size]
        yield b"%x\r\n%b\r\n" % (len(piece), piece)
    yield b"0\r\n\r\n"


def send(address: str, path: str, token: str, body: bytes, *, size: int = 7, **headers: str) -> tuple[int, str]:
    """POST it in chunks of this size over a bare socket: the status, and all that was answered."""
    place = urlsplit(address)
    named = {"Host": place.netloc, "Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    named |= {"Transfer-Encoding": "chunked", "Connection": "close"} | headers
    head = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in named.items())
    with socket.create_connection((place.hostname, place.port), timeout=30) as connection:
        connection.sendall(f"POST {path} HTTP/1.1\r\n{head}\r\n".encode())
        try:
            for piece in pieces(body, size):
                connection.sendall(piece)
        except (BrokenPipeError, ConnectionResetError):
            pass  # it was answered before all of it was sent
        answer = b""
        while more := connection.recv(65_536):
            answer += more
    text = answer.decode()
    return int(text.split(" ", 2)[1]), text


@pytest.mark.parametrize("product", [{"MUSE_REQUEST_MAX_BYTES": str(LIMIT)}], indirect=True)
def test_chunked__any_size_of_pieces__is_read_up_to_the_limit(product: Product) -> None:
    world = serve("acme")
    person = create_personal_token(person=make_person(role=Role.ADMIN), name="tests", actor=None)[1]
    wait(lambda: serves(product.scoring, world), "the release to be served", 60.0)
    score, name = (product.scoring, "/api/v1/score", world.token), (product.console, "/api/v1/tokens", person)

    for size in (1, 7, 10_000):
        status, text = send(*score, SCORE, size=size)
        assert status == 200, text
        assert '"score"' in text
    assert send(*name, b'{"name": "in pieces"}')[0] == 201

    padded = SCORE + b" " * (LIMIT - len(SCORE))
    assert send(*score, padded, size=1_000)[0] == 200
    for each, body in ((score, padded + b" "), (name, b" " * (LIMIT + 1)), (score, b" " * 5_000_000)):
        status, text = send(*each, body, size=1_000)
        assert status == 413, text
        assert f"at most {LIMIT} bytes" in text

    for each in (score, name):
        assert send(*each, b"")[0] in (400, 422)
        assert send(*each, b"[" * 60_000)[0] == 400
        status, text = send(*each, SCORE, Content_Encoding="br")
        assert status == 415
        assert "Content-Encoding" in text
        assert send(each[0], each[1], "muse_nobody_nothing", SCORE)[0] == 401
    assert serves(product.scoring, world)
