"""Kills processes that live but do no work, so that they are restarted."""

import os
import signal
import threading
import time
from collections import deque
from contextlib import suppress
from dataclasses import dataclass

from muse_site.supervisor import proctable
from muse_site.supervisor.output import Output
from muse_site.supervisor.process import Child


@dataclass(frozen=True)
class Patience:
    """How long the watchdog looks on: it kills at `limit` failures among the last `window` looks.

    Not at failures in a row, for of two workers that share a port one may hang while the other answers.
    """

    interval: float = 1.0  # seconds between two looks
    window: int = 10
    limit: int = 5
    silence: float = 3.5  # seconds without a beat, of a process that beats


class Watchdog(threading.Thread):
    """Watches one child, from when it is healthy until it has ended."""

    def __init__(self, child: Child, output: Output, patience: Patience) -> None:
        super().__init__(daemon=True)
        self._child = child
        self._output = output
        self._patience = patience
        self._failures: deque[bool] = deque(maxlen=patience.window)
        self._stopped_looks: dict[int, int] = {}

    def run(self) -> None:
        while self._child.exit_code() is None:
            self._look_at_beats()
            self._look_for_stopped()
            self._look_at_health()
            time.sleep(self._patience.interval)

    def _look_at_beats(self) -> None:
        """However long a process works at its requests, it beats; one that does not is stopped, or stuck as a whole."""
        if self._child.beats and self._child.beats.silence() > self._patience.silence:
            self._output.say(f"{self._child.process.name} is stuck: killing it")
            self._child.kill()

    def _look_at_health(self) -> None:
        healthy = self._child.process.healthy
        if healthy is None:
            return
        self._failures.append(not healthy())
        if sum(self._failures) >= self._patience.limit and self._child.exit_code() is None:
            self._failures.clear()
            self._output.say(f"{self._child.process.name} does not answer: killing it")
            self._child.kill()

    def _look_for_stopped(self) -> None:
        """A stopped worker keeps its connections while its siblings answer for it; kill it alone."""
        stopped = [member.pid for member in proctable.group(self._child.pid) if member.stopped]
        self._stopped_looks = {pid: self._stopped_looks.get(pid, 0) + 1 for pid in stopped}
        for pid, looks in self._stopped_looks.items():
            if looks >= self._patience.limit:
                self._output.say(f"{self._child.process.name}: process {pid} is stopped: killing it")
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
