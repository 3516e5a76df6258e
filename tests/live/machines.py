"""Machines on one: each a network namespace with an address of its own, on a bridge that this machine is on too."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from muse_site.driving.client import wait
from muse_site.driving.running import ROOT
from muse_site.supervisor.health import answers

PORT = 8100


@dataclass
class Machine:
    """A scoring machine with its event consumer. Its data folder stays when all of its processes are killed."""

    name: str
    address: str
    data: Path
    env: Mapping[str, str]
    _started: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def scoring(self) -> str:
        return f"http://{self.address}:{PORT}"

    def start(self) -> None:
        """Start its services, and wait until they answer."""
        self.data.mkdir(exist_ok=True)
        own = {"MUSE_DATA": str(self.data), "MUSE_MACHINE_SLOT": self.name, "MUSE_HOST": self.address,
               "MUSE_SCORING_PORT": str(PORT), "MUSE_ALLOWED_HOSTS": self.address}  # fmt: skip
        argv = ["ip", "netns", "exec", self.name, sys.executable, str(ROOT / "manage.py"), "up"]
        with (self.data / "log").open("ab") as log:
            env = {**os.environ, **self.env, **own}
            self._started.append(
                subprocess.Popen([*argv, "--only", "scoring,consumer"], env=env, stdout=log, stderr=log)
            )
        wait(lambda: answers(self.address, PORT), f"{self.name} to answer", 90.0)

    def kill(self) -> None:
        """`kill -9` of everything that runs on it."""
        for pid in map(int, _ip("netns", "pids", self.name).split()):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        for each in self._started:
            each.wait(30)

    def cut_off(self) -> None:
        """Take it from the network, with all that runs on it."""
        _ip("-n", self.name, "link", "set", "eth0", "down")

    def connect(self) -> None:
        """Put it on the network again."""
        _ip("-n", self.name, "link", "set", "eth0", "up")


@dataclass(frozen=True)
class Network:
    """`host` is this machine's address on it."""

    bridge: str
    prefix: str

    @property
    def host(self) -> str:
        return f"{self.prefix}.1"

    @contextmanager
    def machine(self, number: int, data: Path, env: Mapping[str, str]) -> Iterator[Machine]:
        """A machine that is not started yet; at the end nothing of it runs any more."""
        name, address = f"{self.bridge}m{number}", f"{self.prefix}.{10 + number}"
        _ip("netns", "add", name)
        found = Machine(name, address, data, env)
        try:
            _ip("link", "add", name, "type", "veth", "peer", "name", "eth0", "netns", name)
            _ip("link", "set", name, "master", self.bridge, "up")
            _ip("-n", name, "addr", "add", f"{address}/24", "dev", "eth0")
            _ip("-n", name, "link", "set", "lo", "up")
            found.connect()
            yield found
        finally:
            found.kill()
            _ip("link", "del", name)  # else it goes some time after its namespace, and the next cannot be called so
            _ip("netns", "del", name)


def can_be_made() -> bool:
    """Whether this user may make networks here."""
    if os.geteuid() or shutil.which("ip") is None:
        return False
    return subprocess.run(["unshare", "--net", "ip", "link", "set", "lo", "up"], capture_output=True).returncode == 0


@contextmanager
def network() -> Iterator[Network]:
    """A network that only this machine and those made on it are on."""
    pid = os.getpid()
    made = Network(f"mus{pid % 100_000}", f"10.{200 + pid % 50}.{pid // 50 % 250}")
    _ip("link", "add", made.bridge, "type", "bridge")
    try:
        _ip("addr", "add", f"{made.host}/24", "dev", made.bridge)
        _ip("link", "set", made.bridge, "up")
        yield made
    finally:
        _ip("link", "del", made.bridge)


def _ip(*arguments: str) -> str:
    return subprocess.run(["ip", *arguments], check=True, capture_output=True, text=True).stdout
