"""Whose turn it is in a scoring process: one request at a time, fair between tenants, and no more than can be served.

A process computes one thing at a time: two at once would only take longer, each. Who comes meanwhile waits in line, in
the order of start-time fair queuing: each tenant has clocks of its own, one for single events and one for large
requests, that go on by the events it has had scored, and the request of the slowest clock is next. So a tenant that
sends ten times what can be served waits for itself, and another's single event passes it. Large requests give their
turn away between slices (`pause`).

Single events wait for a slice or so, and are never refused here. Of large requests there may be as many events in
flight as can be scored in `seconds`, as measured here, and each tenant's part of it is one of as many as have some in
flight. What is beyond is refused at once: its client learns to wait while the others are still served in time. A tenant
that has none in flight is let in whatever the size.
"""

import heapq
import math
import threading
import time
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

from tenants.refusals import TooManyRequests, Unavailable

ENDED = "muse.ended"  # in a request's environment: to be called once it is answered, or its client has gone
RETRY_AFTER = 1.0  # seconds
OWN_COST = 2  # what a request costs beside its events, in events
SLICE = 64  # events; a request of more than these is a large one
LARGEST_SLICE = 1024
_SLICE_SECONDS = 0.004  # of work, after which a large request asks whether somebody else is next
_FIRST_RATE = 10_000.0  # events a second, until some were measured
_MEMORY = 0.98  # of what was measured, after each further request

_here = threading.local()


class _Flow:
    """What a tenant has in flight of one kind. `finish`: its clock, in events."""

    __slots__ = ("events", "finish", "is_large", "requests")

    def __init__(self, is_large: bool) -> None:
        self.is_large = is_large
        self.events = self.requests = 0
        self.finish = 0.0


class Turn:
    """One request that was let in. `tag`: its place in line; `began`: when its slice began, None while it waits.

    `until`: by the clock, when its client does not wait for the answer any longer; None where it does not say.
    """

    __slots__ = ("began", "events", "flow", "spent", "tag", "tenant", "until", "wake")

    def __init__(self, tenant: int, flow: _Flow, events: int, tag: float) -> None:
        self.tenant, self.flow, self.events, self.tag = tenant, flow, events, tag
        self.until: float | None = None
        self.began: float | None = None
        self.spent = 0.0
        self.wake: Any = None


class Admission:
    """The line of one process.

    seconds: of work that may be in flight; none waits longer for its turn than twice that. slots: how many large
    requests of one tenant may be in flight, for each holds a thread.
    """

    def __init__(self, *, seconds: float, slots: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._slots = slots
        self._clock = clock
        self._lock = threading.Lock()
        self._small: dict[int, _Flow] = {}
        self._large: dict[int, _Flow] = {}
        self._line: list[tuple[float, int, Turn]] = []
        self._numbers = count()
        self._running: Turn | None = None
        self._now = 0.0  # the line's clock: the tag of whoever had the latest turn
        self._events, self._spent = _FIRST_RATE, 1.0

    def enter(self, tenant: int, events: int, seconds: float | None = None) -> Turn:
        """Wait for a turn, to be given back by `leave`. seconds: for which the client waits for its answer, if known.

        Raises TooManyRequests where the tenant has more than its part in flight, Unavailable where all of it is in use
        or the client's time is over.
        """
        longest = 2 * self._seconds
        if seconds is not None:
            longest = _time_left(seconds, longest)
        with self._lock:
            turn = self._admitted(tenant, events)
            turn.until = None if seconds is None else self._clock() + seconds
            if self._running is None:
                self._begin(turn)
            else:
                self._stand_in_line(turn)
        if turn.wake is not None and not turn.wake.acquire(timeout=longest):
            self._give_up(turn)
        _here.turn = self, turn
        return turn

    def check(self, tenant: int, events: int, inside: int = 0) -> None:
        """Raises as `enter` would now for a large request of a tenant that has more than its part in flight.

        `inside`: how many of its large requests were let past this, and are not answered; of them there may be one more
        than may be in flight, so that one is there when another has ended. All that came at once would be read, only to
        be refused. But where none is in flight, those that come in may be slow, and hold up none.

        It takes no lock, so it may be wrong by a request that comes or goes at this very moment.
        """
        flow = self._large.get(tenant)
        if events > SLICE and flow is not None:
            self._check(flow, events + OWN_COST, inside)

    def leave(self, turn: Turn) -> None:
        """Give the turn back: the work is done, or has failed."""
        _here.turn = None
        with self._lock:
            self._end_slice(turn)
            self._events = self._events * _MEMORY + turn.events
            self._spent = self._spent * _MEMORY + turn.spent
            self._forget(turn)
            self._next()

    def pause(self, turn: Turn, events: int) -> None:
        """So many events of the work are done: let those who are before it now have their turn."""
        turn.tag += events
        self._end_slice(turn)
        if not self._line or self._line[0][0] >= turn.tag:
            turn.began = self._clock()
        else:
            with self._lock:
                self._stand_in_line(turn)
                self._next()
            turn.wake.acquire()
        if turn.until is not None:
            _time_left(turn.until - self._clock())

    def weigh(self, turn: Turn, events: int) -> None:
        """The work is of so many events, as is known only now.

        Raises as `enter` where it was let in as if it were a single event, or a few, and is a large request.
        """
        with self._lock:
            if events > SLICE and not turn.flow.is_large:
                self._enlarge(turn, events + OWN_COST)
            more = events + OWN_COST - turn.events
            turn.events += more
            turn.flow.events += more
            turn.flow.finish += more

    def slice(self) -> int:
        """How many events are scored between two looks at the line: what takes some milliseconds, as measured here."""
        return min(LARGEST_SLICE, max(SLICE, int(_SLICE_SECONDS * self._events / self._spent)))

    @property
    def waiting(self) -> int:
        """How many requests stand in line."""
        return len(self._line)

    def working_since(self) -> float | None:
        """When the slice began that is being worked on, by the clock; None when nobody has a turn."""
        running = self._running
        return running.began if running is not None else None

    # ---- all below runs under self._lock, but for _give_up, which takes it

    def _admitted(self, tenant: int, events: int) -> Turn:
        flows, is_large = (self._large, True) if events > SLICE else (self._small, False)
        cost = events + OWN_COST
        flow = flows.get(tenant)
        if flow is None:
            flow = flows[tenant] = _Flow(is_large)
        elif is_large:
            self._check(flow, cost)
        flow.requests += 1
        flow.events += cost
        tag = max(self._now, flow.finish)
        flow.finish = tag + cost
        return Turn(tenant, flow, cost, tag)

    def _enlarge(self, turn: Turn, cost: int) -> None:
        """Have a turn stand among the large requests, by their clock, as if it had come as one of them."""
        flow = self._large.get(turn.tenant)
        if flow is not None:
            self._check(flow, cost)
        turn.flow.finish -= turn.events
        self._forget(turn)
        turn.flow = flow = self._large.setdefault(turn.tenant, flow or _Flow(is_large=True))
        flow.requests += 1
        flow.events += turn.events
        turn.tag = max(self._now, flow.finish)
        flow.finish = turn.tag + turn.events

    def _check(self, flow: _Flow, cost: int, inside: int = 0) -> None:
        tenants = max(1, len(self._large))
        most = self._seconds * self._events / self._spent / tenants
        has_slot = flow.requests < max(1, self._slots // tenants) and inside <= self._slots
        if has_slot and flow.events + cost <= most:
            return
        if tenants > 1:
            raise TooManyRequests("The tenant has as many events in flight as its part of this machine.", RETRY_AFTER)
        raise Unavailable("As many events are in flight as can be scored in time.", RETRY_AFTER)

    def _begin(self, turn: Turn) -> None:
        self._running = turn
        self._now = max(self._now, turn.tag)
        turn.began = self._clock()

    def _end_slice(self, turn: Turn) -> None:
        if turn.began is not None:
            turn.spent += self._clock() - turn.began
            turn.began = None

    def _stand_in_line(self, turn: Turn) -> None:
        turn.wake = threading.Lock()
        turn.wake.acquire()
        heapq.heappush(self._line, (turn.tag, next(self._numbers), turn))

    def _next(self) -> None:
        self._running = None
        if self._line:
            turn = heapq.heappop(self._line)[2]
            self._begin(turn)
            turn.wake.release()

    def _give_up(self, turn: Turn) -> None:
        with self._lock:
            if turn.began is not None:  # it has got its turn at this very moment
                return
            self._line = [each for each in self._line if each[2] is not turn]
            heapq.heapify(self._line)
            self._forget(turn)
        raise Unavailable("It has waited for its turn as long as is worth waiting.", RETRY_AFTER)

    def _forget(self, turn: Turn) -> None:
        flow = turn.flow
        flow.requests -= 1
        flow.events -= turn.events
        if not flow.requests:
            del (self._large if flow.is_large else self._small)[turn.tenant]


def _time_left(seconds: float, longest: float = math.inf) -> float:
    if seconds <= 0.0:
        raise Unavailable("The time that the request gave itself is over.", RETRY_AFTER)
    return min(seconds, longest)


def pause(events: int) -> None:
    """Let others have their turn, if this thread has one: so many events of its work are done.

    Raises Unavailable where the client does not wait any longer.
    """
    admission, turn = getattr(_here, "turn", None) or (None, None)
    if admission is not None:
        admission.pause(turn, events)


def slices(count: int, ease: int = 1) -> Iterator[range]:
    """The places of so many events, slice by slice; between two of them others have their turn.

    `ease`: with so many of them is as much to be done as with one that is scored.
    """
    admission, _ = getattr(_here, "turn", None) or (None, None)
    size = ease * (admission.slice() if admission is not None else SLICE)
    for start in range(0, count, size):
        places = range(start, min(start + size, count))
        yield places
        pause(-(-len(places) // ease))


def weigh(events: int) -> None:
    """Say of how many events the work is that this thread has its turn for."""
    admission, turn = getattr(_here, "turn", None) or (None, None)
    if admission is not None:
        admission.weigh(turn, events)
