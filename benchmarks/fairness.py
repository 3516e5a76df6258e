"""How long one tenant's single events take while another offers ten times what can be scored, in batches.

    python -m benchmarks.fairness [--pairs 5] [--seconds 20] [--report docs/reliability.md]

The scoring service as the product runs it, and nothing else, on loopback. Tenant B sends single events at a modest
rate: alone, and then beside tenant A, who sends batches of 1,000 events at ten times the rate at which they were
scored before, or as many as its connections and this machine bear, which is told. Both are open loops, and times count
from when a request was due. A's clients stand back behind all else, for in truth they are on other machines. Told are,
of each pair, B's percentiles, failures, and what A got.
"""

import argparse
import json
import math
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from benchmarks.serving.__main__ import make_world
from benchmarks.serving.asking import ask
from benchmarks.serving.services import ROWS, THREADS, services
from benchmarks.serving.starting import Running, running
from benchmarks.serving.steady import Steady, request, steady
from benchmarks.serving.terms import MUSE
from benchmarks.serving.world import OTHER_KEY, TREES
from muse_site.driving.running import HOST, ROOT

TIMES = 10  # what can be scored, is what A offers
MOST = 3.0  # times as long may B's slowest take
FLOOD_CONNECTIONS = 64
WARM_SECONDS = 2.0
SINGLE = replace(ROWS["bare"].ours, key=OTHER_KEY)
BATCH = ROWS["batch-named"].ours
_HEAD = (
    "| | B alone: median, ms | 99th, ms | B beside A: median, ms | 99th, ms | times the 99th alone | B failed | "
    "A's batches sent a second | scored | refused | failed |"
)
_BEGIN, _END = "<!-- fairness: begin -->", "<!-- fairness: end -->"


@dataclass
class Flood:
    """A's batches in some seconds: of each status, how many. 0 are those that got no answer."""

    seconds: float
    statuses: dict[int, int] = field(default_factory=dict)

    def a_second(self, *statuses: int) -> float:
        """How many of these came; without any, how many were sent."""
        return sum(self.statuses.get(each, 0) for each in statuses or self.statuses) / self.seconds


@dataclass(frozen=True)
class Pair:
    """B alone, and beside A."""

    alone: Steady
    beside: Steady
    flood: Flood

    @property
    def longer(self) -> float:
        return self.beside.p99 / self.alone.p99


def main() -> None:
    options = _options()
    with tempfile.TemporaryDirectory(prefix="muse-fairness-") as name:
        make_world(Path(name), options.trees)
        with running(services(threads=options.threads), (SINGLE, BATCH), Path(name), options.processes) as started:
            text = as_text(*measured(started[MUSE], Path(name), options), options)
    print(text)
    if options.report:
        _write(options.report, text)


def measured(service: Running, folder: Path, options: argparse.Namespace) -> tuple[float, list[Pair]]:
    """How many batches a second can be scored, and the pairs."""
    closed = 2 * options.processes  # connections, each of which waits for its answers
    with flooded(service, folder, math.inf, WARM_SECONDS, closed):
        pass
    with flooded(service, folder, math.inf, options.seconds / 2, closed) as flood:
        pass
    capacity = flood.a_second(200)
    return capacity, [_pair(service, folder, options, capacity) for _ in range(options.pairs)]


def _pair(service: Running, folder: Path, options: argparse.Namespace, capacity: float) -> Pair:
    alone = steady(SINGLE, service, folder, options.rate, options.seconds)
    with flooded(service, folder, TIMES * capacity, options.seconds + 2 * WARM_SECONDS, FLOOD_CONNECTIONS) as flood:
        _settle(service, folder)
        beside = steady(SINGLE, service, folder, options.rate, options.seconds)
    return Pair(alone, beside, flood)


def _settle(service: Running, folder: Path) -> None:
    """Until the flood has come, as seen by one event."""
    time.sleep(WARM_SECONDS)
    ask(SINGLE, service.port, folder)


@contextmanager
def flooded(service: Running, folder: Path, rate: float, seconds: float, connections: int) -> Iterator[Flood]:
    """A's batches meanwhile; once the block has ended, what became of them."""
    argv = ["nice", "-n", "19", sys.executable, "-m", "benchmarks.open_loop", HOST, str(service.port)]
    argv += [str(rate), str(seconds), str(connections)]
    found = Flood(seconds)
    with (
        request(BATCH, folder).open("rb") as sent,
        subprocess.Popen(argv, cwd=ROOT, stdin=sent, stdout=subprocess.PIPE, text=True) as process,
    ):
        yield found
        found.statuses |= Counter(status for _, _, status, _ in json.loads(process.communicate()[0]))
    if process.returncode:
        raise RuntimeError(f"the flood has ended with {process.returncode}")


def as_text(capacity: float, pairs: Sequence[Pair], options: argparse.Namespace) -> str:
    about = (
        f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores, Python {platform.python_version()}; "
        f"{options.processes} scoring processes, B at {options.rate:g} events a second for {options.seconds:g} s, "
        f"A at {TIMES} times the {capacity:,.0f} batches of 1,000 that can be scored in one."
    )
    lines = [_line(number, each) for number, each in enumerate(pairs, start=1)]
    return "\n".join([about, "", _HEAD, f"| ---: |{' ---: |' * 10}", *lines, "", _verdict(pairs)])


def _verdict(pairs: Sequence[Pair]) -> str:
    longer, failures = median(each.longer for each in pairs), sum(each.beside.failures for each in pairs)
    return (
        f"The goal is {'met' if longer <= MOST and not failures else 'missed'}: beside A, B's 99th percentile was "
        f"{longer:.1f} times the one alone (the median of the pairs; at most {MOST:g}), and {failures} of its requests "
        "failed (none)."
    )


def _line(number: int, pair: Pair) -> str:
    alone, beside = (f"{each.p50:.2f} | {each.p99:.2f}" for each in (pair.alone, pair.beside))
    told = (pair.flood.a_second(*each) for each in ((), (200,), (429, 503), (0,)))
    came = " | ".join([str(pair.beside.failures), *(f"{each:,.0f}" for each in told)])
    return f"| {number} | {alone} | {beside} | {pair.longer:.1f} | {came} |"


def _write(document: Path, text: str) -> None:
    before, _, rest = document.read_text().partition(_BEGIN)
    document.write_text(f"{before}{_BEGIN}\n\n{text}\n\n{_END}{rest.partition(_END)[2]}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=20.0, help="of each half of a pair")
    parser.add_argument("--rate", type=float, default=100.0, help="of B's single events, a second")
    parser.add_argument("--processes", type=int, default=2, help="of the scoring service")
    parser.add_argument("--threads", type=int, default=THREADS, help="of each of them")
    parser.add_argument("--trees", type=int, default=TREES)
    parser.add_argument("--report", type=Path, help="a document that gets the table between its marks")
    return parser.parse_args()


if __name__ == "__main__":
    main()
