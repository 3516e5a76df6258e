"""What is compared: how each service is started, asked, and known to answer rightly."""

import http.client
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from benchmarks.serving.world import BATCH
from muse_site.driving.client import wait
from muse_site.driving.running import HOST, ROOT, free_ports

APPS = Path(__file__).parent / "apps"
TOLERANCE = 1e-12
THREADS = 8  # of a scoring process, as the product starts it


@dataclass(frozen=True)
class Service:
    """`command` with {port} and {processes} in it; `env` beyond that of the folder."""

    name: str
    command: tuple[str, ...]
    env: Mapping[str, str]


@dataclass(frozen=True)
class Question:
    """What is asked of a running service: an address, the name of a body, and what is read from the answer."""

    service: str
    path: str
    body: str
    read: Callable[[Any], list[float]]

    @property
    def events(self) -> int:
        return 1 if self.body == "single" else BATCH

    @property
    def connections(self) -> int:
        """MUSE refuses more large requests of one tenant at a time than a few, and refusals are no work."""
        return 8 if self.body == "single" else 2


@dataclass(frozen=True)
class Row:
    """A line of the table: ours beside what it is held against, and the ratio that is wanted."""

    name: str
    ours: Question
    other: Question
    goal: float


def _hosted(name: str, module: str, threads: int = 1, **env: str) -> Service:
    command = (sys.executable, "-m", "benchmarks.serving.host", module, "{port}", "{processes}")
    return Service(name, (*command, str(threads)), env)


def _uvicorn(python: str) -> Service:
    command = (python, "-m", "uvicorn", "fastapi_app:app", "--app-dir", str(APPS), "--host", HOST, "--port", "{port}")
    best = ("--workers", "{processes}", "--no-access-log", "--loop", "uvloop", "--http", "httptools")
    return Service("FastAPI", (*command, *best), {})


def _one(answer: Any) -> list[float]:
    return [answer["probability"]]


def _many(answer: Any) -> list[float]:
    return [each["probability"] for each in answer["results"]]


def _bare(answer: Any) -> list[float]:
    return list(answer["probabilities"])


_OURS = Question("MUSE", "/api/v1/score", "single", _one)
_VIEW = Question("MUSE, lane off", "/api/v1/score", "single", _one)
_BATCH = Question("MUSE", "/api/v1/score/batch", "batch", _many)
ROWS = {
    "fastapi": Row("one event, against FastAPI", _OURS, Question("FastAPI", "/score", "single", _one), 1.5),
    "bare": Row("one event, against the limit", _OURS, Question("bare WSGI", "/score", "single", _one), 0.6),
    "view": Row("the view, lane off, against a bare view", _VIEW, Question("bare DRF", "/score", "single", _one), 0.7),
    "batch": Row("batch of 1,000", _BATCH, Question("FastAPI", "/batch", "rows", _bare), 1.5),
}


def services(peers: str | None, threads: int = THREADS) -> dict[str, Service]:
    """All of them by name. `peers`: the Python of the environment that FastAPI is in; `threads`: of ours."""
    found = [
        _hosted("MUSE", "muse_site.wsgi_scoring", threads),
        _hosted("MUSE, lane off", "muse_site.wsgi_scoring", threads, MUSE_EXPRESS_LANE="0"),
        _hosted("bare WSGI", "benchmarks.serving.apps.bare_wsgi"),
        _hosted("bare DRF", "benchmarks.serving.apps.bare_drf"),
        *([_uvicorn(peers)] if peers else []),
    ]
    return {each.name: each for each in found}


@dataclass(frozen=True)
class Running:
    """A service that answers: its port and the process that everything else of it comes from."""

    port: int
    pid: int


@contextmanager
def running(wanted: list[Service], folder: Path, processes: int) -> Iterator[dict[str, Running]]:
    """Start these services beside each other, wait until they answer, and stop them at the end."""
    with ExitStack() as stack:
        ports = free_ports(len(wanted))
        started = {
            each.name: stack.enter_context(_process(each, port, folder, processes))
            for each, port in zip(wanted, ports, strict=True)
        }
        for name, each in started.items():
            wait(lambda each=each: _answers(each.port), f"{name} to answer", 60.0)  # type: ignore[misc]
        yield started


def in_folder(folder: Path) -> dict[str, str]:
    """The settings of processes whose data is there, and whose Postgres and Valkey are away, whatever others run."""
    nowhere = {"DATABASE_URL": "", "DATABASE_OWNER_URL": "", "REDIS_URL": ""}
    return {"MUSE_DATA": str(folder), "DJANGO_SETTINGS_MODULE": "muse_site.settings", **nowhere}


@contextmanager
def _process(service: Service, port: int, folder: Path, processes: int) -> Iterator[Running]:
    argv = [part.format(port=port, processes=processes) for part in service.command]
    metrics = folder / "metrics" / service.name
    metrics.mkdir(parents=True, exist_ok=True)
    own = {"PROMETHEUS_MULTIPROC_DIR": str(metrics), "BENCH_MODEL": str(folder / "model.onnx")}
    env = {**os.environ, **in_folder(folder), **own, **service.env}
    with (folder / f"{service.name}.log").open("w") as log:
        process = subprocess.Popen(argv, cwd=ROOT, env=env, stdout=log, stderr=log)
        try:
            yield Running(port, process.pid)
        finally:
            process.terminate()
            process.wait(30.0)


def ask(question: Question, port: int, folder: Path) -> Any:
    """What the service answers, once."""
    connection = http.client.HTTPConnection(HOST, port, timeout=30)
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {(folder / 'key').read_text()}"}
    connection.request("POST", question.path, (folder / f"{question.body}.json").read_bytes(), headers)
    response = connection.getresponse()
    content = response.read()
    connection.close()
    if response.status != 200:
        raise ValueError(f"{question.service}: {response.status} {content[:500]!r}")
    return msgspec.json.decode(content)


def check(question: Question, port: int, folder: Path, beta: float) -> None:
    """Raises ValueError where a service does not give what the model alone gives for these events."""
    expected = msgspec.json.decode((folder / "outputs.json").read_bytes())[: question.events]
    if question.service.startswith("MUSE"):
        expected = [beta * y / (1.0 - (1.0 - beta) * y) for y in expected]
    found = question.read(ask(question, port, folder))
    if len(found) != len(expected) or any(abs(a - b) > TOLERANCE for a, b in zip(found, expected, strict=True)):
        raise ValueError(f"{question.service}: expected {expected[:3]}…, found {found[:3]}…")


def _answers(port: int) -> bool:
    try:
        connection = http.client.HTTPConnection(HOST, port, timeout=5)
        connection.request("GET", "/")
        connection.getresponse()
    except OSError:
        return False
    finally:
        connection.close()
    return True
