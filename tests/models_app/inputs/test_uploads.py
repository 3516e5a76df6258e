"""Files that are no tables, at each place that reads one: refused in the same words, never an error of ours."""

import gzip
import io
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from models_app.catalog.models import ModelVersion
from models_app.transforms.models import Sample
from tenants.models import Tenant
from tenants.scope import platform_scope
from tests.factories import make_person
from tests.models_app.catalog.test_models import form
from tests.models_app.conftest import Api, fields

TABLE = "café,b\n0.1,1\n0.2,2\n"


def parquet(column: Any) -> bytes:
    written = io.BytesIO()
    pa.parquet.write_table(pa.table({"p": column}), written)
    return written.getvalue()


FILES = {
    "Latin-1 header": (TABLE.encode("latin-1"), "the byte 0xe9 in line 1"),
    "Latin-1 value": ("p\n0.1\ncafé\n".encode("latin-1"), "the byte 0xe9 in line 3"),
    "cut within a character": (TABLE.encode()[:4], "the byte 0xc3 in line 1"),
    "UTF-16": (TABLE.encode("utf-16"), "UTF-16"),
    "UTF-16 without a mark": ("p\n0.1\n".encode("utf-16-le"), "the character NUL in line 1"),
    "gzip": (gzip.compress(TABLE.encode()), "gzip"),
    "workbook": (b"PK\x03\x04" + bytes(60), "workbook"),
    "picture": (b"\x89PNG\r\n\x1a\n" + bytes(60), "a picture"),
    "cut Parquet": (parquet([0.1, 0.2])[:40], "not readable as Parquet"),
}
NESTED = {
    "lists": [[0.1], [0.2]],
    "structs": [{"a": 0.1}, {"a": 0.2}],
    "bytes": [b"\xff", b"a"],
    "maps": pa.array([[("a", 1)], []], pa.map_(pa.string(), pa.int64())),
}
every_file = pytest.mark.parametrize(("content", "message"), FILES.values(), ids=FILES)
every_nesting = pytest.mark.parametrize("column", NESTED.values(), ids=NESTED)


def upload(content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile("table", content)


@pytest.fixture
def analyst(db: None) -> Client:
    client = Client()
    client.force_login(make_person(role="analyst"), "django.contrib.auth.backends.ModelBackend")
    return client


def page(client: Client, content: bytes, path: str = "/models/new") -> str:
    answer = client.post(path, {"act": "infer", "file": upload(content)})
    assert answer.status_code == 422
    return answer.content.decode()


@every_file
def test_sample__no_table__is_422_and_says_what_it_is(admin: Api, tenant: Tenant, content: bytes, message: str) -> None:
    answer = admin.upload(f"tenants/{tenant.slug}/samples", file=upload(content))
    assert fields(answer) == ["file"]
    assert message in str(answer.json())
    with platform_scope():
        assert not Sample.objects.exists()


@every_file
def test_validation_scores__no_table__are_422_and_say_what_it_is(admin: Api, content: bytes, message: str) -> None:
    answer = admin.upload("models", **form(validation_scores=upload(content)))
    assert fields(answer) == ["validation_scores"]
    assert message in str(answer.json())
    assert not ModelVersion.objects.exists()


@every_file
def test_inference__no_table__is_422_and_says_what_it_is(analyst: Client, content: bytes, message: str) -> None:
    assert message in page(analyst, content)


@every_nesting
def test_sample__of_nested_columns__is_422(admin: Api, tenant: Tenant, column: Any) -> None:
    answer = admin.upload(f"tenants/{tenant.slug}/samples", file=upload(parquet(column)))
    assert fields(answer) == ["column"]


@every_nesting
def test_inference__of_nested_columns__is_422_and_names_the_column(analyst: Client, column: Any) -> None:
    assert "column p holds" in page(analyst, parquet(column))


def test_inference__utf_8_with_accents__is_read(analyst: Client) -> None:
    answer = analyst.post("/models/new", {"act": "infer", "file": upload(TABLE.encode("utf-8-sig"))})
    assert 'value="café"' in answer.content.decode()


def test_sample__long_file_with_a_character_across_two_reads__is_read(
    admin: Api, tenant: Tenant, tmp_path: Path
) -> None:
    row = "0.5,é\n"
    text = "p,q\n" + "0.5,aa\n" + row * 200_000
    answer = admin.upload(f"tenants/{tenant.slug}/samples", file=upload(text.encode()), column="p")
    assert answer.status_code == 201, answer.content
    assert answer.json()["rows"] == 200_001
