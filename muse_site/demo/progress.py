"""Says what goes on: a line for each step that is done, and on a terminal a line that counts."""

import sys
import time
from collections.abc import Callable
from threading import Lock

Say = Callable[[str], None]


class Progress:
    """Lines with the seconds since the beginning in front."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._lock = Lock()
        self._counting = sys.stdout.isatty()

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._began

    def say(self, text: str) -> None:
        """A step that is done."""
        with self._lock:
            self._write(f"{text}\n")

    def count(self, text: str) -> None:
        """A passing state, which the next line overwrites."""
        if self._counting:
            with self._lock:
                self._write(text)

    def _write(self, text: str) -> None:
        clear = "\r\x1b[K" if self._counting else ""
        sys.stdout.write(f"{clear}{self.seconds:6.1f} s  {text}")
        sys.stdout.flush()
