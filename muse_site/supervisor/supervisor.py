"""The supervisor: brings processes up in order, restarts what dies, takes all down in reverse order."""

import signal
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from muse_site.supervisor.leftovers import Leftovers
from muse_site.supervisor.lock import exclusive
from muse_site.supervisor.output import Output
from muse_site.supervisor.process import Child, Process
from muse_site.supervisor.watchdog import Patience, Watchdog

_TICK = 0.1


class StartFailed(RuntimeError):
    """A process did not become healthy at the first start, so that nothing runs."""


@dataclass(frozen=True)
class Timing:
    """What the supervisor gives its processes; times in seconds."""

    settle: float = 1.0  # life after which a process without a health check counts as healthy
    start: float = 60.0  # to become healthy
    grace: float = 15.0  # to end when asked to
    attempts: int = 5  # deaths before it has become healthy once, after which the whole start has failed
    first_delay: float = 0.5  # before the first restart; doubles with each
    longest_delay: float = 30.0
    forgive: float = 60.0  # life after which earlier deaths are forgotten


class _Kept:
    """A process that is kept running, and how its restarts stand."""

    def __init__(self, process: Process) -> None:
        self.process = process
        self.child: Child | None = None
        self.healthy = False
        self.deaths = 0
        self.start_at = 0.0


class Supervisor:
    """Runs processes until SIGINT or SIGTERM. One at a time per data directory."""

    def __init__(
        self,
        processes: Sequence[Process],
        *,
        data_directory: Path,
        output: Output,
        timing: Timing | None = None,
        patience: Patience | None = None,
    ) -> None:
        self._kept = [_Kept(process) for process in processes]
        self._directory = data_directory
        self._output = output
        self._timing = timing or Timing()
        self._patience = patience or Patience()
        self._leftovers = Leftovers(data_directory / "supervisor.groups")
        self._stopping = False

    def run(self) -> None:
        """Start everything, keep it running, and return when all has been stopped.

        Raises:
            AlreadyRunning: another supervisor runs on this data directory.
            StartFailed: a process did not become healthy; what had been started is stopped.
        """
        with exclusive(self._directory / "supervisor.lock"):
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, self._on_signal)
            for name in self._leftovers.end(self._timing.grace):
                self._output.say(f"ended {name}, left behind by a supervisor that was killed")
            try:
                self._bring_up()
                self._keep_up()
            finally:
                self._take_down()

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._stopping = True  # and no more: the output's lock may be held by what was interrupted

    def _bring_up(self) -> None:
        for number, kept in enumerate(self._kept):
            deadline = time.monotonic() + self._timing.start
            while not kept.healthy and not self._stopping:
                if time.monotonic() > deadline and not kept.process.once:
                    raise StartFailed(f"{kept.process.name} did not become healthy in {self._timing.start:g} s")
                if kept.deaths >= self._timing.attempts:
                    raise StartFailed(f"{kept.process.name} died {kept.deaths} times; its last lines say why")
                for started in self._kept[: number + 1]:
                    self._look_after(started)
                time.sleep(_TICK)
        if not self._stopping:
            self._output.say("everything runs; stop with Ctrl-C")

    def _keep_up(self) -> None:
        while not self._stopping:
            for kept in self._kept:
                try:
                    self._look_after(kept)
                except Exception as error:  # what fails to start again must not take the others down
                    self._output.say(f"{kept.process.name} does not start: {error}")
                    self._put_off(kept)
            time.sleep(_TICK)

    def _put_off(self, kept: _Kept) -> None:
        kept.start_at = time.monotonic() + self._timing.longest_delay
        if kept.child is not None:
            kept.child.kill()

    def _look_after(self, kept: _Kept) -> None:
        """One step for one process: start it, see it healthy, or see it dead."""
        if kept.child is None:
            done = kept.process.once and kept.healthy
            if not done and time.monotonic() >= kept.start_at:
                self._start(kept)
        elif (code := kept.child.exit_code()) is not None:
            self._on_end(kept, kept.child, code)
        elif not kept.healthy:
            self._look_at_health(kept, kept.child)

    def _start(self, kept: _Kept) -> None:
        if kept.process.prepare:
            kept.process.prepare()
        self._output.say(f"starting {kept.process.name}")
        kept.child = Child(kept.process, self._output)
        self._leftovers.remember(kept.child)

    def _on_end(self, kept: _Kept, child: Child, code: int) -> None:
        child.bury()
        self._leftovers.forget(child)
        kept.child = None
        kept.healthy = kept.process.once and code == 0
        if kept.healthy:
            return
        if kept.process.once:
            raise StartFailed(f"{kept.process.name} ended with code {code}")
        kept.deaths = 1 if child.age > self._timing.forgive else kept.deaths + 1
        delay = min(self._timing.first_delay * 2 ** (kept.deaths - 1), self._timing.longest_delay)
        kept.start_at = time.monotonic() + delay
        self._output.say(f"{kept.process.name} died ({_how(code)}); restarting it in {delay:g} s")

    def _look_at_health(self, kept: _Kept, child: Child) -> None:
        if kept.process.once:
            return
        healthy = kept.process.healthy
        kept.healthy = healthy() if healthy else child.age > self._timing.settle
        if kept.healthy:
            self._on_healthy(kept, child)
        elif child.age > self._timing.start:
            self._output.say(f"{kept.process.name} is not healthy after {self._timing.start:g} s: killing it")
            child.kill()

    def _on_healthy(self, kept: _Kept, child: Child) -> None:
        if kept.process.ready:
            kept.process.ready()
        self._output.say(f"{kept.process.name} is healthy")
        if kept.process.watched:
            Watchdog(child, self._output, self._patience).start()

    def _take_down(self) -> None:
        self._output.say("stopping")
        for kept in reversed(self._kept):
            if kept.child is None:
                continue
            if not kept.child.stop(self._timing.grace):
                self._output.say(f"{kept.process.name} did not end in {self._timing.grace:g} s: killed")
            self._leftovers.forget(kept.child)
            self._output.say(f"stopped {kept.process.name}")


def _how(code: int) -> str:
    return f"code {code}" if code >= 0 else signal.Signals(-code).name
