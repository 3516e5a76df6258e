"""What Linux tells about processes in /proc; elsewhere nothing is found."""

from dataclasses import dataclass
from pathlib import Path


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
        text = Path("/proc", str(pid), "stat").read_text()
    except OSError:
        return None
    # The name, in parentheses, may hold anything: count from behind it.
    fields = text.rpartition(")")[2].split()
    return Entry(pid=pid, state=fields[0], group=int(fields[2]), started=int(fields[19]))


def group(pid: int) -> list[Entry]:
    """The living members of a process group."""
    names = [path.name for path in Path("/proc").glob("[0-9]*")]
    entries = [found for found in map(entry, map(int, names)) if found is not None]
    return [member for member in entries if member.group == pid and not member.gone]
