"""The benchmark of serving, in a short form: it starts, asks, checks, loads and tells. No figure of it is judged."""

import shutil
from argparse import Namespace
from pathlib import Path

import pytest

from benchmarks.serving import __main__ as benchmark
from benchmarks.serving import world
from benchmarks.serving.load import Load, read
from benchmarks.serving.services import ROWS, check, running, services

TOLD = """
  Thread Stats   Avg      Stdev     Max   +/- Stdev
     99%   26.63ms
  6446 requests in 3.00s, 3.5MB read
  Socket errors: connect 0, read 1, write 0, timeout 2
  Non-2xx or 3xx responses: 4
Requests/sec:   2148.13
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("serving")
    benchmark.make_world(made, trees=3)
    return made


@pytest.mark.live
def test_services__each_question__is_answered_as_the_model_does(folder: Path) -> None:
    known = services(None)
    asked = [each for row in ROWS.values() for each in (row.ours, row.other) if each.service in known]
    with running(list(known.values()), folder, processes=1) as started:
        for each in asked:
            check(each, started[each.service].port, folder, world.BETA)
        with pytest.raises(ValueError, match="MUSE: expected"):
            check(ROWS["bare"].ours, started["MUSE"].port, folder, 0.5)


@pytest.mark.live
@pytest.mark.skipif(shutil.which("wrk") is None, reason="wrk is not on this machine")
def test_row__loaded_for_a_second__is_told_without_failures(folder: Path) -> None:
    found = benchmark.measure(ROWS["bare"], folder, Namespace(peers=None, processes=1, threads=8, seconds=1, pairs=1))
    assert found["failures"] == [0, 0]
    assert "wanted 0.6" in benchmark.as_text(found)


def test_load__of_what_wrk_tells__counts_every_failure() -> None:
    assert read(TOLD, 1.2892) == Load(2148.13, pytest.approx(200.0), 7, 26.63)


def test_summary__of_pairs__has_ratios_above_1_where_ours_is_better() -> None:
    pairs = [[Load(300.0, 100.0, 0, 1.0), Load(100.0, 200.0, 0, 1.0)], [Load(100.0, 100.0, 0, 1.0)] * 2]
    pairs.append([Load(9.0, 9.0, 1, 1.0)] * 2)  # which is counted, and not compared
    found = benchmark.summary(ROWS["fastapi"], pairs)
    assert found["ratio_per_second"] == [2.0, 1.0, 3.0]
    assert found["ratio_processor"] == [1.5, 1.0, 2.0]
    assert found["failures"] == [1, 1]
