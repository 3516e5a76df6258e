"""The benchmark of serving, in a short form: it starts, asks, checks, loads and tells. No figure of it is judged."""

import os
import re
import shutil
import threading
import time
from argparse import Namespace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from benchmarks.serving import __main__ as benchmark
from benchmarks.serving import compared, lasting, page, world
from benchmarks.serving.asking import check
from benchmarks.serving.consumer import Commit
from benchmarks.serving.load import Load, read
from benchmarks.serving.peers import APPS, PEERS, Peer, installed
from benchmarks.serving.report import as_text
from benchmarks.serving.rows import measure
from benchmarks.serving.services import ENVIRONMENTS, ROWS, services
from benchmarks.serving.starting import running
from benchmarks.serving.steady import Loop, Steady
from benchmarks.serving.terms import Question

OPTIONS = Namespace(
    peers=ENVIRONMENTS, processes=1, threads=8, seconds=1, pairs=1, rate=None, sustained_seconds=2, recorded_seconds=1
)
PAIRS = [[Load(300.0, 100.0, 0, 1.0), Load(100.0, 200.0, 0, 1.0)], [Load(100.0, 100.0, 0, 1.0)] * 2]
PAIRS.append([Load(9.0, 9.0, 1, 1.0)] * 2)  # which is counted, and not compared
OURS = ("MUSE", "MUSE, lane off", "bare WSGI", "bare DRF", "ONNX Runtime")
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
    found = measure(ROWS["bare"], folder, OPTIONS)
    assert found["failures"] == [0, 0]
    assert "wanted 0.6" in as_text(found)


@pytest.mark.live
@pytest.mark.skipif(shutil.which("wrk") is None, reason="wrk is not on this machine")
@pytest.mark.parametrize("name", ["models", "shadows", "sustained", "consumer", "p99", "batch-named", "arrow"])
def test_row__of_another_kind__is_told_without_failures(
    folder: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A busy machine refuses what it cannot score within a second, and is right to; here it is to try. Of a load that
    # has ended a request for each of its connections is still scored, and takes one of the tenant's few places.
    monkeypatch.setenv("MUSE_QUEUE_SECONDS", "60")
    monkeypatch.setattr(Question, "connections", 1)
    if ROWS[name].other.service not in services():
        pytest.skip("FastAPI is not installed")
    found = measure(ROWS[name], folder, OPTIONS)
    assert found["failures"] == [0, 0]
    assert found.get("lost", 0) == 0
    assert f"wanted {ROWS[name].wanted}" in as_text(found)


def test_load__of_what_wrk_tells__counts_every_failure() -> None:
    assert read(TOLD, 1.2892) == Load(2148.13, pytest.approx(200.0), 7, 26.63, 6446)


def test_found__of_pairs__has_ratios_above_1_where_ours_is_better() -> None:
    found = compared.found(ROWS["fastapi"], PAIRS, (compared.PER_SECOND, compared.PROCESSOR))
    assert [each["ratio"] for each in found["figures"]] == [[2.0, 1.0, 3.0], [1.5, 1.0, 2.0]]
    assert found["failures"] == [1, 1]


def test_found__of_delays__has_ours_to_the_others() -> None:
    pairs = [[Steady(100.0, 1.0, 0, 1.0, 2.0), Steady(100.0, 1.0, 0, 2.0, 8.0)]]
    found = compared.found(ROWS["p99"], pairs, (compared.P99, compared.P50))
    assert [each["ratio"][0] for each in found["figures"]] == [0.25, 0.5]
    assert found["wanted"] == "at most 1"


def test_page__of_rows__has_its_script_inside_and_every_row(tmp_path: Path) -> None:
    rows = [compared.found(ROWS[each], PAIRS, (compared.PER_SECOND, compared.PROCESSOR)) for each in ("bare", "models")]
    page.write(tmp_path / "page.html", rows, "on <this> machine")
    text = (tmp_path / "page.html").read_text()
    assert not re.search(r"<script[^>]+src=", text)
    assert "on &lt;this&gt; machine" in text
    assert all(row["row"] in text for row in rows)


class _Slow(BaseHTTPRequestHandler):
    """Answers one request after the other, each after 50 ms; every third with an error."""

    protocol_version = "HTTP/1.1"
    number = 0

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        time.sleep(0.05)
        _Slow.number += 1
        self.send_response(503 if _Slow.number % 3 == 0 else 200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_: object) -> None:
        pass


def test_steady__of_a_service_that_is_too_slow__counts_from_when_requests_were_due() -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Slow) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        loop = Loop(
            server.server_address[1], b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\n1", connections=1
        )
        loop.run(rate=60.0, seconds=0.5)
        server.shutdown()
    assert loop.failures == 10
    assert len(loop.took) == 20
    assert max(loop.took) > 0.9  # the last waited for thirty of 50 ms each, and was due after half a second


def test_kept__of_commits__knows_what_is_lost_and_how_late_they_came() -> None:
    came = [Commit(60, 12.0, 1.0, 10.0), Commit(40, 20.0, 10.0, 19.5)]
    kept = lasting.kept(Load(10.0, 1.0, 0, 1.0, 101), came, ended=15.0)
    assert kept == {"lost": 1, "flush": 60.0, "lag": 2.0, "commits": 1}
