"""Processor time and memory of a product that runs, by the role of its processes."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

import psutil

Read = TypeVar("Read")

DATABASES = "database"  # Postgres and Valkey, which share a role
_DATABASE_PROGRAMS = ("postgres", "valkey-server")


def processor_seconds(data: Path) -> Counter[str]:
    """Seconds of processor time since they began, of the processes of the product on this data folder."""
    seconds: Counter[str] = Counter()
    for role, times in readings(data, psutil.Process.cpu_times):
        seconds[role] += times.user + times.system + times.children_user + times.children_system
    return seconds


def resident_mib(data: Path) -> dict[str, float]:
    """MiB of memory of the largest process of each role; what it shares with others is counted in proportion."""
    largest: dict[str, float] = {}
    for role, memory in readings(data, psutil.Process.memory_full_info):
        largest[role] = max(largest.get(role, 0.0), memory.pss / 1024.0**2)
    return largest


def forget_peaks(data: Path, role: str) -> None:
    """Have the peaks of memory of a role's processes begin anew."""
    list(readings(data, lambda process: Path(f"/proc/{process.pid}/clear_refs").write_text("5"), role))


def peak_mib(data: Path, role: str) -> float:
    """MiB of memory that the largest process of a role has had since."""
    told = readings(data, lambda process: Path(f"/proc/{process.pid}/status").read_text(), role)
    peaks = [re.search(r"VmHWM:\s+(\d+) kB", text) for _, text in told]
    return max(int(found[1]) for found in peaks if found) / 1024.0


def readings(
    data: Path, reading: Callable[[psutil.Process], Read], only: str | None = None
) -> Iterator[tuple[str, Read]]:
    """What is read of each process, by its role; of one that has ended meanwhile, as those of databases do, nothing."""
    for role, process in _processes(data):
        if only is None or role == only:
            with suppress(psutil.NoSuchProcess, ProcessLookupError, FileNotFoundError):
                yield role, reading(process)


def _processes(data: Path) -> Iterator[tuple[str, psutil.Process]]:
    """Each process below the supervisor, by the role of its nearest parent that has one."""
    for supervisor in psutil.process_iter():
        if _is_supervisor(supervisor, data):
            yield from _below(supervisor, "supervisor")


def _below(process: psutil.Process, role: str) -> Iterator[tuple[str, psutil.Process]]:
    try:
        role = _role(process) or role
        yield role, process
        for child in process.children():
            yield from _below(child, role)
    except psutil.NoSuchProcess:
        return


def _is_supervisor(process: psutil.Process, data: Path) -> bool:
    try:
        return process.cmdline()[-1:] == ["up"] and process.environ().get("MUSE_DATA") == str(data)
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return False


def _role(process: psutil.Process) -> str | None:
    """Return the role of a process that the supervisor started; None where it is a child of such a one."""
    if process.name() in _DATABASE_PROGRAMS:
        return DATABASES
    metrics = process.environ().get("PROMETHEUS_MULTIPROC_DIR")
    return Path(metrics).name if metrics else None
