"""How long a predictor ran: by the clock and, where that is long, by what its thread had of a processor meanwhile.

On a machine with more to do than processors a thread may stand still for seconds, with any predictor in its hands.
"""

import math
import threading
from time import perf_counter, thread_time

_LONG = 0.1  # seconds: to ask for a thread's time costs some ten times what the clock does, so that it is asked rarely


class Stopwatch(threading.local):
    """One for each thread. Runs in a thread come one after the other."""

    _at = -math.inf
    _worked = 0.0  # of a processor's time, until then

    def start(self) -> float:
        """What `took` wants to know."""
        now = perf_counter()
        if now - self._at > _LONG:
            self._at, self._worked = now, thread_time()
        return now

    def took(self, started: float) -> float:
        """Seconds that the run took; of a long one those that its thread worked, up to a tenth more."""
        seconds = perf_counter() - started
        return seconds if seconds < _LONG else min(seconds, thread_time() - self._worked)
