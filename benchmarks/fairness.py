"""What becomes of a tenant's batches beyond what can be scored, and of another's single events meanwhile.

    python -m benchmarks.fairness [--pairs 3] [--seconds 12] [--report docs/reliability.md]

The scoring service as the product runs it, and nothing else, on loopback. Tenant B sends single events at a modest
rate: alone, and then beside tenant A, who sends batches of 1,000 events at three and at ten times the rate at which
they were scored before, or as many as its connections and this machine bear, which is told. Both are open loops, and
times count from when a request was due. In truth clients are on other machines, so the service has one half of the
cores here and they have the other, where A's stand back behind B's.

Two predictors are served in turn. Of the large one so few batches can be scored in a second that a client on the same
machine can offer many times as many: by it the goals are judged, and where one is missed or not shown it ends with 1.
Of the small one three times as many are three hundred megabytes a second and more, and what is measured is for the most
part how this machine copies them.
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
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from benchmarks.serving.__main__ import make_world
from benchmarks.serving.asking import ask
from benchmarks.serving.cores import halves, on
from benchmarks.serving.services import ROWS, THREADS, services
from benchmarks.serving.starting import Running, running
from benchmarks.serving.steady import Steady, request, steady
from benchmarks.serving.terms import MUSE, Question
from benchmarks.serving.world import OTHER_KEY, TREES, TWO
from muse_site.driving.running import HOST, ROOT

BEYOND, FLOOD = 3.0, 10.0  # times what can be scored, is what A offers
ENOUGH = 0.9  # of these has to have been sent, or nothing was shown
GOODPUT = 0.8  # of what can be scored, is to be scored of three times as much
MOST = 3.0  # times as long may B's slowest take beside ten times as much
FLOOD_CONNECTIONS = 256
WARM_SECONDS = 2.0
_HEAD = (
    "| predictor | B alone: median, ms | 99th, ms | B beside A: median, ms | 99th, ms | times the 99th alone | "
    "B failed | A: times what can be scored | sent, times | scored, of what can be | refused a second | failed |"
)
_BEGIN, _END = "<!-- fairness: begin -->", "<!-- fairness: end -->"


@dataclass(frozen=True)
class Served:
    """A predictor of models of so many trees, and the questions of B and of A that it answers."""

    name: str
    trees: int
    single: Question
    batch: Question


def _served(name: str, trees: int, single: Question, body: str) -> Served:
    return Served(name, trees, replace(single, key=OTHER_KEY), replace(ROWS["batch-named"].ours, body=body))


LARGE = _served("two models of 1,000 trees", 1_000, ROWS["models"].ours, f"batch-{TWO}")
SMALL = _served(f"one model of {TREES} trees", TREES, ROWS["bare"].ours, "batch")


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
    """B alone, and beside A, who offers so many `times` its `capacity`, the batches that can be scored in a second."""

    served: Served
    capacity: float
    times: float
    alone: Steady
    beside: Steady
    flood: Flood

    @property
    def longer(self) -> float:
        return self.beside.p99 / self.alone.p99

    @property
    def sent(self) -> float:
        return self.flood.a_second() / self.capacity

    @property
    def scored(self) -> float:
        return self.flood.a_second(200) / self.capacity


def main() -> None:
    options = _options()
    pairs = [each for served in (LARGE, SMALL) for each in pairs_of(served, options)]
    text = as_text(pairs, options)
    print(text)
    if options.report:
        _write(options.report, text)
    sys.exit(0 if Verdict.of([each for each in pairs if each.served == LARGE]).is_met else 1)


def pairs_of(served: Served, options: argparse.Namespace) -> list[Pair]:
    """Measured with a world of its own, from the start of a service to its end."""
    ours, theirs = halves()
    with tempfile.TemporaryDirectory(prefix="muse-fairness-") as name, ExitStack() as stack:
        make_world(Path(name), served.trees)
        asked, known = (served.single, served.batch), services(threads=options.threads)
        with on(ours):
            started = stack.enter_context(running(known, asked, Path(name), options.processes))
        with on(theirs):
            return _measured(served, started[MUSE], Path(name), options)


def _measured(served: Served, service: Running, folder: Path, options: argparse.Namespace) -> list[Pair]:
    """Pairs of each number of times what can be scored, which is measured before them, to know what to offer.

    It is measured after them again, and shares are of the greater: other work on the machine makes either too small.
    """
    _capacity(served, service, folder, options, WARM_SECONDS)
    before = _capacity(served, service, folder, options, options.seconds)
    times = [each for each in (BEYOND, FLOOD) for _ in range(options.pairs)]
    found = [_pair(served, service, folder, options, before, each) for each in times]
    capacity = max(before, _capacity(served, service, folder, options, options.seconds))
    return [replace(each, capacity=capacity) for each in found]


def _capacity(served: Served, service: Running, folder: Path, options: argparse.Namespace, seconds: float) -> float:
    """How many batches a second are scored where a few connections wait for each answer."""
    with flooded(served, service, folder, math.inf, seconds, 2 * options.processes) as flood:
        pass
    return flood.a_second(200)


def _pair(
    served: Served, service: Running, folder: Path, options: argparse.Namespace, capacity: float, times: float
) -> Pair:
    alone = steady(served.single, service, folder, options.rate, options.seconds)
    seconds = options.seconds + 2 * WARM_SECONDS
    with flooded(served, service, folder, times * capacity, seconds, FLOOD_CONNECTIONS) as flood:
        time.sleep(WARM_SECONDS)
        ask(served.single, service.port, folder)  # the flood has come, as seen by one event
        beside = steady(served.single, service, folder, options.rate, options.seconds)
    return Pair(served, capacity, times, alone, beside, flood)


@contextmanager
def flooded(
    served: Served, service: Running, folder: Path, rate: float, seconds: float, connections: int
) -> Iterator[Flood]:
    """A's batches meanwhile; once the block has ended, what became of them."""
    argv = ["nice", "-n", "19", sys.executable, "-m", "benchmarks.open_loop", HOST, str(service.port)]
    argv += [str(rate), str(seconds), str(connections)]
    found = Flood(seconds)
    with (
        request(served.batch, folder).open("rb") as sent,
        subprocess.Popen(argv, cwd=ROOT, stdin=sent, stdout=subprocess.PIPE, text=True) as process,
    ):
        yield found
        found.statuses |= Counter(status for _, _, status, _ in json.loads(process.communicate()[0]))
    if process.returncode:
        raise RuntimeError(f"the flood has ended with {process.returncode}")


def as_text(pairs: Sequence[Pair], options: argparse.Namespace) -> str:
    capacities = " and ".join(f"{each:,.0f}" for each in dict.fromkeys(pair.capacity for pair in pairs))
    about = (
        f"{datetime.now(UTC):%Y-%m-%d}, Python {platform.python_version()}; {len(halves()[0])} of {os.cpu_count()} "
        f"cores for the service, the others for its clients; scoring processes: {options.processes}; B at "
        f"{options.rate:g} events a second for {options.seconds:g} s; {capacities} batches of 1,000 can be scored in "
        f"one. Load average {os.getloadavg()[0]:.1f}."
    )
    lines = [_line(each) for each in pairs]
    kinds = dict.fromkeys(each.served for each in pairs)
    told = [str(Verdict.of([each for each in pairs if each.served == served])) for served in kinds]
    return "\n".join([about, "", _HEAD, f"| --- |{' ---: |' * 11}", *lines, "", *told])


@dataclass(frozen=True)
class Verdict:
    """By the medians of the pairs; `beyond` and `flood` are how many times what can be scored was really sent."""

    name: str
    beyond: float
    scored: float
    flood: float
    longer: float
    failures: int

    @classmethod
    def of(cls, pairs: Sequence[Pair]) -> "Verdict":
        beyond = [each for each in pairs if each.times == BEYOND]
        flood = [each for each in pairs if each.times == FLOOD]
        return cls(
            name=pairs[0].served.name,
            beyond=median(each.sent for each in beyond),
            scored=median(each.scored for each in beyond),
            flood=median(each.sent for each in flood),
            longer=median(each.longer for each in flood),
            failures=sum(each.beside.failures for each in pairs),
        )

    @property
    def is_met(self) -> bool:
        """Whether both goals are, beside as much as they speak of."""
        was_sent = self.beyond >= ENOUGH * BEYOND and self.flood >= ENOUGH * FLOOD
        return was_sent and self.sheds and self.is_fair

    @property
    def sheds(self) -> bool:
        return self.scored >= GOODPUT

    @property
    def is_fair(self) -> bool:
        return self.longer <= MOST and not self.failures

    def __str__(self) -> str:
        return (
            f"With {self.name}: of {BEYOND:g} times what can be scored, {100 * self.scored:.0f} % of it was scored (at "
            f"least {100 * GOODPUT:.0f} %: {_judged(self.sheds, self.beyond, BEYOND)}); beside {FLOOD:g} times, B's "
            f"99th percentile was {self.longer:.1f} times the one alone, and {self.failures} of its requests failed "
            f"(at most {MOST:g}, and none: {_judged(self.is_fair, self.flood, FLOOD)})."
        )


def _judged(is_met: bool, sent: float, times: float) -> str:
    held = "met" if is_met else "missed"
    return held if sent >= ENOUGH * times else f"{held}, but {sent:.1f} times could be sent, which shows little"


def _line(pair: Pair) -> str:
    alone, beside = (f"{each.p50:.2f} | {each.p99:.2f}" for each in (pair.alone, pair.beside))
    refused, failed = pair.flood.a_second(429, 503), pair.flood.a_second(0)
    return (
        f"| {pair.served.name} | {alone} | {beside} | {pair.longer:.1f} | {pair.beside.failures} | {pair.times:g} | "
        f"{pair.sent:.1f} | {100 * pair.scored:.0f} % | {refused:,.0f} | {failed:,.0f} |"
    )


def _write(document: Path, text: str) -> None:
    before, _, rest = document.read_text().partition(_BEGIN)
    document.write_text(f"{before}{_BEGIN}\n\n{text}\n\n{_END}{rest.partition(_END)[2]}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=3, help="of each number of times")
    parser.add_argument("--seconds", type=float, default=12.0, help="of each half of a pair")
    parser.add_argument("--rate", type=float, default=100.0, help="of B's single events, a second")
    parser.add_argument("--processes", type=int, default=len(halves()[0]), help="of the scoring service")
    parser.add_argument("--threads", type=int, default=THREADS, help="of each of them")
    parser.add_argument("--report", type=Path, help="a document that gets the table between its marks")
    return parser.parse_args()


if __name__ == "__main__":
    main()
