"""Runs the whole product as a child process, for programs that drive it: the demonstration, the benchmarks."""

import os
import signal
import socket
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from muse_site.driving.client import GaveUp, wait
from muse_site.environment import VARIABLES
from muse_site.supervisor.health import answers
from muse_site.supervisor.output import Output
from muse_site.supervisor.process import Child, Process

ROOT = Path(__file__).resolve().parents[2]
HOST = "127.0.0.1"


@dataclass(frozen=True)
class Product:
    """A product that runs: where its services answer."""

    scoring: str
    console: str


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on now."""
    sockets = [socket.create_server((HOST, 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def environment_of_its_own(data: Path) -> dict[str, str]:
    """For a product on this data folder: what is set here but for its settings, and ports that are free."""
    names = {variable.name for variable in VARIABLES}
    ours = {name: value for name, value in os.environ.items() if name.removesuffix("_FILE") not in names}
    others = {name: value for name, value in ours.items() if not name.startswith("MUSE_")}  # of other versions
    scoring, console = map(str, free_ports(2))
    return others | {"MUSE_DATA": str(data), "MUSE_SCORING_PORT": scoring, "MUSE_CONSOLE_PORT": console}


@contextmanager
def running(
    data: Path, *, scoring_port: int, console_port: int, log: Path, env: Mapping[str, str] | None = None
) -> Iterator[Product]:
    """Start the product on this data folder, wait until it answers, and stop it at the end.

    Its output goes to the file `log`. Raises GaveUp, with the end of that file, if it does not come up.
    """
    ports = {"MUSE_SCORING_PORT": scoring_port, "MUSE_CONSOLE_PORT": console_port}
    for name, port in ports.items():
        _check_free(name, port)
    process = Process(
        name="muse",
        argv=[sys.executable, str(ROOT / "manage.py"), "up"],
        env={"MUSE_DATA": str(data), **{name: str(port) for name, port in ports.items()}, **(env or {})},
        stop_signal=signal.SIGINT,
    )
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("a") as stream:
        child = Child(process, _AsIs(stream))
        try:
            wait(lambda: _is_up(child, log, ports.values()), "the product to start", 120.0)
            yield product(scoring_port, console_port)
        finally:
            child.stop(60.0)


def product(scoring_port: int, console_port: int) -> Product:
    """A product that runs on this machine already."""
    return Product(f"http://{HOST}:{scoring_port}", f"http://{HOST}:{console_port}")


class _AsIs(Output):
    """The supervisor in the child has put the names in front of its lines already."""

    def __init__(self, stream: TextIO) -> None:
        super().__init__([], stream)
        self._file = stream

    def line(self, name: str, text: str) -> None:
        self._file.write(f"{text}\n")
        self._file.flush()


def _check_free(name: str, port: int) -> None:
    try:
        socket.create_server((HOST, port)).close()
    except OSError:
        raise GaveUp(f"port {port} is in use by another program; set {name} to a free one") from None


def _is_up(child: Child, log: Path, ports: Iterable[int]) -> bool:
    if (code := child.exit_code()) is not None:
        end = "\n".join(log.read_text().splitlines()[-15:])
        raise GaveUp(f"the product ended with code {code}; the end of {log}:\n{end}")
    return all(answers(HOST, port) for port in ports)
