"""A machine whose clock moves when told to, and whose n-th call of the disk or of the lake goes wrong as told."""

import errno
import os
import random
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import chain
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from scoring.consumer import quarantine
from scoring.queue import system
from scoring.store import artifacts

NOON = 1_795_608_000 * 10**9  # 2026-11-25 12:00 UTC, in nanoseconds
WRITES = ("write", "pwrite")
_MEMORY = Path("/dev/shm")


class Trouble(StrEnum):
    """What can become of a call."""

    FAIL = "fails"
    FULL = "finds the disk full"
    SHORT = "is done in part, and fails if it has no parts"
    LATE = "is done, and fails all the same"
    DIE_BEFORE = "is the last of its process, and is not done"
    DIE_WITHIN = "is the last of its process, and is done in part"
    DIE_AFTER = "is the last of its process, and is done"


class Died(BaseException):
    """The process has ended here, as by kill -9."""


@contextmanager
def empty_disk() -> Iterator[Path]:
    """A folder, gone at the end. What of it is safe is the simulation's own affair, so memory serves, and faster."""
    place = _MEMORY if os.access(_MEMORY, os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="muse-simulated-", dir=place) as name:
        yield Path(name)


@dataclass
class Machine:
    """`folder`: its disk. `troubles`: what becomes of calls, by their numbers from 0 on."""

    folder: Path
    chance: random.Random
    now: float = 1_000.0
    wall: int = NOON
    troubles: dict[int, Trouble] = field(default_factory=dict)
    next_of: dict[str, Trouble] = field(default_factory=dict)  # what becomes of the next call of a name
    calls: list[str] = field(default_factory=list)
    before_call: Callable[[], object] = lambda: None  # what other processes do meanwhile
    _synced: dict[int, int] = field(default_factory=dict)  # inode → bytes that are safe
    _names: list[tuple[str, Path]] = field(default_factory=list)  # made and removed since their folders were synced
    _known: set[Path] = field(default_factory=set)
    _opened: dict[int, Path] = field(default_factory=dict)
    _removed: int = 0

    # ---- time

    def pass_time(self, seconds: float, wall_seconds: float | None = None) -> None:
        """Let time pass; the clock on the wall may be set meanwhile, also back."""
        self.now += seconds
        self.wall += int(1e9 * (seconds if wall_seconds is None else wall_seconds))

    # ---- calls

    def call(self, name: str, act: Callable[[float], Any]) -> Any:
        """Make one call, unless something is to become of it. act: told how much of it is to be done, from 0 to 1."""
        self.before_call()
        trouble = self.troubles.pop(len(self.calls), None) or self.next_of.pop(name, None)
        self.calls.append(name)
        match trouble:
            case None:
                return act(1.0)
            case Trouble.SHORT if name in WRITES:
                return act(self.chance.random())
            case Trouble.LATE if name != "open_file":  # a file that was not opened is not there
                act(1.0)
                raise OSError(errno.EIO, "it was done, but fails")
            case Trouble.FAIL | Trouble.SHORT | Trouble.LATE:
                raise OSError(errno.EIO, "the disk fails")
            case Trouble.FULL:
                raise OSError(errno.ENOSPC, "the disk is full")
            case Trouble.DIE_WITHIN if name in WRITES:
                act(self.chance.random())
            case Trouble.DIE_AFTER:
                act(1.0)
        raise Died(name)

    @contextmanager
    def running(self) -> Iterator[None]:
        """Put this machine in the place of the real one."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(system, "monotonic", lambda: self.now)
            patch.setattr(system, "time_ns", lambda: self.wall)
            for name in ("open_file", "write", "pwrite", "truncate", "fsync", "fdatasync", "link", "unlink"):
                patch.setattr(system, name, getattr(self, f"_{name}"))
            patch.setattr(quarantine, "write_atomically", self._write_atomically)
            patch.setattr(quarantine, "shutil", SimpleNamespace(rmtree=self._remove_folder))
            yield

    def _open_file(self, path: Path, flags: int, mode: int = 0o777) -> int:
        def act(_: float) -> int:
            new = bool(flags & os.O_CREAT) and not Path(path).exists()
            descriptor = os.open(path, flags, mode)
            self._opened[descriptor] = Path(path)
            if new:
                self._synced.pop(os.fstat(descriptor).st_ino, None)  # of another file, which is gone
                self._made(Path(path))
            return descriptor

        if not flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
            return act(1.0)
        return int(self.call("open_file", act))

    def _write(self, descriptor: int, data: bytes) -> int:
        return int(self.call("write", lambda share: os.write(descriptor, memoryview(data)[: _part(data, share)])))

    def _pwrite(self, descriptor: int, data: bytes, offset: int) -> int:
        def act(share: float) -> int:
            return os.pwrite(descriptor, memoryview(data)[: _part(data, share)], offset)

        return int(self.call("pwrite", act))

    def _truncate(self, descriptor: int, length: int) -> None:
        def act(_: float) -> None:
            os.ftruncate(descriptor, length)
            file = os.fstat(descriptor).st_ino
            self._synced[file] = min(length, self._synced.get(file, 0))  # what is written behind is new

        self.call("truncate", act)

    def _fdatasync(self, descriptor: int) -> None:
        self.call("fdatasync", lambda _: self._keep(descriptor))

    def _fsync(self, descriptor: int) -> None:
        self.call("fsync", lambda _: self._keep(descriptor))

    def _link(self, source: Path, target: Path) -> None:
        def act(_: float) -> None:
            os.link(source, target)
            self._made(Path(target))

        self.call("link", act)

    def _write_atomically(self, path: Path, content: bytes, mode: int) -> None:
        self.call("replace", lambda _: artifacts.write_atomically(path, content, mode))

    def _unlink(self, path: Path) -> None:
        self.call("unlink", lambda _: self._bury(Path(path)))

    def _remove_folder(self, folder: Path, *, ignore_errors: bool) -> None:
        """No call of its own: nobody relies upon it."""
        assert ignore_errors
        if folder.exists():
            for path in sorted(folder.iterdir()):
                self._bury(path)
            folder.rmdir()
            self._known.discard(folder)

    def _bury(self, path: Path) -> None:
        """Remove a file, which power loss may bring back."""
        grave = self.folder / "removed" / str(self._removed)
        grave.parent.mkdir(exist_ok=True)
        os.link(path, grave)
        self._removed += 1
        path.unlink()
        self._names.append((f"removed {grave.name}", path))

    # ---- what is safe from power loss

    def sync_all(self) -> None:
        """Everything that is on the disk is safe from now on."""
        self._names.clear()
        for path in self.folder.rglob("*"):
            if path.is_file():
                self._synced[path.stat().st_ino] = path.stat().st_size

    def keep_names(self) -> None:
        """Files that were made and removed are so for good, whatever is in them: file systems do that by themselves."""
        self._names.clear()

    def lose_power(self) -> None:
        """Keep of what is not safe only what came first: of the names, and of the bytes of each file."""
        kept = self.chance.randint(0, len(self._names))
        for act, path in reversed(self._names[kept:]):
            if act == "made folder":
                shutil.rmtree(path, ignore_errors=True)
                self._known.discard(path)
            elif act == "made":
                path.unlink(missing_ok=True)
            else:
                path.parent.mkdir(parents=True, exist_ok=True)  # it went with its folder
                (self.folder / "removed" / act.split()[1]).rename(path)
        self._names.clear()
        files = chain.from_iterable(map(self.folder.rglob, ("*.seg", "*.heads", quarantine.RECORDS)))
        for path in sorted(files):  # of a disk's own order the same seed made another schedule
            size = path.stat().st_size
            safe = min(size, self._synced.get(path.stat().st_ino, 0))
            os.truncate(path, self.chance.randint(safe, size))
            self._synced[path.stat().st_ino] = path.stat().st_size

    def _made(self, path: Path) -> None:
        if path.parent not in self._known:
            self._known.add(path.parent)
            self._names.append(("made folder", path.parent))
        self._names.append(("made", path))

    def _keep(self, descriptor: int) -> None:
        path = self._opened[descriptor]
        if path.is_dir():
            self._names = [each for each in self._names if each[1].parent != path]
        elif path.exists():
            self._synced[path.stat().st_ino] = path.stat().st_size


def _part(data: bytes, share: float) -> int:
    return len(data) if share == 1.0 else int(share * len(data))
