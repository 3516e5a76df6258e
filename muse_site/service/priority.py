"""How much of a processor the threads of a process get, and how soon, where there is more to do than processors."""

import ctypes
import os
import platform
import struct
import sys

_SHORTEST = 100_000  # ns: the least that Linux takes for a slice
_USUAL = 0
_SCHED_SETATTR = {"x86_64": 314, "aarch64": 274, "riscv64": 274}.get(platform.machine())
_ATTRIBUTES = struct.Struct("=IIQiIQQQ")  # size, policy, flags, nice, priority, runtime, deadline, period


def come_soon() -> None:
    """Have this thread work as soon as it has something to do, whoever else does.

    Others, even those that stand back, go on to the end of their slices, of about three milliseconds. Who has shorter
    ones comes in between, and gets no more in all. It changes nothing before Linux 6.12, or elsewhere.
    """
    _set(os.getpriority(os.PRIO_PROCESS, 0), _SHORTEST)


def stand_back(by: int) -> None:
    """Have this thread stand back by so much, as niceness has it, and have slices as usual, whichever thread began it.

    Where niceness is not a thread's but that of its whole process, it changes nothing.
    """
    if sys.platform == "linux":
        os.nice(by)
        _set(os.getpriority(os.PRIO_PROCESS, 0), _USUAL)


def _set(nice: int, slice_ns: int) -> None:
    """sched_setattr(2) of this thread, under the usual policy. A kernel that refuses it is left as it is."""
    if sys.platform == "linux" and _SCHED_SETATTR is not None:
        attributes = _ATTRIBUTES.pack(_ATTRIBUTES.size, os.SCHED_OTHER, 0, nice, 0, slice_ns, 0, 0)
        ctypes.CDLL(None).syscall(_SCHED_SETATTR, 0, attributes, 0)
