"""Arrow streams: what is read, and that whatever else is sent is refused by name, at a bounded cost."""

import resource
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.serving.columnar import framing
from scoring.serving.columnar.stream import Stream, read
from tenants.refusals import Invalid, Refusal, TooLarge, Unreadable
from tests.documents import EVENT
from tests.scoring.api.test_kinds import as_stream, as_table

MOST_ROWS, MOST_BYTES = 10_000, 1 << 20
TABLE = as_table([{"features": EVENT, "context": {"channel": "web"}, "event_id": f"e-{n}"} for n in range(5)])
GOOD = as_stream(TABLE)


def take(body: bytes) -> Stream:
    return read(body, MOST_ROWS, MOST_BYTES)


def faults(body: bytes, kind: type[Refusal] = Invalid) -> dict[str, str]:
    with pytest.raises(kind) as refused:
        take(body)
    return {each["field"]: each["expected"] for each in refused.value.faults}


def one(name: str, column: Any) -> bytes:
    return as_stream(pa.table({name: column}))


def test_read__one_batch_or_many__is_the_same() -> None:
    whole, parts = take(GOOD), take(as_stream(pa.concat_tables([TABLE.slice(0, 2), TABLE.slice(2, 3)])))
    assert whole.rows == parts.rows == 5
    assert {name: each.to_pylist() for name, each in whole.columns.items()} == {
        name: each.to_pylist() for name, each in parts.columns.items()
    }


@pytest.mark.parametrize(
    "kind", [pa.string(), pa.large_string(), pa.string_view(), pa.dictionary(pa.int8(), pa.string())]
)
def test_read__texts_of_every_type__are_the_same(kind: pa.DataType) -> None:
    texts = ["web", None, "a text of more than twelve letters", "web"]
    array = pa.array(texts).dictionary_encode() if pa.types.is_dictionary(kind) else pa.array(texts).cast(kind)
    found = take(one("context.channel", array.cast(kind))).below("context")["channel"]
    assert found.type == pa.string()
    assert found.to_pylist() == texts
    sliced = pa.table({"context.channel": array}).slice(1, 2)
    assert take(as_stream(sliced)).below("context")["channel"].to_pylist() == texts[1:3]


def test_read__structures__are_as_columns_of_their_parts() -> None:
    events = [{"features": {"amount": 1.5, "kind": "goods"}}, {"features": {"amount": None}}, {"features": None}]
    found = take(as_stream(pa.Table.from_pylist(events)))
    assert found.below("features")["amount"].to_pylist() == [1.5, None, None]
    assert found.below("features")["kind"].to_pylist() == ["goods", None, None]


def test_read__no_batch__has_the_columns_without_rows() -> None:
    found = take(as_stream(TABLE.slice(0, 0)))
    assert found.rows == 0
    assert set(found.columns) == set(TABLE.column_names)


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("event_id", pa.array([1])),
        ("intent", pa.array([b"x"])),
        ("occurred_at", pa.array(["2026-11-23T20:06:01Z"])),
        ("occurred_at", pa.array([1], pa.timestamp("us"))),
        ("features", pa.array([1.0])),
        ("features.", pa.array([[1.0]])),
        ("features.a", pa.array([[1.0]])),
        ("features.a", pa.array([{"b": 1.0}])),
        ("features.a", pa.array([b"x"])),
        ("features.a", pa.array([1]).cast(pa.decimal128(20))),
        ("features.a", pa.array([[("k", "v")]], pa.map_(pa.string(), pa.string()))),
        ("features.a", pa.DictionaryArray.from_arrays(pa.array([0]), pa.array([1.0]))),
        ("features.a", pa.RunEndEncodedArray.from_arrays(pa.array([1], pa.int32()), pa.array([1.0]))),
        ("amount", pa.array([1.0])),
        ("__index_level_0__", pa.array([1.0])),
    ],
)  # fmt: skip
def test_read__column_of_another_type_or_name__is_refused_by_its_name(name: str, column: Any) -> None:
    assert set(faults(one(name, column))) == {name}


def test_read__many_wrong_columns__are_not_all_named() -> None:
    table = pa.table({f"a{place}": pa.array([1.0]) for place in range(1_000)})
    assert len(faults(as_stream(table))) == 100


def test_read__two_columns_of_a_name__are_refused() -> None:
    table = pa.Table.from_arrays([pa.array([1.0])] * 2, names=["features.a", "features.a"])
    assert faults(as_stream(table)) == {"features.a": "one column of that name"}


@pytest.mark.parametrize("codec", ["zstd", "lz4"])
def test_read__compressed_buffers__are_refused_naming_the_way_out(codec: str) -> None:
    zeros = pa.table({"features.amount": np.zeros(10_000)})
    assert "Content-Encoding: zstd" in faults(as_stream(zeros, compression=codec))["body"]
    words = pa.table({"context.channel": pa.array(["web" * 9] * 99).dictionary_encode()})
    assert "Content-Encoding: zstd" in faults(as_stream(words, compression=codec))["body"]


def test_read__more_rows_than_may_be__are_refused_before_they_are_made() -> None:
    honest = one("features.a", pa.nulls(12_345))
    assert "at most 10000" in faults(honest, TooLarge)["events"]
    bomb = honest.replace((12_345).to_bytes(8, "little"), (1 << 40).to_bytes(8, "little"))
    assert "at most 10000" in faults(bomb, TooLarge)["events"]


def test_read__one_long_text_in_every_row__is_refused() -> None:
    words = pa.DictionaryArray.from_arrays(np.zeros(10_000, dtype=np.int8), pa.array(["x" * 100_000]))
    assert "at most 1048576 bytes" in faults(one("context.channel", words), TooLarge)["context.channel"]
    _, view, text = pa.array(["x" * 100_000]).cast(pa.string_view()).buffers()
    views = pa.Array.from_buffers(pa.string_view(), 10_000, [None, pa.py_buffer(view.to_pybytes()[:16] * 10_000), text])
    assert "context.channel" in faults(one("context.channel", views), TooLarge)


def test_read__very_many_batches__are_refused() -> None:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, TABLE.schema) as writer:
        for _ in range(framing.MOST_MESSAGES + 1):
            writer.write_table(TABLE.slice(0, 1))
    assert "combine" in faults(bytes(sink.getvalue()), TooLarge)["body"]


@pytest.mark.parametrize(
    "body", [b"\0", b"{}", b"ARROW1\0\0", b"\xff" * 8, b"\xff\xff\xff\xff\xff\xff\xff\x7f" * 9, GOOD[:500]]
)
def test_read__what_is_no_stream__is_unreadable(body: bytes) -> None:
    assert set(faults(body, Unreadable)) == {"body"}


changes = st.lists(st.tuples(st.integers(0, len(GOOD) - 1), st.integers(0, 255)), max_size=4)
numbers = st.tuples(st.integers(0, len(GOOD) // 4 - 1), st.sampled_from([0, -1, 1 << 30, (1 << 31) - 1, -(1 << 31)]))


@given(changes, st.one_of(st.none(), numbers), st.one_of(st.none(), st.integers(0, len(GOOD))))
def test_read__damaged__is_read_or_refused_by_name_in_bounded_memory(
    changed: list[tuple[int, int]], number: tuple[int, int] | None, end: int | None
) -> None:
    body = bytearray(GOOD)
    for place, value in changed:
        body[place] = value
    if number is not None:
        body[4 * number[0] : 4 * number[0] + 4] = number[1].to_bytes(4, "little", signed=True)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    found, refused = _read_or_refused(bytes(body[:end]))
    assert bool(refused) == (found is None)
    assert all(each["field"] for each in refused)
    if found is not None:
        assert found.rows <= MOST_ROWS
        assert all(len(each) == found.rows for each in found.columns.values())
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 * 1024  # KiB


def _read_or_refused(body: bytes) -> tuple[Stream | None, Any]:
    try:
        return take(body), []
    except (Invalid, TooLarge, Unreadable) as refused:
        return None, refused.faults
