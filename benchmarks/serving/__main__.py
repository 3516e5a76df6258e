"""What a request for a score costs, beside services that only run the model.

    python -m benchmarks.serving [--row fastapi --row bare …] [--pairs 5] [--seconds 3] [--peers DIR] [--json OUT]

Each row is a comparison: both services run at once, and are loaded in turn by wrk, one thread with eight connections
(two for batches), pair after pair; a pair with a failure in it is not compared. Told are the medians, and the median of
the pairs' ratios with its spread: other work on the machine moves requests a second from one minute to the next,
processor time a request less. MUSE checks keys, quotas and
schemas, routes, transforms twice, records every event and counts; the others only run the model.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.serving import world
from benchmarks.serving.asking import check
from benchmarks.serving.load import Load, load
from benchmarks.serving.services import ENVIRONMENTS, ROWS, THREADS, services
from benchmarks.serving.starting import in_folder, running
from benchmarks.serving.terms import Row
from muse_site.driving.running import ROOT


def main() -> None:
    options = _options()
    with tempfile.TemporaryDirectory(prefix="muse-serving-") as name:
        folder = Path(name)
        make_world(folder, options.trees)
        rows = [options.rows[each] for each in options.row or options.rows]
        found = [measure(row, folder, options) for row in rows]
    if options.json:
        options.json.write_text(json.dumps(found, indent=1))


def make_world(folder: Path, trees: int) -> None:
    """What is served, in this folder."""
    env = {**os.environ, **in_folder(folder)}
    subprocess.run([sys.executable, "-m", "benchmarks.serving.world", str(trees)], cwd=ROOT, env=env, check=True)


def measure(row: Row, folder: Path, options: argparse.Namespace) -> dict[str, Any]:
    """One row: pairs of loads, after the answers of both were seen to be right."""
    known = services(options.peers, options.threads)
    questions = (row.ours, row.other)
    processes = min([options.processes, *(known[each.service].most for each in questions)])
    with running(known, questions, folder, processes) as started:
        for each in questions:
            check(each, started[each.service].port, folder, world.BETA)
            load(each, started[each.service], folder, 1)  # until all is warm
        pairs = [
            [load(each, started[each.service], folder, options.seconds) for each in questions]
            for _ in range(options.pairs)
        ]
        for each in questions:
            check(each, started[each.service].port, folder, world.BETA)
    found = summary(row, pairs)
    found |= {"processes": processes, "load": os.getloadavg()[0]}
    print(as_text(found), flush=True)
    return found


def summary(row: Row, pairs: Sequence[Sequence[Load]]) -> dict[str, Any]:
    """Medians of a row, and the ratios of its pairs: above 1 is better for us."""
    ours, others = zip(*pairs, strict=True)
    sound = [(a, b) for a, b in pairs if not a.failures and not b.failures and a.processor and b.per_second]
    return {
        "row": row.name,
        "goal": row.goal,
        "ours": row.ours.service,
        "other": row.other.service,
        "events": row.ours.events,
        "lacks": row.lacks,
        "per_second": [median(each.per_second for each in side) for side in (ours, others)],
        "processor": [median(each.processor for each in side) for side in (ours, others)],
        "ratio_per_second": _spread([a.per_second / b.per_second for a, b in sound]),
        "ratio_processor": _spread([b.processor / a.processor for a, b in sound]),
        "failures": [sum(each.failures for each in side) for side in (ours, others)],
        "pairs": [[asdict(each) for each in pair] for pair in pairs],
    }


def as_text(found: dict[str, Any]) -> str:
    """A row of the table, with what it was held against."""
    (mine, theirs), (cost, their_cost) = found["per_second"], found["processor"]
    speed, processor = found["ratio_per_second"], found["ratio_processor"]
    return "\n".join(
        [
            f"{found['row']} ({found['ours']} to {found['other']}, {found['events']} events a request)",
            f"  requests a second          {mine:9.1f} {theirs:9.1f}   {_ratio(speed)}   wanted {found['goal']:g}",
            f"  processor time, µs         {cost:9.1f} {their_cost:9.1f}   {_ratio(processor)}",
            f"  failures                   {found['failures'][0]:9d} {found['failures'][1]:9d}",
        ]
    )


def _spread(ratios: Sequence[float]) -> list[float]:
    return [median(ratios), min(ratios), max(ratios)] if ratios else [0.0, 0.0, 0.0]


def _ratio(spread: Sequence[float]) -> str:
    middle, low, high = spread
    return f"{middle:.2f} × ({low:.2f} to {high:.2f})"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--row", action="append", choices=ROWS, help="only these; all that can be run when left out")
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=3, help="of each load; wrk knows whole ones")
    parser.add_argument("--processes", type=int, default=2, help="of each service")
    parser.add_argument("--threads", type=int, default=THREADS, help="of each process of MUSE, which score in turn")
    parser.add_argument("--trees", type=int, default=world.TREES)
    parser.add_argument(
        "--peers", type=Path, default=ENVIRONMENTS, metavar="FOLDER", help="of the others' environments"
    )
    parser.add_argument("--json", type=Path, help="where to write all figures")
    options = parser.parse_args()
    options.rows = {name: row for name, row in ROWS.items() if row.other.service in services(options.peers)}
    if unknown := set(options.row or []) - set(options.rows):
        parser.error(f"not installed: {', '.join(sorted(unknown))}; `make bench-peers` does it")
    if shutil.which("wrk") is None:
        parser.error("wrk is not on this machine; it is a package of most distributions")
    return options


if __name__ == "__main__":
    main()
