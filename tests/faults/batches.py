"""Batches at a steady rate, from a process of their own: in the interpreter of what is measured they would spoil it.

`python -m tests.faults.batches` is `python -m benchmarks.open_loop` that stands back behind all else.
"""

import json
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks import open_loop
from tests.faults.load import Seen, Sent
from tests.faults.standing_back import stand_back

ROOT = Path(__file__).resolve().parents[2]


class Batches:
    """A running load of batches, over `most` connections, whose process stands back where the machine is busy."""

    def __init__(self, address: str, token: str, body: bytes, *, rate: float, most: int, seconds: float) -> None:
        asked = urlsplit(address)
        argv = [sys.executable, "-m", "tests.faults.batches", asked.hostname or "", str(asked.port)]
        self._popen = subprocess.Popen(
            [*argv, str(rate), str(seconds), str(most)],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True,
        )  # fmt: skip
        assert self._popen.stdin is not None
        self._popen.stdin.write(open_loop.post(asked.netloc, "/api/v1/score/batch", token, body))
        self._popen.stdin.close()

    def seen(self) -> Seen:
        """What came of it, once it has ended."""
        assert self._popen.stdout is not None
        sent = [Sent(due, seconds, status, "", after) for due, seconds, status, after in json.load(self._popen.stdout)]
        assert self._popen.wait(60) == 0
        return Seen(sent)


if __name__ == "__main__":
    stand_back(10)
    open_loop.main(*sys.argv[1:])
