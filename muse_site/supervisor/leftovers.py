"""Process groups that a killed supervisor has left behind: remembered in a file, ended at the next start."""

import json
import os
import signal
import time
from contextlib import suppress
from pathlib import Path

from muse_site.supervisor import proctable
from muse_site.supervisor.process import Child


class Leftovers:
    """The file that remembers each running group by its leader's number and time of start."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._groups: dict[str, tuple[int, int, int]] = {}

    def remember(self, child: Child) -> None:
        """Note a child that was just started."""
        found = proctable.entry(child.pid)
        if found is not None:
            self._groups[child.process.name] = (child.pid, found.started, int(child.process.stop_signal))
            self._save()

    def forget(self, child: Child) -> None:
        """Note that a child has ended; another of its name may run."""
        if self._groups.get(child.process.name, (0,))[0] == child.pid:
            del self._groups[child.process.name]
            self._save()

    def end(self, grace: float) -> list[str]:
        """End what the last supervisor has left, newest first; return the names."""
        ended = []
        for name, (pid, started, stop_signal) in reversed(self._load().items()):
            if _members(pid, started):
                _end(pid, started, stop_signal, grace)
                ended.append(name)
        self._save()
        return ended

    def _load(self) -> dict[str, tuple[int, int, int]]:
        try:
            found = json.loads(self._file.read_text())
            return {name: (int(pid), int(started), int(stop)) for name, (pid, started, stop) in found.items()}
        except (OSError, ValueError):  # none, or a file that is not whole: as if nothing was left
            return {}

    def _save(self) -> None:
        draft = self._file.with_suffix(".new")
        draft.write_text(json.dumps(self._groups))
        draft.replace(self._file)


def _members(pid: int, started: int) -> list[proctable.Entry]:
    """The group's living members; none if its number was given to another process since."""
    leader = proctable.entry(pid)
    if leader is not None and leader.started != started:
        return []
    return [member for member in proctable.group(pid) if member.started >= started]


def _end(pid: int, started: int, stop_signal: int, grace: float) -> None:
    for each_signal, seconds in ((stop_signal, grace), (signal.SIGKILL, 5.0)):
        with suppress(ProcessLookupError):
            os.killpg(pid, each_signal)
            os.killpg(pid, signal.SIGCONT)  # a stopped process would not hear the first
        deadline = time.monotonic() + seconds
        while _members(pid, started):
            if time.monotonic() > deadline:
                break
            time.sleep(0.05)
        else:
            return
