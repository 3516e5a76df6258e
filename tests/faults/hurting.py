"""The faults, each by its name: what is done to the product while clients go on."""

import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import redis
from django.db import connections

from muse_site.driving.client import wait
from muse_site.embedded import Postgres, Valkey

SCORING = ("muse_site.service", "scoring")
WORKERS = {
    "console": ("muse_site.service", "console"),
    "consumer": ("consume_events",),
    "guard": ("guard_releases",),
    "Celery worker": ("celery", "worker"),
    "beat": ("celery", "beat"),
}
HUNG_SECONDS = 10.0


@dataclass(frozen=True)
class Hurt:
    """The product of a data folder, and its log."""

    data: Path
    log: Path

    def pids(self, *words: str) -> list[int]:
        """Its processes that have these words among those of their commands."""
        found = []
        for process in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                command = (process / "cmdline").read_bytes().decode().split("\0")
                environment = (process / "environ").read_bytes()
                if set(words) <= set(command) and f"MUSE_DATA={self.data}\0".encode() in environment:
                    found.append(int(process.name))
        return sorted(found)

    def signal(self, number: signal.Signals, *words: str, first: bool = False) -> None:
        pids = self.pids(*words)
        assert pids, f"no {' '.join(words)} runs"
        for pid in pids[:1] if first else pids:
            with suppress(ProcessLookupError):  # it has gone with its parent
                os.kill(pid, number)

    def kill_scoring(self) -> None:
        """kill -9 of a scoring process."""
        self.signal(signal.SIGKILL, *SCORING, first=True)

    def stop_scoring(self) -> None:
        """SIGSTOP of a scoring process."""
        self.signal(signal.SIGSTOP, *SCORING, first=True)

    def end_scoring(self) -> None:
        """All scoring processes asked to end at once."""
        self.signal(signal.SIGTERM, *SCORING)

    def kill_others(self) -> None:
        """kill -9 of console, consumer, guard, Celery worker and beat."""
        for words in WORKERS.values():
            self.signal(signal.SIGKILL, *words)

    def deploy(self) -> None:
        """A deploy."""
        before = self.log.read_text().count("everything is renewed")
        os.kill(int((self.data / "supervisor.lock").read_text()), signal.SIGUSR1)
        wait(lambda: self.log.read_text().count("everything is renewed") > before, "the deploy", 300.0, pause=1.0)

    def kill_valkey(self) -> None:
        """kill -9 of Valkey, started again after two seconds."""
        valkey = Valkey(_services(), ephemeral=True)
        with redis.Redis.from_url(valkey.url) as client:
            pid = client.info("server")["process_id"]
        os.kill(pid, signal.SIGKILL)
        time.sleep(2.0)
        valkey.start()

    def kill_postgres(self) -> None:
        """kill -9 of Postgres, started again after two seconds."""
        connections.close_all()
        os.kill(_postmaster(), signal.SIGKILL)
        time.sleep(2.0)
        Postgres(_services(), ephemeral=True).start()

    def hang_postgres(self) -> None:
        """Postgres hung (SIGSTOP) for ten seconds."""
        connections.close_all()
        postmaster = _postmaster()
        hung = [postmaster, *_children(postmaster)]
        for number in (signal.SIGSTOP, signal.SIGCONT):
            for pid in hung:
                with suppress(ProcessLookupError):
                    os.kill(pid, number)
            if number == signal.SIGSTOP:
                time.sleep(HUNG_SECONDS)


def name(fault: Callable[[Hurt], None]) -> str:
    return str(fault.__doc__).rstrip(".")


def _services() -> Path:
    return Path(os.environ["MUSE_DATA"])


def _postmaster() -> int:
    return int((Postgres(_services(), ephemeral=True).cluster / "postmaster.pid").read_text().split()[0])


def _children(pid: int) -> list[int]:
    return [int(each) for path in Path(f"/proc/{pid}/task").glob("*/children") for each in path.read_text().split()]
