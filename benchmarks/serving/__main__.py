"""What a request for a score costs, beside services that only run the model.

    python -m benchmarks.serving [--row fastapi --row bare …] [--pairs 5] [--seconds 3] [--peers DIR] [--json OUT]

Each row is a comparison: both services run at once, and are loaded in turn by wrk, one thread with eight connections
(two for batches), pair after pair; a pair with a failure in it is not compared. Told are the medians, and the median of
the pairs' ratios with its spread: other work on the machine moves requests a second from one minute to the next,
processor time a request less. MUSE checks keys, quotas and schemas, routes, transforms twice, records every event and
counts; the others only run the model, and each row says what they do not do.

Rows of a kind of their own: `p99` and `shadows` ask at a steady rate; in `sustained` the event consumer works beside,
in `consumer` alone. Rows of services that are not installed are left out; `make bench-peers` installs them.
"""

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.serving import page, world
from benchmarks.serving.report import as_text
from benchmarks.serving.rows import measure
from benchmarks.serving.services import ENVIRONMENTS, ROWS, THREADS, services
from benchmarks.serving.starting import in_folder
from muse_site.driving.running import ROOT


def main() -> None:
    options = _options()
    rows = []
    with tempfile.TemporaryDirectory(prefix="muse-serving-") as name:
        make_world(Path(name), options.trees)
        for each in options.row or options.rows:
            rows.append(measure(options.rows[each], Path(name), options))
            print(as_text(rows[-1]), flush=True)
            if options.json:
                options.json.write_text(json.dumps(rows, indent=1))
    page.write(options.page, rows, _about(options))


def make_world(folder: Path, trees: int) -> None:
    """What is served, in this folder."""
    env = {**os.environ, **in_folder(folder)}
    subprocess.run([sys.executable, "-m", "benchmarks.serving.world", str(trees)], cwd=ROOT, env=env, check=True)


def _about(options: argparse.Namespace) -> str:
    return (
        f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores, Python {platform.python_version()}; {options.pairs} "
        f"pairs of {options.seconds} s; processes of each service: {options.processes}; load average "
        f"{os.getloadavg()[0]:.1f}."
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--row", action="append", choices=ROWS, help="only these; all that can be run when left out")
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=3, help="of each load; wrk knows whole ones")
    parser.add_argument("--sustained-seconds", type=int, default=300, help="of the row `sustained`")
    parser.add_argument("--recorded-seconds", type=int, default=20, help="for which the row `consumer` has events")
    parser.add_argument("--rate", type=float, help="requests a second of `p99` and `shadows`; else half of the peak")
    parser.add_argument("--processes", type=int, default=2, help="of each service")
    parser.add_argument("--threads", type=int, default=THREADS, help="of each process of MUSE, which score in turn")
    parser.add_argument("--trees", type=int, default=world.TREES)
    parser.add_argument("--peers", type=Path, default=ENVIRONMENTS, metavar="DIR", help="of the others' environments")
    parser.add_argument("--json", type=Path, help="where to write all figures")
    parser.add_argument("--page", type=Path, default=Path("report/serving.html"), help="where the page goes")
    options = parser.parse_args()
    options.rows = {name: row for name, row in ROWS.items() if row.other.service in services(options.peers)}
    if unknown := set(options.row or []) - set(options.rows):
        parser.error(f"not installed: {', '.join(sorted(unknown))}; `make bench-peers` does it")
    if shutil.which("wrk") is None:
        parser.error("wrk is not on this machine; it is a package of most distributions")
    return options


if __name__ == "__main__":
    main()
