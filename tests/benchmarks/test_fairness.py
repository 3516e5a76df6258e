"""The benchmark of fairness, in a short form: it starts, floods, asks and tells. No figure of it is judged."""

from argparse import Namespace
from pathlib import Path

import pytest

from benchmarks import fairness
from benchmarks.serving.__main__ import make_world
from benchmarks.serving.services import services
from benchmarks.serving.starting import running
from benchmarks.serving.steady import Steady
from benchmarks.serving.terms import MUSE

OPTIONS = Namespace(pairs=1, seconds=2.0, rate=20.0, processes=1, threads=8)


def pair(p99: float, failures: int = 0) -> fairness.Pair:
    flood = fairness.Flood(2.0, {200: 200, 429: 1800})
    return fairness.Pair(Steady(20.0, 1.0, 0, 0.5, 2.0), Steady(20.0, 1.0, failures, 1.0, p99), flood)


@pytest.mark.live
def test_fairness__in_a_short_form__measures_both_tenants_and_tells(tmp_path: Path) -> None:
    make_world(tmp_path, trees=3)
    with running(services(), (fairness.SINGLE, fairness.BATCH), tmp_path, processes=1) as started:
        capacity, pairs = fairness.measured(started[MUSE], tmp_path, OPTIONS)
    (found,) = pairs
    assert capacity > 0
    assert found.flood.a_second(200) > 0
    assert found.beside.per_second > 0
    assert "The goal is" in fairness.as_text(capacity, pairs, OPTIONS)


@pytest.mark.parametrize(
    ("pairs", "told"),
    [
        ([pair(4.0), pair(5.9), pair(99.0)], "The goal is met: beside A, B's 99th percentile was 3.0 times"),
        ([pair(4.0), pair(6.2), pair(99.0)], "The goal is missed: beside A, B's 99th percentile was 3.1 times"),
        ([pair(4.0, failures=1)], "The goal is missed: beside A, B's 99th percentile was 2.0 times"),
    ],
)
def test_verdict__by_the_median_of_the_pairs_and_failures__is_told(pairs: list[fairness.Pair], told: str) -> None:
    assert fairness.as_text(300.0, pairs, OPTIONS).splitlines()[-1].startswith(told)


def test_report__written_twice__has_the_last_table_between_its_marks(tmp_path: Path) -> None:
    document = tmp_path / "page.md"
    document.write_text("Before.\n\n<!-- fairness: begin -->\n<!-- fairness: end -->\n\nAfter.\n")
    for text in ("first", "second"):
        fairness._write(document, text)
    text = "Before.\n\n<!-- fairness: begin -->\n\nsecond\n\n<!-- fairness: end -->\n\nAfter.\n"
    assert document.read_text() == text
