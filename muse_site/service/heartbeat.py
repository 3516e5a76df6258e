"""The beats that tell the supervisor of a process's life: the first says that it serves, each later one that it lives.

A thread gives them, so that a process whose requests take long is not taken for one that is stopped. One that finds
itself stuck ends, for nothing else can help those who wait for it.
"""

import os
import threading
import time
from collections.abc import Callable
from contextlib import suppress

EVERY = 0.25  # seconds
STUCK = 75  # the code that a process ends with which found itself stuck


def start_beating(pipe: int, stuck: Callable[[], bool] = lambda: False) -> None:
    """Write a byte to this pipe now and every quarter of a second, until nobody reads it any more.

    Once the process is `stuck` it ends, with the code STUCK.
    """
    os.set_blocking(pipe, False)
    threading.Thread(target=_beat, args=(pipe, stuck), name="heartbeat", daemon=True).start()


def _beat(pipe: int, stuck: Callable[[], bool]) -> None:
    with suppress(BrokenPipeError):
        while True:
            if stuck():
                os._exit(STUCK)
            with suppress(BlockingIOError):  # a supervisor that does not read now finds enough when it does
                os.write(pipe, b".")
            time.sleep(EVERY)
