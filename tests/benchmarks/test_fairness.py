"""The benchmark of fairness, in a short form: it starts, floods, asks and tells. No figure of it is judged."""

from argparse import Namespace
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks import fairness
from benchmarks.fairness import LARGE
from benchmarks.serving.steady import Steady

OPTIONS = Namespace(pairs=1, seconds=2.0, rate=20.0, processes=1, threads=8)


def pairs(p99: float, *, scored: int = 200, sent: int = 2_400, failures: int = 0) -> list[fairness.Pair]:
    """One of each number of times, of a hundred batches a second that can be scored."""
    alone, beside = Steady(20.0, 1.0, 0, 0.5, 2.0), Steady(20.0, 1.0, failures, 1.0, p99)
    return [
        fairness.Pair(fairness.LARGE, 100.0, times, alone, beside, fairness.Flood(2.0, {200: scored, 429: sent}))
        for times in (fairness.BEYOND, fairness.FLOOD)
    ]


@pytest.mark.live
def test_fairness__in_a_short_form__measures_both_tenants_and_tells() -> None:
    found = fairness.pairs_of(replace(LARGE, trees=3), OPTIONS)
    assert [each.times for each in found] == [fairness.BEYOND, fairness.FLOOD]
    assert all(each.flood.a_second(200) > 0 and each.beside.per_second > 0 for each in found)
    assert "With two models of 1,000 trees: " in fairness.as_text(found, OPTIONS)


@pytest.mark.parametrize(
    ("found", "told"),
    [
        (pairs(4.0) + pairs(5.9) + pairs(99.0), ("100 % of it was scored (at least 80 %: met)", "and none: met)")),
        (pairs(4.0) + pairs(6.2) + pairs(99.0), ("was 3.1 times the one alone, and 0 of", "and none: missed)")),
        (pairs(4.0, failures=1), ("and 2 of its requests failed", "and none: missed)")),
        (pairs(4.0, scored=158), ("79 % of it was scored (at least 80 %: missed)", "and none: met)")),
        (pairs(4.0, sent=1_000), ("80 %: met)", "and none: met, but 6.0 times could be sent, which shows little)")),
    ],
)
def test_verdict__by_the_medians_failures_and_what_was_sent__is_told(
    found: list[fairness.Pair], told: tuple[str, str]
) -> None:
    last = fairness.as_text(found, OPTIONS).splitlines()[-1]
    assert all(each in last for each in told)


@pytest.mark.parametrize(
    ("found", "is_met"),
    [
        (pairs(6.0), True),
        (pairs(6.2), False),
        (pairs(4.0, failures=1), False),
        (pairs(4.0, scored=158), False),
        (pairs(4.0, sent=1_000), False),
    ],
)
def test_verdict__of_goals_missed_or_not_shown__is_not_met(found: list[fairness.Pair], is_met: bool) -> None:
    assert fairness.Verdict.of(found).is_met is is_met


def test_report__written_twice__has_the_last_table_between_its_marks(tmp_path: Path) -> None:
    document = tmp_path / "page.md"
    document.write_text("Before.\n\n<!-- fairness: begin -->\n<!-- fairness: end -->\n\nAfter.\n")
    for text in ("first", "second"):
        fairness._write(document, text)
    text = "Before.\n\n<!-- fairness: begin -->\n\nsecond\n\n<!-- fairness: end -->\n\nAfter.\n"
    assert document.read_text() == text
