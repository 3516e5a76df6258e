"""Processor time and memory of a product that runs, by the role of its processes."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import psutil

DATABASES = "database"  # Postgres and Valkey, which share a role
_DATABASE_PROGRAMS = ("postgres", "valkey-server")


def processor_seconds(data: Path) -> Counter[str]:
    """Seconds of processor time since they began, of the processes of the product on this data folder."""
    seconds: Counter[str] = Counter()
    for role, process in _processes(data):
        times = process.cpu_times()
        seconds[role] += times.user + times.system + times.children_user + times.children_system
    return seconds


def resident_mib(data: Path) -> dict[str, float]:
    """MiB of memory of the largest process of each role; what it shares with others is counted in proportion."""
    largest: dict[str, float] = {}
    for role, process in _processes(data):
        largest[role] = max(largest.get(role, 0.0), process.memory_full_info().pss / 1024.0**2)
    return largest


def forget_peaks(data: Path, role: str) -> None:
    """Have the peaks of memory of a role's processes begin anew."""
    for each, process in _processes(data):
        if each == role:
            Path(f"/proc/{process.pid}/clear_refs").write_text("5")


def peak_mib(data: Path, role: str) -> float:
    """MiB of memory that the largest process of a role has had since."""
    peaks = [
        re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{process.pid}/status").read_text())
        for each, process in _processes(data)
        if each == role
    ]
    return max(int(found[1]) for found in peaks if found) / 1024.0


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
