"""The benchmark of scale, in a short form: it records, fits, reads and tells. No figure is judged."""

from argparse import Namespace

import pytest

from benchmarks.scale import __main__ as benchmark
from benchmarks.scale.alone import Took
from benchmarks.scale.work import Cost

SHORT = Namespace(millions=0.2, pairs=1)


@pytest.mark.live
def test_fits__of_few_events__are_told_by_size() -> None:
    found = benchmark.fits(SHORT)
    assert [each["row"] for each in found] == ["fit of 4,000", "fit of 20,000", "fit of 200,000"]
    assert all(each["peak_mib"] > 0.0 and each["processor"][0] > 0.0 for each in found)


@pytest.mark.live
def test_evidence__of_few_events__is_told() -> None:
    (found,) = benchmark.evidence(SHORT)
    assert found["row"] == "evidence of 40,000"
    assert found["peak_mib"] > 0.0
    assert found["processor"][0] > 0.0


@pytest.mark.live
def test_sketched__of_few_events__is_told() -> None:
    (found,) = benchmark.sketched(Namespace(millions=0.05, pairs=1))
    assert found["row"] == "sketched fit of 500,000 by two workers, and by one"
    assert found["peak_mib"] > 0.0
    assert all(each > 0.0 for each in found["seconds"])


def test_told__of_pairs__has_medians_and_how_far_they_spread() -> None:
    pairs = [(Cost(Took(ours, 2.0), 300.0 + ours), Took(1.0, 0.5)) for ours in (2.0, 9.0, 4.0)]
    found = benchmark._told("fit of 3", pairs, "10 ×")
    assert (found["seconds"], found["processor"]) == ([4.0, 1.0], [2.0, 0.5])
    assert (found["ratio_seconds"], found["ratio_processor"]) == ([4.0, 2.0, 9.0], [4.0, 4.0, 4.0])
    assert found["peak_mib"] == 309.0
    assert "4.00 × (2.00 to 9.00)" in benchmark._as_text(found)
