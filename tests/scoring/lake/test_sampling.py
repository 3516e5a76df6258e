"""Drawing events by their ids: which numbers ids have, for ever, and that every reading draws the same events."""

import hashlib
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.lake import reading, rows
from scoring.lake.id_numbers import id_numbers, seed_number
from scoring.lake.sampling import Sample
from tests.documents import simple
from tests.scoring.eventlog import INTENT, TENANT, consume, event, write, writer

_ALL = 2**64 - 1
IDS = st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=40), max_size=30)


def _mixed(number: int) -> int:
    for factor in (0xFF51AFD7ED558CCD, 0xC4CEB9FE1A85EC53):
        number = ((number ^ number >> 33) * factor) & _ALL
    return number ^ number >> 33


def by_hand(event_id: str, seed: str) -> int:
    """The number of one id, a word after the other."""
    data = event_id.encode()
    number = _mixed(int.from_bytes(hashlib.sha256(seed.encode()).digest()[:8], "little") ^ len(data))
    for start in range(0, len(data), 8):
        number = _mixed(number ^ int.from_bytes(data[start : start + 8], "little"))
    return number


def numbers(ids: list[str], seed: str = "a seed") -> list[int]:
    found: list[int] = id_numbers(
        pa.array(ids, pa.string()), pa.array([seed_number(seed)] * len(ids), pa.uint64())
    ).to_pylist()
    return found


def test_id_numbers__of_known_ids__never_change() -> None:
    known = {
        "": 0xCE821FD7FA643ACE,
        "1": 0x457171F6AD322A79,
        "1000000000017": 0xD5AA6804C892D4,
        "0199a3f0-5c1e-7d3a-8f00-0123456789ab": 0xA433606B0635700D,
        "Zahlung №7 für Jürgen": 0xE90B662CE3085C95,
        "x" * 128: 0x96F65254C9F83C92,
    }
    assert dict(zip(known, numbers(list(known)), strict=True)) == known


@given(IDS)
def test_id_numbers__of_any_ids__are_those_of_each_alone(ids: list[str]) -> None:
    assert numbers(ids) == [by_hand(each, "a seed") for each in ids]


@given(IDS, st.integers(0, 5), st.integers(0, 5))
def test_id_numbers__of_a_part_of_an_array__are_those_of_the_part(ids: list[str], skipped: int, pieces: int) -> None:
    array = pa.chunked_array([pa.array(ids, pa.string()).slice(skipped)] * pieces, pa.string())
    seeds = pa.chunked_array([pa.array([seed_number("a seed")] * len(array), pa.uint64())])
    assert id_numbers(array, seeds).to_pylist() == numbers(ids[skipped:]) * pieces


@pytest.mark.parametrize("name", ["1000{}", "0199a3f0-5c1e-7d3a-8f00-{:012x}", "{:07}-payment"])
def test_id_numbers__of_ids_in_a_row__spread_evenly_and_not_alike_by_seeds(name: str) -> None:
    ids = [name.format(number) for number in range(200_000)]
    drawn = np.array([[each % 2**32 < 2**32 // 10 for each in numbers(ids, seed)] for seed in ("a", "b")])
    assert drawn.mean(axis=1) == pytest.approx(0.1, abs=4 * np.sqrt(0.09 / len(ids)))
    assert (drawn[0] & drawn[1]).mean() == pytest.approx(0.01, abs=4 * np.sqrt(0.0099 / len(ids)))
    by_block = drawn[0].reshape(100, -1).sum(axis=1)  # as independent draws would: variance 180
    assert np.var(by_block) == pytest.approx(180, rel=0.6)


def test_condition__in_duckdb__draws_by_the_same_numbers() -> None:
    ids = [str(number) for number in range(5_000)] + ["", "ü" * 40]
    sample, table = Sample("a seed", 0.25), pa.table({"event_id": ids})
    with rows.connect() as connection:
        connection.register("events", table)
        found = connection.sql(
            f"SELECT event_id FROM events WHERE {sample.condition}", params=sample.values()
        ).fetchall()
    assert {each for (each,) in found} == {each for each in ids if by_hand(each, "a seed") % 2**32 < 2**30}


def test_probabilities__with_a_sample__are_of_those_that_are_drawn(segments: Path) -> None:
    simple().store()
    write(writer(segments), *(event(f"e{number}", probability=number / 1000) for number in range(100)))
    consume(segments)
    window = datetime(2026, 11, 25, tzinfo=UTC), datetime(2026, 11, 26, tzinfo=UTC)
    drawn = reading.probabilities(TENANT, INTENT, "cards@1", *window, Sample("a seed", 0.5))
    wanted = [number / 1000 for number in range(100) if by_hand(f"e{number}", "a seed") % 2**32 < 2**31]
    assert sorted(drawn) == wanted
    everything = reading.probabilities(TENANT, INTENT, "cards@1", *window, Sample("a seed", 1.0))
    assert len(everything) == 100
