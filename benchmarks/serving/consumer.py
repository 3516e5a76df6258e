"""The event consumer of a folder: beside a service, or alone on one core until nothing is left to read."""

import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
from deltalake import DeltaTable

from benchmarks.serving.starting import end, in_folder
from muse_site.driving.running import ROOT

_ARGV = (sys.executable, str(ROOT / "manage.py"), "consume_events")
_NICE = 5  # as the product starts it


@dataclass(frozen=True)
class Commit:
    """Rows that came into the lake together: when, and when the first and the last of them were scored; seconds."""

    rows: int
    at: float
    first: float
    last: float


@contextmanager
def beside(folder: Path, **env: str) -> Iterator[None]:
    """Follow what is recorded in this folder, as the product does, as long as the block."""
    with (folder / "consumer.log").open("a") as log:
        process = subprocess.Popen(["nice", "-n", str(_NICE), *_ARGV], cwd=ROOT, env=_env(folder, **env),
                                   stdout=log, stderr=log)  # fmt: skip
        try:
            yield
        finally:
            end(process)


@dataclass(frozen=True)
class Spent:
    """What a run took, in seconds: by the clock, and of processor time."""

    clock: float
    processor: float


def alone(folder: Path) -> Spent:
    """Read and commit all there is, on one core."""
    core = min(os.sched_getaffinity(0))
    before, began = _children(), time.monotonic()
    with (folder / "consumer.log").open("a") as log:
        subprocess.run(["taskset", "-c", str(core), *_ARGV, "--drain"], cwd=ROOT, env=_env(folder), check=True,
                       stdout=log, stderr=log)  # fmt: skip
    return Spent(time.monotonic() - began, _children() - before)


def commits(folder: Path) -> list[Commit]:
    """All that is in the lake of this folder, in the order in which it came."""
    found = []
    for table in (folder / "lake").glob("*/*/events"):
        for each in pa.table(DeltaTable(str(table)).get_add_actions(flatten=True)).to_pylist():
            first, last = (each[f"{end}.scored_at"].timestamp() for end in ("min", "max"))
            found.append(Commit(each["num_records"], each["modification_time"] / 1e3, first, last))
    return sorted(found, key=lambda commit: commit.at)


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _env(folder: Path, **more: str) -> dict[str, str]:
    metrics = folder / "metrics" / "consumer"
    metrics.mkdir(parents=True, exist_ok=True)
    return {**os.environ, **in_folder(folder), "PROMETHEUS_MULTIPROC_DIR": str(metrics), **more}
