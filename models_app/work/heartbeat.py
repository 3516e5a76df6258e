"""Signs of life from long work: a worker that stops giving them is taken for dead, and its work is given out again."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import structlog
from django.db import connection
from django.utils import timezone

BEAT_SECONDS = 2.0
DEAD_AFTER_SECONDS = 15.0
WAITING_SECONDS = 30.0
MAX_ATTEMPTS = 5

log = structlog.get_logger(__name__)


def ago(seconds: float) -> datetime:
    """The time that many seconds before now."""
    return timezone.now() - timedelta(seconds=seconds)


@contextmanager
def beating(beat: Callable[[], None], seconds: float = BEAT_SECONDS) -> Iterator[None]:
    """Call `beat` every few seconds, in a thread with a database connection of its own, while the block runs."""
    stop = threading.Event()
    thread = threading.Thread(target=_beat_until, args=(stop, beat, seconds), name="heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _beat_until(stop: threading.Event, beat: Callable[[], None], seconds: float) -> None:
    try:
        while not stop.wait(seconds):
            try:
                beat()
            except Exception as error:  # a database that is away comes back, and the work goes on meanwhile
                log.warning("no sign of life given", error=str(error))
                connection.close()
    finally:
        connection.close()
