"""What a process is, declared; and one running under our eyes."""

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from socket import socket

from muse_site.supervisor.beats import Beats
from muse_site.supervisor.listening import Address
from muse_site.supervisor.output import Output

_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


@dataclass(frozen=True)
class Process:
    """One process to keep running, or with `once`, to run to its end before the next one starts."""

    name: str
    argv: Sequence[str]
    env: Mapping[str, str] = field(default_factory=dict)
    healthy: Callable[[], bool] | None = None  # none: healthy when it has lived for a moment
    prepare: Callable[[], None] | None = None  # before each start
    ready: Callable[[], None] | None = None  # each time that it has become healthy
    once: bool = False
    stage: str = ""  # those of one stage start at once; one without starts when all before it are healthy
    watched: bool = False  # kill it when it is stopped or `healthy` keeps failing
    listens: Address | None = None  # a service: it is given this socket, and beats while it lives
    renewed: bool = True  # new code is a new process; a database's code is not ours
    group: str = ""  # what several processes are together
    nice: int = 0  # how far it stands back where there is more to do than processors
    stop_signal: signal.Signals = signal.SIGTERM


class Child:
    """A started process and its group, whose output goes line by line to the common output."""

    def __init__(self, process: Process, output: Output, listening: socket | None = None) -> None:
        self.process = process
        self.started_at = time.monotonic()
        self.beats: Beats | None = None
        given: dict[str, int] = {}
        if listening is not None:
            self.beats = Beats()
            given = {"SERVICE_SOCKET": listening.fileno(), "SERVICE_BEATS": self.beats.mouth}
        self._popen = subprocess.Popen(
            process.argv,
            env={**os.environ, **process.env, **{name: str(number) for name, number in given.items()}},
            pass_fds=list(given.values()),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C in the terminal is for the supervisor alone
            preexec_fn=partial(_prepare, process),
        )
        if self.beats is not None:
            self.beats.started()
        self.pid = self._popen.pid
        self._reader = threading.Thread(target=self._read, args=(output,), daemon=True)
        self._reader.start()

    @property
    def age(self) -> float:
        """Seconds since the start."""
        return time.monotonic() - self.started_at

    def exit_code(self) -> int | None:
        """None while it runs."""
        return self._popen.poll()

    def healthy(self, settle: float) -> bool:
        """Whether it does its work: it has beaten, or answers, or has lived for `settle` seconds."""
        if self.beats:
            return self.beats.heard()
        return self.process.healthy() if self.process.healthy else self.age > settle

    def kill(self) -> None:
        """SIGKILL to the whole group: also to what a dead master has left behind."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)

    def stop(self, grace: float) -> bool:
        """Ask it to end, and kill its group after `grace` seconds. True when it ended by itself."""
        if self.exit_code() is None:
            self._popen.send_signal(self.process.stop_signal)
        try:
            self._popen.wait(grace)
            in_time = True
        except subprocess.TimeoutExpired:
            in_time = False
        self.bury()
        return in_time

    def bury(self) -> None:
        """After its end: kill what is left of the group, and print the last lines."""
        self.kill()
        self._popen.wait()
        self._reader.join(1)

    def _read(self, output: Output) -> None:
        assert self._popen.stdout is not None
        with self._popen.stdout as stream:
            for line in stream:
                output.line(self.process.name, line.decode(errors="replace").rstrip())


def _prepare(process: Process) -> None:
    """In the child: stand back as declared and, where Linux offers it, have a killed supervisor's children stopped."""
    os.nice(process.nice)
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, process.stop_signal)
