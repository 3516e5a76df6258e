"""What the control plane's bodies and parameters may hold: the same on every address, said at the field."""

import gzip
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import zstandard
from django.test import Client
from pytest_django import Settings

from tenants.roles import Role
from tenants.services import create_personal_token
from tests.factories import make_person, make_tenant

FAR = ("9999-12-31", "9999-12-31T23:59:59Z", "0001-01-01", "0001-01-01T00:00:00+14:00")
COMPRESSIONS = {"gzip": gzip.compress, "zstd": zstandard.compress}


class Pieces:
    """A body as a server hands over what comes in chunks: as much as there is now, then nothing."""

    def __init__(self, body: bytes, size: int) -> None:
        self.left, self.size, self.read_so_far = body, size, 0

    def read(self, most: int = -1) -> bytes:
        size = min(self.size, most) if most >= 0 else self.size
        piece, self.left = self.left[:size], self.left[size:]
        self.read_so_far += len(piece)
        return piece

    readline = read  # which Django asks for, and does not use here


@pytest.fixture
def client(db: None, settings: Settings, tmp_path: Path) -> Client:
    settings.LAKE = str(tmp_path / "lake")
    make_tenant("acme")
    token = create_personal_token(person=make_person(role=Role.ADMIN), name="tests", actor=None)[1]
    return Client(headers={"authorization": f"Bearer {token}"})


def post(client: Client, body: Any, path: str = "tokens", **how: Any) -> Any:
    return client.generic("POST", f"/api/v1/{path}", body, "application/json", **how)


def fields(answer: Any, status: int = 422) -> list[str]:
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json"), answer.content
    return [each["field"] for each in answer.json()["errors"]]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b'{"name": "\\ud800"}', "name"),
        (b'{"\\ud800": 1}', "\\ud800"),
        (b'{"name": "a", "\\ud800x": NaN}', "\\ud800x"),
        (b'{"name": NaN}', "name"),
        (b'{"name": 1e400}', "name"),
        (b'{"name": 1e308}', "name"),
        (b'{"name": 7}', "name"),
        (b'{"name": "a\\u0000"}', "name"),
        (b'{"name": 1' + b"0" * 400 + b"}", "name"),
        (b'{"name": 1' + b"0" * 5_000 + b"}", "name"),
        (b'{"name": ' + b"[" * 200 + b"]" * 200 + b"}", "name"),
        (b'{"name": "a", "expires_at": "9999-12-31T00:00:00Z"}', "expires_at"),
    ],
)
def test_body__odd_value__is_422_naming_the_field(client: Client, body: bytes, field: str) -> None:
    assert field in fields(post(client, body))


@pytest.mark.parametrize("body", [b"[" * 100_000, b"{", b"\xff\xfe{\x00}\x00", b'{"name": "\xe9"}', b"\x1f\x8b\x08"])
def test_body__not_json__is_400(client: Client, body: bytes) -> None:
    assert post(client, body).status_code == 400


def test_body__with_a_byte_order_mark__is_read(client: Client) -> None:
    assert post(client, b'\xef\xbb\xbf{"name": "a"}').status_code == 201


def test_body__of_an_unknown_compression__is_415_naming_the_header(client: Client) -> None:
    assert fields(post(client, b"\x1f\x8b", HTTP_CONTENT_ENCODING="br"), 415) == ["Content-Encoding"]


@pytest.mark.parametrize(("encoding", "compress"), COMPRESSIONS.items())
def test_body__compressed__is_read_in_chunks_and_whole_and_in_members(
    client: Client, encoding: str, compress: Callable[[bytes], bytes]
) -> None:
    body = compress(b'{"name": ') + compress(b'"a"}')
    assert post(client, body, HTTP_CONTENT_ENCODING=encoding).status_code == 201
    chunked: dict[str, Any] = {
        "HTTP_TRANSFER_ENCODING": "chunked",
        "CONTENT_LENGTH": "",
        "HTTP_CONTENT_ENCODING": encoding,
    }
    pieces = Pieces(body, 7)
    assert post(client, b"", **chunked, **{"CONTENT_TYPE": "application/json", "wsgi.input": pieces}).status_code == 201


@pytest.mark.parametrize(("encoding", "compress"), COMPRESSIONS.items())
def test_body__compressed_and_broken_or_cut_off__is_400(
    client: Client, encoding: str, compress: Callable[[bytes], bytes]
) -> None:
    body = compress(b'{"name": "a"}')
    for broken in (body[:-1], body[:9], b"{}", b"\xff" + body[1:], body + b"{}"):
        assert post(client, broken, HTTP_CONTENT_ENCODING=encoding).status_code == 400


@pytest.mark.parametrize(("encoding", "compress"), COMPRESSIONS.items())
def test_body__compressed_and_over_the_limit_once_expanded__is_413(
    client: Client, encoding: str, compress: Callable[[bytes], bytes]
) -> None:
    bomb = compress(b" " * 200_000_000)
    assert len(bomb) < 300_000
    tracemalloc.start()
    try:
        assert fields(post(client, bomb, HTTP_CONTENT_ENCODING=encoding), 413) == ["body"]
        assert tracemalloc.get_traced_memory()[1] < 100_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(("encoding", "compress"), COMPRESSIONS.items())
def test_body__compressed_in_frames__is_read_whole_and_is_413_for_very_many(
    client: Client, encoding: str, compress: Callable[[bytes], bytes]
) -> None:
    parts = compress(b'{"name":') + compress(b"") * 100 + compress(b' "a"}')
    assert post(client, parts, HTTP_CONTENT_ENCODING=encoding).status_code == 201
    assert fields(post(client, compress(b"") * 20_000, HTTP_CONTENT_ENCODING=encoding), 413) == ["body"]


def test_body__of_a_window_beyond_what_senders_keep_to__is_400(client: Client) -> None:
    wide = zstandard.ZstdCompressionParameters(window_log=27)
    pushed = zstandard.ZstdCompressor(compression_params=wide).compressobj()
    body = pushed.compress(b'{"name": "a"}') + pushed.flush()
    assert post(client, body, HTTP_CONTENT_ENCODING="zstd").status_code == 400


def test_body__over_the_limit__is_413(client: Client, settings: Settings) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    assert fields(post(client, b" " * 101), 413) == ["body"]


def test_body__in_chunks__is_read_up_to_the_limit_and_no_further(client: Client, settings: Settings) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    chunked: dict[str, Any] = {
        "HTTP_TRANSFER_ENCODING": "chunked",
        "CONTENT_LENGTH": "",
        "CONTENT_TYPE": "application/json",
    }
    body = b'{"name": "a"}'
    for size in (1, 7, 100):
        assert post(client, b"", **chunked, **{"wsgi.input": Pieces(body.ljust(100), size)}).status_code == 201
    pieces = Pieces(body.ljust(100_000), 50)
    assert fields(post(client, b"", **chunked, **{"wsgi.input": pieces}), 413) == ["body"]
    assert pieces.read_so_far == 150


@pytest.mark.parametrize("path", ["events", "event-counts", "audit", "audit/export"])
@pytest.mark.parametrize("name", ["since", "until"])
def test_time__that_nothing_can_be_reckoned_with__is_422_naming_the_parameter(
    client: Client, path: str, name: str
) -> None:
    for far in FAR:
        assert fields(client.get(f"/api/v1/tenants/acme/{path}", {name: far})) == [name]
    assert client.get(f"/api/v1/tenants/acme/{path}", {name: "2999-12-31"}).status_code == 200


@pytest.mark.parametrize("path", ["events", "event-counts", "audit", "audit/export"])
def test_page__with_a_time_that_cannot_be__is_shown(client: Client, path: str) -> None:
    visitor = Client()
    visitor.force_login(make_person(role=Role.ADMIN), "django.contrib.auth.backends.ModelBackend")
    for far in FAR:
        assert visitor.get(f"/tenants/acme/{path}", {"until": far}, follow=True).status_code == 200


def test_upload__in_chunks__is_read_up_to_its_own_limit(client: Client, settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT, settings.DATA_UPLOAD_MAX_MEMORY_SIZE = tmp_path, 1_024
    head = b'--B\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\np\n'
    file = head + b"".join(b"0.%06d\n" % number for number in range(20_000)) + b"\r\n--B--\r\n"
    how: dict[str, Any] = {"HTTP_TRANSFER_ENCODING": "chunked", "CONTENT_LENGTH": ""}
    how["CONTENT_TYPE"] = "multipart/form-data; boundary=B"
    answer = post(client, b"", "tenants/acme/samples", **how, **{"wsgi.input": Pieces(file, 1_000)})
    assert (answer.status_code, answer.json()["rows"]) == (201, 20_000)
    settings.ENV = settings.ENV | {"MUSE_SAMPLE_MAX_BYTES": 1_024}
    too_much = Pieces(file + b" " * 3_000_000, 10_000)
    assert fields(post(client, b"", "tenants/acme/samples", **how, **{"wsgi.input": too_much}), 413) == ["body"]
