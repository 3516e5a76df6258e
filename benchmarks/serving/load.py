"""Load by wrk, from one thread with a few connections, and what it costs the processes that answer it."""

import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from benchmarks.serving.starting import Running
from benchmarks.serving.terms import Question
from muse_site.driving.running import HOST

_SCRIPT = """
local file = io.open(os.getenv("BENCH_BODY"), "rb")
wrk.method, wrk.body = "POST", file:read("*a")
file:close()
wrk.headers["Content-Type"] = os.getenv("BENCH_KIND")
wrk.headers["Authorization"] = "Bearer " .. os.getenv("BENCH_KEY")
"""


@dataclass(frozen=True)
class Load:
    """One run: requests a second, processor time a request in µs (of the service alone), failures, p99 in ms.

    `requests`: all of them, failures too.
    """

    per_second: float
    processor: float
    failures: int
    p99: float
    requests: int = 0


def load(question: Question, service: Running, folder: Path, seconds: int) -> Load:
    """Ask this question without pause for so many seconds."""
    script = folder / "post.lua"
    script.write_text(_SCRIPT)
    argv = [
        "wrk",
        "-t1",
        f"-c{question.connections}",
        f"-d{seconds}s",
        "--latency",
        "--timeout",
        "30s",
        "-s",
        str(script),
    ]
    body = {
        "BENCH_BODY": str(folder / question.file),
        "BENCH_KIND": question.kind,
        "BENCH_KEY": (folder / question.key).read_text(),
    }
    before = processor_seconds(service.pid)
    told = subprocess.run(
        [*argv, f"http://{HOST}:{service.port}{question.path}"],
        env={**os.environ, **body}, check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    return read(told, processor_seconds(service.pid) - before)


def processor_seconds(pid: int) -> float:
    """What a process and all that came from it have used so far, in themselves and in the kernel for them."""
    used = sum(map(int, _stat(pid)[11:13])) / os.sysconf("SC_CLK_TCK")
    children = [child for file in Path(f"/proc/{pid}/task").glob("*/children") for child in file.read_text().split()]
    return used + sum(processor_seconds(int(child)) for child in children)


def _stat(pid: int) -> list[str]:
    """The fields of a process after its name."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def read(told: str, processor: float) -> Load:
    """What wrk tells of a run, in which the service used so many seconds of processor time."""
    requests = int(_number(r"(\d+) requests in", told))
    failures = int(_number(r"Non-2xx or 3xx responses: (\d+)", told))
    if errors := re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", told):
        failures += sum(map(int, errors.groups()))
    unit = {"us": 1e-3, "ms": 1.0, "s": 1e3}
    p99 = re.search(r"99%\s+([\d.]+)(us|ms|s)", told)
    late = float(p99[1]) * unit[p99[2]] if p99 else 0.0
    return Load(
        _number(r"Requests/sec:\s+([\d.]+)", told), 1e6 * processor / max(1, requests), failures, late, requests
    )


def _number(pattern: str, told: str) -> float:
    found = re.search(pattern, told)
    return float(found[1]) if found else 0.0
