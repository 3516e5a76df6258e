"""New code for everything that runs ours, asked for by SIGUSR1: first its migrations, then one process after another.

Of a service the new process serves before the old one drains, so no request fails. Where the new code does not come
up, what runs goes on, and the rest is left as it is.
"""

from collections.abc import Callable, Generator, Sequence
from threading import Thread

from muse_site.supervisor.kept import Kept
from muse_site.supervisor.output import Output
from muse_site.supervisor.process import Child, Process


class NotRenewed(Exception):
    """New code does not come up; the message says which, and why."""


class Renewal:
    """One renewal, step by step: `step` until it returns True."""

    # `start` starts a process, `healthy` is told of one that has taken its place, `ended` of one that is gone;
    # `limit` and `grace` are the seconds that one has to come up, and to end.
    def __init__(
        self,
        kept: Sequence[Kept],
        *,
        start: Callable[[Process], Child],
        healthy: Callable[[Kept, Child], None],
        ended: Callable[[Child], None],
        output: Output,
        limit: float,
        grace: float,
    ) -> None:
        self._start, self._healthy, self._ended = start, healthy, ended
        self._output, self._limit, self._grace = output, limit, grace
        self._steps = self._renew([each for each in kept if each.process.renewed])

    def step(self) -> bool:
        """Go on as far as there is nothing to wait for; returns whether it is over."""
        try:
            next(self._steps)
        except StopIteration:
            self._output.say("everything is renewed")
        except Exception as error:  # whatever it is, what runs goes on
            self._output.say(f"not renewed: {error}; what runs goes on")
        else:
            return False
        return True

    def abandon(self) -> None:
        """End what has been started and is in nobody's place yet."""
        self._steps.close()

    def _renew(self, all_kept: Sequence[Kept]) -> Generator[None, None, None]:
        for kept in all_kept:
            if kept.process.once:
                yield from self._run(kept.process)
            elif kept.process.listens:
                yield from self._succeed(kept)
            elif kept.child is not None:
                yield from self._again(kept, kept.child)

    def _run(self, process: Process) -> Generator[None, None, None]:
        child = self._start(process)
        try:
            while child.exit_code() is None:
                yield
        finally:
            self._end(child)
        if child.exit_code():
            raise NotRenewed(f"{process.name} ended with code {child.exit_code()}")

    def _succeed(self, kept: Kept) -> Generator[None, None, None]:
        """Both serve on the same socket, until the old one has drained."""
        child = self._start(kept.process)
        try:
            while not child.healthy(0.0):
                self._check(child)
                yield
        except BaseException:  # it is not coming up, or nobody waits for it any more
            self._end(child)
            raise
        old, kept.child = kept.child, child
        self._healthy(kept, child)
        if old is not None:
            yield from self._stop(old)

    def _again(self, kept: Kept, child: Child) -> Generator[None, None, None]:
        """There must never be two of it: the supervisor starts the next when this one is gone."""
        kept.child, kept.healthy, kept.deaths, kept.start_at = None, False, 0, float("inf")
        try:
            yield from self._stop(child)
        finally:
            kept.start_at = 0.0
        while not kept.healthy:
            if kept.deaths:
                raise NotRenewed(f"{kept.process.name} died at its start; its last lines say why")
            yield

    def _stop(self, child: Child) -> Generator[None, None, None]:
        stopping = Thread(target=child.stop, args=(self._grace,), daemon=True)
        stopping.start()
        while stopping.is_alive():
            yield
        self._ended(child)

    def _check(self, child: Child) -> None:
        if child.exit_code() is not None:
            raise NotRenewed(f"{child.process.name} died at its start; its last lines say why")
        if child.age > self._limit:
            raise NotRenewed(f"{child.process.name} did not become healthy in {self._limit:g} s")

    def _end(self, child: Child) -> None:
        child.bury()
        self._ended(child)
