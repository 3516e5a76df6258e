"""Faults of what the consumer reads: records that are torn, damaged or of no known kind; and a consumer too many."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from muse_site.driving.client import wait
from muse_site.driving.running import ROOT
from scoring.queue.segments import SUFFIX, SegmentWriter, frame
from tests.faults.evidence import logged, replaced
from tests.faults.fault import Fault
from tests.faults.hurting import OTHERS, Hurt

_NO_RECORD = b"\x01 no record"
_WAITS = "Another consumer follows these segments; waiting for it to end."


def _write_poison(hurt: Hurt) -> None:
    """Whole frames, in a lane of their own, whose records nobody knows."""
    writer = _writer(hurt)
    for _ in range(3):
        writer.append([_NO_RECORD])
    writer.close()


def _write_torn(hurt: Hurt) -> None:
    """What a process leaves that dies in the midst of a write."""
    writer = _writer(hurt)
    writer.append([_NO_RECORD])
    with _last_segment(hurt, writer).open("ab") as file:
        file.write(frame([_NO_RECORD])[:-3])
    writer.close()


def _write_damaged(hurt: Hurt) -> None:
    """What a disk gives back that lies: a frame with a wrong checksum, and whole ones after it."""
    writer = _writer(hurt)
    damaged = frame([_NO_RECORD])
    damaged[-1] ^= 1
    with _last_segment(hurt, writer).open("ab") as file:
        file.write(damaged)
    writer.append([_NO_RECORD])
    writer.close()


def _start_another_consumer(hurt: Hurt) -> None:
    """It waits, has its turn when the first is killed, so that the one in its place waits in turn, and is killed."""
    before = hurt.logged(_WAITS)
    (first,) = hurt.pids(*OTHERS["consumer"])
    environment = (Path("/proc") / str(first) / "environ").read_bytes().decode().split("\0")
    env = dict(each.split("=", 1) for each in environment if "=" in each)
    with hurt.log.open("ab") as log:
        argv = [sys.executable, "-m", "django", "consume_events"]
        second = subprocess.Popen(argv, env=env, cwd=ROOT, stdout=log, stderr=log)
    try:
        wait(lambda: hurt.logged(_WAITS) == before + 1, "the second consumer to wait", 60.0)
        os.kill(first, signal.SIGKILL)
        wait(lambda: hurt.logged(_WAITS) == before + 2, "a third one to wait for the second", 60.0)
    finally:
        second.kill()
        second.wait()


def _writer(hurt: Hurt) -> SegmentWriter:
    return SegmentWriter(hurt.data / "segments", max_bytes=1 << 20, total_bound=1 << 40)


def _last_segment(hurt: Hurt, writer: SegmentWriter) -> Path:
    return max((hurt.data / "segments" / str(writer.lane)).glob(f"*{SUFFIX}"))


RECORDS = [
    Fault(
        "Records of no known kind in a segment",
        _write_poison,
        took_hold=logged("A record is of no known kind, and is left out."),
    ),
    Fault(
        "A torn record at the end of a segment",
        _write_torn,
        took_hold=logged("An unfinished write of a process that died is dropped."),
    ),
    Fault(
        "A damaged record in a segment",
        _write_damaged,
        took_hold=logged("A segment is damaged; a part of it is not read."),
        is_short=True,
    ),
    Fault(
        "A second consumer beside the first, which is killed",
        _start_another_consumer,
        took_hold=replaced(OTHERS["consumer"]),
    ),
]
