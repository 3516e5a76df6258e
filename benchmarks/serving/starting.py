"""Starts the services that are compared, beside each other, and ends all that came of them."""

import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks.serving.asking import answers
from benchmarks.serving.terms import MUSE, Question, Service
from muse_site.driving.client import GaveUp, wait
from muse_site.driving.running import ROOT, free_ports

START_SECONDS = 180.0  # Ray takes half a minute of a machine that has other things to do
_STOP_SECONDS = 30.0


@dataclass(frozen=True)
class Running:
    """A service that answers: its port and the process that everything else of it comes from."""

    port: int
    process: subprocess.Popen[bytes]

    @property
    def pid(self) -> int:
        return self.process.pid


@contextmanager
def running(
    known: Mapping[str, Service], questions: Sequence[Question], folder: Path, processes: int
) -> Iterator[dict[str, Running]]:
    """Start the services that these questions are for, wait until each is answered, and stop them at the end."""
    wanted = {each.service: known[each.service] for each in questions}
    with ExitStack() as stack:
        ports = free_ports(len(wanted))
        started = {
            name: stack.enter_context(_process(each, port, folder, processes))
            for (name, each), port in zip(wanted.items(), ports, strict=True)
        }
        for each in questions:
            _wait(each, started[each.service], folder)
        yield started


def _wait(question: Question, service: Running, folder: Path) -> None:
    """Until the question is answered. Raises GaveUp, with the end of its log, for a service that has ended."""

    def answered() -> bool:
        if service.process.poll() is not None:
            raise GaveUp(f"{question.service} has ended: {(folder / f'{question.service}.log').read_text()[-2000:]}")
        return answers(question, service.port, folder)

    wait(answered, f"{question.service} to answer", START_SECONDS)


def in_folder(folder: Path) -> dict[str, str]:
    """The settings of processes whose data is there, and whose Postgres and Valkey are away, whatever others run."""
    nowhere = {"DATABASE_URL": "", "DATABASE_OWNER_URL": "", "REDIS_URL": ""}
    return {"MUSE_DATA": str(folder), "DJANGO_SETTINGS_MODULE": "muse_site.settings", **nowhere}


@contextmanager
def _process(service: Service, port: int, folder: Path, processes: int) -> Iterator[Running]:
    argv = [part.format(port=port, processes=processes) for part in service.command]
    env = {**os.environ, **in_folder(folder), "BENCH_MODEL": str(folder / "model.onnx"), **service.env}
    if service.name.startswith(MUSE):  # others that count by this library would count in files too, at a cost
        env["PROMETHEUS_MULTIPROC_DIR"] = str(folder / "metrics" / service.name)
        Path(env["PROMETHEUS_MULTIPROC_DIR"]).mkdir(parents=True, exist_ok=True)
    with (folder / f"{service.name}.log").open("w") as log:
        process = subprocess.Popen(argv, cwd=ROOT, env=env, stdout=log, stderr=log)
        try:
            yield Running(port, process)
        finally:
            end(process)


def end(process: subprocess.Popen[bytes]) -> None:
    """Some leave processes behind when they are asked to end."""
    came_of_it = psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []
    process.terminate()
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for each in psutil.wait_procs(came_of_it, timeout=2.0)[1]:
        each.kill()
