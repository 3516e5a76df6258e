"""What processes of a product take, read while some of them come and go, as those of a database do."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from benchmarks.roles import forget_peaks, peak_mib, processor_seconds, readings, resident_mib

# Called as the supervisor is, it has a child that does nothing. A processor's time is told in hundredths of a second.
PARENT = """
import subprocess, time
while time.process_time() < 0.05:
    pass
child = subprocess.Popen(["sleep", "60"])
print("begun", flush=True)
child.wait()
input()
"""


@pytest.fixture
def data(tmp_path: Path) -> Iterator[Path]:
    """The data folder of a product of two processes."""
    argv, env = [sys.executable, "-c", PARENT, "up"], {**os.environ, "MUSE_DATA": str(tmp_path)}
    with subprocess.Popen(argv, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield tmp_path
        process.kill()


def test_readings__of_a_process_that_ends_before_it_is_read__are_of_those_that_are_left(data: Path) -> None:
    def ending_the_child(process: psutil.Process) -> str:
        if process.name() == "sleep":
            process.kill()
            process.wait()
        return Path(f"/proc/{process.pid}/status").read_text() and str(process.cpu_times())

    assert [role for role, _ in readings(data, lambda process: process.pid)] == ["supervisor", "supervisor"]
    assert [role for role, _ in readings(data, ending_the_child)] == ["supervisor"]


def test_readings__of_a_product__are_by_role(data: Path) -> None:
    forget_peaks(data, "supervisor")
    assert processor_seconds(data)["supervisor"] > 0.0
    assert resident_mib(data)["supervisor"] > 0.0
    assert peak_mib(data, "supervisor") > 0.0
