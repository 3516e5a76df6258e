"""Tells a scoring process that works from one that is stuck.

Work comes in slices of some milliseconds. A slice that lasts for seconds in which the process has hardly computed waits
for something that does not come. One that computes may be a slow model on a busy machine: it is given longer.
"""

import time
from collections.abc import Callable

IDLE_SECONDS = 4.0
BUSY_SECONDS = 20.0
HARDLY = 0.02  # of the time


class Stuck:
    """`working_since`: when the present slice began, None when there is none; the clocks are in seconds."""

    def __init__(
        self,
        working_since: Callable[[], float | None],
        clock: Callable[[], float] = time.monotonic,
        computed: Callable[[], float] = time.process_time,
    ) -> None:
        self._working_since = working_since
        self._clock = clock
        self._computed = computed
        self._slice: float | None = None
        self._seen_at = self._computed_before = 0.0

    def look(self) -> bool:
        """Whether the process is stuck. To be asked several times a second, from one thread."""
        since = self._working_since()
        if since != self._slice:
            self._slice, self._seen_at, self._computed_before = since, self._clock(), self._computed()
        if since is None:
            return False
        lasted = self._clock() - since
        seen, computed = self._clock() - self._seen_at, self._computed() - self._computed_before
        return lasted > (IDLE_SECONDS if computed <= HARDLY * seen else BUSY_SECONDS)
