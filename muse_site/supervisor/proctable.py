"""What Linux tells about processes in /proc; elsewhere nothing is found.

Paths are plain strings here, and no `Path`: it keeps each of its parts in the interpreter's table of names while it
lives. Of numbers that are looked at every second that table fills up again and again, and is made anew each time, by
whichever thread looks: several MiB in the heap of each, which are never given back.
"""

import os
from dataclasses import dataclass


@dataclass(frozen=True)
class Entry:
    """One process: `started` in clock ticks since boot tells two processes of the same number apart."""

    pid: int
    state: str
    group: int
    started: int

    @property
    def gone(self) -> bool:
        """Dead, and only waiting for its parent to notice."""
        return self.state in "ZX"

    @property
    def stopped(self) -> bool:
        """Stopped by a signal: it keeps its connections and answers none."""
        return self.state == "T"


def entry(pid: int) -> Entry | None:
    """The process of this number, if there is one."""
    try:
        with open(f"/proc/{pid}/stat", errors="replace") as file:  # noqa: PTH123 — see above
            text = file.read()
    except OSError:
        return None
    # The name, in parentheses, may hold anything: count from behind it.
    fields = text.rpartition(")")[2].split()
    return Entry(pid=pid, state=fields[0], group=int(fields[2]), started=int(fields[19]))


def group(pid: int) -> list[Entry]:
    """The living members of a process group."""
    entries = [found for found in map(entry, _numbers()) if found is not None]
    return [member for member in entries if member.group == pid and not member.gone]


def _numbers() -> list[int]:
    try:
        return [int(name) for name in os.listdir("/proc") if name.isdigit()]  # noqa: PTH208 — see above
    except OSError:
        return []
