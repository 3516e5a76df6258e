"""The beats that tell the supervisor of a process's life: the first says that it serves, each later one that it lives.

A thread gives them, so that a process whose requests take long is not taken for one that is stopped.
"""

import os
import threading
import time
from contextlib import suppress

EVERY = 0.25  # seconds


def start_beating(pipe: int) -> None:
    """Write a byte to this pipe now and every quarter of a second, until nobody reads it any more."""
    os.set_blocking(pipe, False)
    threading.Thread(target=_beat, args=(pipe,), name="heartbeat", daemon=True).start()


def _beat(pipe: int) -> None:
    with suppress(BrokenPipeError):
        while True:
            with suppress(BlockingIOError):  # a supervisor that does not read now finds enough when it does
                os.write(pipe, b".")
            time.sleep(EVERY)
