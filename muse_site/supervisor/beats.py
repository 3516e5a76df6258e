"""What the supervisor hears of a process that beats: one byte when it serves, and one every moment that it lives."""

import os
import time


class Beats:
    """One end of a pipe; the child writes to the other. Times are the supervisor's own, in seconds."""

    def __init__(self) -> None:
        ear, self.mouth = os.pipe()
        os.set_blocking(ear, False)
        self._ear = os.fdopen(ear, "rb", buffering=0)
        self._since = time.monotonic()
        self._heard_at: float | None = None

    def started(self) -> None:
        """The child has its end now: close it here."""
        os.close(self.mouth)

    def heard(self) -> bool:
        """Whether it has beaten at all."""
        self._listen()
        return self._heard_at is not None

    def silence(self) -> float:
        """Seconds since the last beat, or since the start."""
        self._listen()
        return time.monotonic() - (self._heard_at or self._since)

    def _listen(self) -> None:
        if self._ear.read(65_536):
            self._heard_at = time.monotonic()
