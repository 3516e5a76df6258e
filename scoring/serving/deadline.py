"""For how long the client of a request waits, and how much of that is left: `X-Request-Timeout`, in seconds.

The time counts from when the request came in, as its process has seen it: what it waited for its body, for a thread and
for its turn is in it.
"""

import math
import time
from collections.abc import Mapping
from typing import Any

from tenants.refusals import Unreadable

DEADLINE = "HTTP_X_REQUEST_TIMEOUT"
ARRIVED = "muse.arrived"  # when a request came in, by the monotonic clock
LONGEST = 3600.0  # seconds

Environ = Mapping[str, Any]


def deadline(environ: Environ) -> float | None:
    """For how many seconds the client waits for its answer, if it says so. Raises Unreadable."""
    said = environ.get(DEADLINE)
    if said is None:
        return None
    try:
        seconds = float(said)
    except ValueError:
        seconds = math.nan
    if not 0.0 < seconds <= LONGEST:
        raise Unreadable(f"X-Request-Timeout: expected seconds, above 0 and up to {LONGEST:g}, found {said[:40]!r}.")
    return seconds


def time_left(environ: Environ) -> float | None:
    """How much of that is left now, 0.0 or less where it is over. Raises Unreadable."""
    seconds = deadline(environ)
    if seconds is None:
        return None
    now = time.monotonic()
    return seconds - (now - environ.get(ARRIVED, now))
