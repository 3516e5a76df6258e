"""Batches at a steady rate, from a process of their own: in the interpreter of what is measured they would spoil it.

`python -m tests.faults.batches ADDRESS RATE CONNECTIONS SECONDS`, with the token on the first line of its input and the
body on the rest; it prints one JSON array a request: when it was due, seconds, status, Retry-After.
"""

import json
import subprocess
import sys
import time
from pathlib import Path

from tests.faults.load import Seen, Sent, clients
from tests.faults.standing_back import stand_back

ROOT = Path(__file__).resolve().parents[2]


class Batches:
    """A running load of batches, whose process yields to others where the machine is busy."""

    def __init__(self, address: str, token: str, body: bytes, *, rate: float, count: int, seconds: float) -> None:
        argv = [sys.executable, "-m", "tests.faults.batches", address, str(rate), str(count), str(seconds)]
        self._popen = subprocess.Popen(
            argv, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
        )
        assert self._popen.stdin is not None
        self._popen.stdin.write(token.encode() + b"\n" + body)
        self._popen.stdin.close()

    def seen(self) -> Seen:
        """What came of it, once it has ended."""
        assert self._popen.stdout is not None
        sent = [Sent(due, seconds, status, "", after) for due, seconds, status, after in json.load(self._popen.stdout)]
        assert self._popen.wait(60) == 0
        return Seen(sent)


def main() -> None:
    address, rate, count, seconds = sys.argv[1:]
    stand_back(10)
    token, _, body = sys.stdin.buffer.read().partition(b"\n")
    path = "/api/v1/score/batch"
    with clients(address, token.decode(), rate=float(rate), count=int(count), path=path, body=body) as seen:
        time.sleep(float(seconds))
    json.dump([(each.due, each.seconds, each.status, each.retry_after) for each in seen.sent], sys.stdout)


if __name__ == "__main__":
    main()
