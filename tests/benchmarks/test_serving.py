"""The benchmark of serving, in a short form: it starts, asks, checks, loads and tells. No figure of it is judged."""

import os
import re
import shutil
from argparse import Namespace
from pathlib import Path

import pytest

from benchmarks.serving import __main__ as benchmark
from benchmarks.serving import world
from benchmarks.serving.asking import check
from benchmarks.serving.load import Load, read
from benchmarks.serving.peers import APPS, PEERS, Peer, installed
from benchmarks.serving.services import ENVIRONMENTS, ROWS, services
from benchmarks.serving.starting import running

OURS = ("MUSE", "MUSE, lane off", "bare WSGI", "bare DRF")
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
    known = services()
    ours = [each for row in ROWS.values() for each in (row.ours, row.other) if each.service in OURS]
    with running(known, ours, folder, processes=1) as started:
        for each in ours:
            check(each, started[each.service].port, folder, world.BETA)
        with pytest.raises(ValueError, match="MUSE: expected"):
            check(ROWS["bare"].ours, started["MUSE"].port, folder, 0.5)


@pytest.mark.live
@pytest.mark.parametrize("peer", PEERS, ids=lambda each: each.key)
def test_peer__each_question__is_answered_as_the_model_does(folder: Path, peer: Peer) -> None:
    if peer not in installed(ENVIRONMENTS):
        needed = peer.key == "fastapi" and "CI" in os.environ
        (pytest.fail if needed else pytest.skip)(
            f"{peer.name} is not installed; make bench-peers PEERS={peer.key} does it"
        )
    asked = {row.other.path: row.other for row in ROWS.values() if row.other.service == peer.name}
    with running(services(), list(asked.values()), folder, processes=1) as started:
        for each in asked.values():
            check(each, started[peer.name].port, folder, world.BETA)


@pytest.mark.parametrize("peer", PEERS, ids=lambda each: each.key)
def test_peer__its_environment__is_pinned_and_names_no_address(peer: Peer) -> None:
    lines = (APPS / f"{peer.key}.txt").read_text().splitlines()
    assert len(lines) > 10
    assert [each for each in lines if not re.fullmatch(r"[a-z0-9._-]+(\[[a-z,]+\])?==[a-z0-9.+-]+", each)] == []


@pytest.mark.live
@pytest.mark.skipif(shutil.which("wrk") is None, reason="wrk is not on this machine")
def test_row__loaded_for_a_second__is_told_without_failures(folder: Path) -> None:
    options = Namespace(peers=ENVIRONMENTS, processes=1, threads=8, seconds=1, pairs=1)
    found = benchmark.measure(ROWS["bare"], folder, options)
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
