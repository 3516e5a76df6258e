"""The product that is hurt: its processes, its log, and the servers that it shares with the tests."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import redis

from muse_site.driving.client import wait
from muse_site.driving.running import ROOT, Product
from muse_site.embedded import Postgres, Valkey
from muse_site.supervisor import proctable
from scoring.queue.lanes import lanes, lost_events
from tests.factories import World

SCORING = ("muse_site.service", "scoring")
OTHERS = {
    "console": ("muse_site.service", "console"),
    "consumer": ("consume_events",),
    "guard": ("guard_releases",),
    "Celery worker": ("celery", "worker"),
    "beat": ("celery", "beat"),
}


@dataclass
class Hurt:
    """A product that runs on a data folder, and a tenant that it serves. `env`: its environment variables."""

    product: Product
    served: World
    data: Path
    log: Path
    env: dict[str, str] = field(default_factory=dict)
    scoring_processes: int = 2
    kept_file: bytes = b""  # of what a fault has damaged, to mend it again
    _again: list[subprocess.Popen[bytes]] = field(default_factory=list)

    # ---- processes

    def pids(self, *words: str) -> list[int]:
        """Its processes that have these words among those of their commands."""
        found = []
        for process in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                command = (process / "cmdline").read_bytes().decode(errors="replace").split("\0")
                environment = (process / "environ").read_bytes()
                if set(words) <= set(command) and f"MUSE_DATA={self.data}\0".encode() in environment:
                    found.append(int(process.name))
        return sorted(found)

    def signal(self, number: signal.Signals, *words: str, first: bool = False) -> None:
        """To all of these processes, or to the first of them."""
        pids = self.pids(*words)
        assert pids, f"no {' '.join(words)} runs"
        signal_all(number, pids[:1] if first else pids)

    @property
    def supervisor(self) -> int:
        return int((self.data / "supervisor.lock").read_text())

    def is_whole(self) -> bool:
        """Whether every process that should run does, and none is stopped."""
        groups = [self.pids(*words) for words in OTHERS.values()]
        scoring = self.pids(*SCORING)
        entries = [proctable.entry(pid) for pids in (scoring, *groups) for pid in pids]
        stopped = any(entry is not None and entry.stopped for entry in entries)
        return len(scoring) == self.scoring_processes and all(groups) and not stopped

    def wait_until_whole(self) -> None:
        wait(self.is_whole, "all processes to run again", 90.0)

    def logged(self, text: str) -> int:
        """How often the product's log has this text."""
        return self.log.read_text(errors="replace").count(text)

    def counted_lost(self) -> int:
        """Events that scoring has counted as lost."""
        segments = self.data / "segments"
        return sum(lost_events(segments / lane) for lane in lanes(segments))

    def start_again(self) -> None:
        """Start the supervisor again, as a service manager would; `end` stops it."""
        ports = [address.rpartition(":")[2] for address in (self.product.scoring, self.product.console)]
        places = dict(zip(("MUSE_SCORING_PORT", "MUSE_CONSOLE_PORT"), ports, strict=True))
        env = {**os.environ, "MUSE_DATA": str(self.data), **places, **self.env}
        with self.log.open("ab") as log:
            argv = [sys.executable, str(ROOT / "manage.py"), "up"]
            self._again.append(subprocess.Popen(argv, env=env, stdout=log, stderr=log, start_new_session=True))

    def end(self) -> None:
        for each in self._again:
            each.send_signal(signal.SIGINT)
            each.wait(60)

    # ---- servers

    @property
    def postgres(self) -> Postgres:
        return Postgres(_services(), ephemeral=True)

    @property
    def valkey(self) -> Valkey:
        return Valkey(_services(), ephemeral=True)

    def valkey_client(self) -> redis.Redis:
        return redis.Redis.from_url(self.valkey.url)

    def postmaster(self) -> int:
        return int((self.postgres.cluster / "postmaster.pid").read_text().split()[0])

    def postgres_pids(self) -> list[int]:
        """The postmaster and all that it has started."""
        postmaster = self.postmaster()
        children = Path(f"/proc/{postmaster}/task").glob("*/children")
        return [postmaster, *(int(each) for path in children for each in path.read_text().split())]


def signal_all(number: signal.Signals, pids: Iterable[int]) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):  # it has gone with its parent
            os.kill(pid, number)


def _services() -> Path:
    return Path(os.environ["MUSE_DATA"])
