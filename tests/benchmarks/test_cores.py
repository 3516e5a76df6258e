"""The cores that a service and its clients are measured on."""

import os
import subprocess
import sys

from benchmarks.serving.cores import halves, on

_TELL = "import os; print(*sorted(os.sched_getaffinity(0)))"


def test_halves__of_the_cores_of_this_process__are_all_and_share_none_of_several() -> None:
    ours, theirs = halves()
    cores = os.sched_getaffinity(0)
    assert ours | theirs == cores
    assert ours
    assert theirs
    assert len(cores) == 1 or not ours & theirs


def test_on__one_core__has_what_is_started_there_alone_and_then_no_more() -> None:
    cores = os.sched_getaffinity(0)
    with on({max(cores)}):
        told = subprocess.run([sys.executable, "-c", _TELL], check=True, capture_output=True, text=True).stdout
    assert told.split() == [str(max(cores))]
    assert os.sched_getaffinity(0) == cores
