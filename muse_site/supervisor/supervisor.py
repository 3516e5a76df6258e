"""The supervisor: brings processes up in order, restarts what dies, takes all down in reverse order.

Those of one stage start at once; the next stage waits until all of them are healthy, or have run to their ends.
"""

import signal
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from muse_site.supervisor.kept import Kept
from muse_site.supervisor.leftovers import Leftovers
from muse_site.supervisor.listening import CannotListen, Sockets
from muse_site.supervisor.lock import LOCK, exclusive
from muse_site.supervisor.output import Output
from muse_site.supervisor.process import Child, Process
from muse_site.supervisor.renewal import Renewal
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


class Supervisor:
    """Runs processes until SIGINT or SIGTERM; SIGUSR1 has them run new code. One at a time per data directory."""

    def __init__(
        self,
        processes: Sequence[Process],
        *,
        data_directory: Path,
        output: Output,
        timing: Timing | None = None,
        patience: Patience | None = None,
    ) -> None:
        self._kept = [Kept(process) for process in processes]
        self._directory = data_directory
        self._output = output
        self._timing = timing or Timing()
        self._patience = patience or Patience()
        self._leftovers = Leftovers(data_directory / "supervisor.groups")
        self._sockets = Sockets()
        self._renewal: Renewal | None = None
        self._renew_asked = self._stopping = False

    def run(self) -> None:
        """Start everything, keep it running, and return when all has been stopped.

        Raises:
            AlreadyRunning: another supervisor runs on this data directory.
            StartFailed: a process did not become healthy; what had been started is stopped.
        """
        with exclusive(self._directory / LOCK):
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, self._on_signal)
            signal.signal(signal.SIGUSR1, self._on_renew)
            for name in self._leftovers.end(self._timing.grace):
                self._output.say(f"ended {name}, left behind by a supervisor that was killed")
            try:
                self._bring_up()
                self._keep_up()
            except CannotListen as error:
                raise StartFailed(str(error)) from error
            finally:
                self._take_down()
                self._sockets.close()

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._stopping = True  # and no more: the output's lock may be held by what was interrupted

    def _on_renew(self, _number: int, _frame: FrameType | None) -> None:
        self._renew_asked = True

    def _bring_up(self) -> None:
        begun = 0
        for stage in _stages(self._kept):
            begun += len(stage)
            deadline = time.monotonic() + self._timing.start
            while not all(kept.healthy for kept in stage) and not self._stopping:
                for kept in stage:
                    self._check_start(kept, deadline)
                for started in self._kept[:begun]:
                    self._look_after(started)
                time.sleep(_TICK)
        if not self._stopping:
            self._output.say("everything runs; stop with Ctrl-C")

    def _check_start(self, kept: Kept, deadline: float) -> None:
        if not kept.healthy and not kept.process.once and time.monotonic() > deadline:
            raise StartFailed(f"{kept.process.name} did not become healthy in {self._timing.start:g} s")
        if not kept.healthy and kept.deaths >= self._timing.attempts:
            raise StartFailed(f"{kept.process.name} died {kept.deaths} times; its last lines say why")

    def _keep_up(self) -> None:
        while not self._stopping:
            for kept in self._kept:
                try:
                    self._look_after(kept)
                except Exception as error:  # what fails to start again must not take the others down
                    self._output.say(f"{kept.process.name} does not start: {error}")
                    self._put_off(kept)
            self._go_on_renewing()
            time.sleep(_TICK)

    def _go_on_renewing(self) -> None:
        if self._renewal is None and self._renew_asked:
            self._renew_asked = False
            self._renewal = self._renew()
        if self._renewal is not None and self._renewal.step():
            self._renewal = None

    def _renew(self) -> Renewal:
        self._output.say("renewing: new code for everything but the databases")
        return Renewal(
            self._kept,
            start=self._start_child,
            healthy=self._on_healthy,
            ended=self._leftovers.forget,
            output=self._output,
            limit=self._timing.start,
            grace=self._timing.grace,
        )

    def _put_off(self, kept: Kept) -> None:
        kept.start_at = time.monotonic() + self._timing.longest_delay
        if kept.child is not None:
            kept.child.kill()

    def _look_after(self, kept: Kept) -> None:
        """One step for one process: start it, see it healthy, or see it dead."""
        if kept.child is None:
            done = kept.process.once and kept.healthy
            if not done and time.monotonic() >= kept.start_at:
                self._start(kept)
        elif (code := kept.child.exit_code()) is not None:
            self._on_end(kept, kept.child, code)
        elif not kept.healthy:
            self._look_at_health(kept, kept.child)

    def _start(self, kept: Kept) -> None:
        kept.child = self._start_child(kept.process)

    def _start_child(self, process: Process) -> Child:
        if process.prepare:
            process.prepare()
        listening = self._sockets.on(process.listens) if process.listens else None
        self._output.say(f"starting {process.name}")
        child = Child(process, self._output, listening)
        self._leftovers.remember(child)
        return child

    def _on_end(self, kept: Kept, child: Child, code: int) -> None:
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

    def _look_at_health(self, kept: Kept, child: Child) -> None:
        if kept.process.once:
            return
        if child.healthy(self._timing.settle):
            self._on_healthy(kept, child)
        elif child.age > self._timing.start:
            self._output.say(f"{kept.process.name} is not healthy after {self._timing.start:g} s: killing it")
            child.kill()

    def _on_healthy(self, kept: Kept, child: Child) -> None:
        kept.healthy = True
        if kept.process.ready:
            kept.process.ready()
        self._output.say(f"{kept.process.name} is healthy")
        if kept.process.watched:
            Watchdog(child, self._output, self._patience).start()

    def _take_down(self) -> None:
        self._output.say("stopping")
        if self._renewal is not None:
            self._renewal.abandon()
        for kept in reversed(self._kept):
            if kept.child is None:
                continue
            if not kept.child.stop(self._timing.grace):
                self._output.say(f"{kept.process.name} did not end in {self._timing.grace:g} s: killed")
            self._leftovers.forget(kept.child)
            self._output.say(f"stopped {kept.process.name}")


def _stages(all_kept: Sequence[Kept]) -> list[list[Kept]]:
    """Those that start at once, in the order in which they are declared."""
    stages: list[list[Kept]] = []
    for kept in all_kept:
        if kept.process.stage and stages and stages[-1][0].process.stage == kept.process.stage:
            stages[-1].append(kept)
        else:
            stages.append([kept])
    return stages


def _how(code: int) -> str:
    return f"code {code}" if code >= 0 else signal.Signals(-code).name
