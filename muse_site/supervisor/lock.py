"""One supervisor per data directory."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LOCK = "supervisor.lock"  # there is one in each folder that the product has run on


class AlreadyRunning(RuntimeError):
    """Another supervisor holds the lock; `pid` is its process."""

    def __init__(self, lock: Path, pid: str) -> None:
        self.pid = pid
        super().__init__(
            f"MUSE already runs on {lock.parent}, as process {pid}. Stop that one first (Ctrl-C, or kill {pid}), "
            "or set MUSE_DATA to another folder."
        )


@contextmanager
def exclusive(lock: Path) -> Iterator[None]:
    """Hold the lock file. The kernel frees it when we die, however we die.

    Raises:
        AlreadyRunning: another process holds it.
    """
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise AlreadyRunning(lock, file.read().strip() or "unknown") from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield
