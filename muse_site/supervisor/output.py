"""The output of all processes in one stream, each line with the name of its process in front."""

import sys
import threading
from collections.abc import Sequence
from typing import TextIO

OWN_NAME = "muse"
_COLOURS = ("36", "33", "32", "35", "34", "96", "93", "92", "95", "94")


class Output:
    """Writes whole lines, so that processes never write into each other's; colours only to a terminal."""

    def __init__(self, names: Sequence[str], stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stdout
        self._lock = threading.Lock()
        self._width = max(len(name) for name in (*names, OWN_NAME))
        self._colours = dict(zip(names, _COLOURS * len(names), strict=False))

    def line(self, name: str, text: str) -> None:
        """One line of the process of this name."""
        prefix = f"{name:<{self._width}} |"
        if self._stream.isatty():
            prefix = f"\x1b[{self._colours.get(name, '1')}m{prefix}\x1b[0m"
        with self._lock:
            self._stream.write(f"{prefix} {text}\n")
            self._stream.flush()

    def say(self, text: str) -> None:
        """One line of the supervisor itself."""
        self.line(OWN_NAME, text)
