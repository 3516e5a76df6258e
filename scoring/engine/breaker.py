"""A predictor that fails is left alone for a while, so that nobody waits for it: a circuit breaker.

It opens after several failures in a row, or after a single run that took too long, for a run cannot be interrupted.
While it is open the predictor is not run; then one event tries it. Where that fails too, it stays open twice as long.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

Reason = Literal["error", "no_probability", "too_slow"]
ERROR: Final = "error"
NO_PROBABILITY: Final = "no_probability"
TOO_SLOW: Final = "too_slow"


@dataclass(frozen=True)
class Limits:
    """What a predictor may do before it is left alone.

    failures: in a row. run_seconds: that it may take an event, of a processor's time. open_seconds: for which it is
    left alone at most; the first time it is `FIRST_SECONDS`.
    """

    failures: int = 5
    run_seconds: float = 2.0
    open_seconds: float = 30.0


FIRST_SECONDS = 1.0
SAY_EVERY = 10.0  # seconds


class Breaker:
    """Of one predictor on one route. `reason`: why it is open, "" while it is closed.

    `counts_failures`: else it only opens for runs that take too long, which others have to wait for. There is no lock:
    two events that try at the very same time may both do so, which a predictor can bear.
    """

    __slots__ = ("_clock", "_counts_failures", "_failures", "_limits", "_opened", "_said_at", "_until", "reason")

    def __init__(
        self, limits: Limits, counts_failures: bool = True, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._limits = limits
        self._counts_failures = counts_failures
        self._clock = clock
        self._failures = self._opened = 0
        self._until = 0.0
        self._said_at = -SAY_EVERY
        self.reason: Reason | Literal[""] = ""

    @property
    def wait(self) -> float:
        """Seconds until somebody may try; 0.0 where that is now."""
        return max(0.0, self._until - self._clock()) if self.reason else 0.0

    def may_try(self) -> bool:
        """Whether it is closed, or this is the one event that may try."""
        if not self.reason:
            return True
        if self._clock() < self._until:
            return False
        self._until = self._clock() + self._pause()
        return True

    def ran(self, seconds: float, events: int) -> None:
        """Note a run that gave probabilities, and how long it took."""
        if seconds > self._limits.run_seconds * events:
            self._open(TOO_SLOW)
        elif self._failures or self.reason:
            self._close()

    def failed(self, reason: Reason, seconds: float, events: int) -> None:
        """Note a run that gave none."""
        self._failures += events
        if seconds > self._limits.run_seconds * events:
            self._open(TOO_SLOW)
        elif not self._counts_failures:
            self._close()
        elif self.reason or self._failures >= self._limits.failures:
            self._open(reason)

    def may_say(self) -> bool:
        """Whether it is time to say again that the predictor fails."""
        if self._clock() - self._said_at < SAY_EVERY:
            return False
        self._said_at = self._clock()
        return True

    def _open(self, reason: Reason) -> None:
        self.reason = reason
        self._opened += 1
        self._until = self._clock() + self._pause()

    def _close(self) -> None:
        self._failures = self._opened = 0
        self.reason = ""

    def _pause(self) -> float:
        doublings = min(max(self._opened - 1, 0), 16)
        return min(self._limits.open_seconds, FIRST_SECONDS * 2.0**doublings)
