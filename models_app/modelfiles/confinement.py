"""Shutting this process in, for good: from then on it computes, and reads and writes what it has open already.

A filter of Linux (seccomp) stands before each call to the system. Those that are not in the list fail: no file is
opened, no connection made, no program or thread started, no other process reached, no memory made executable.
Whatever code a file could bring to run would run in there.
"""

import ctypes
import os
import platform
import struct
import sys
from collections.abc import Iterator

# Numbers of calls by processor: x86_64, aarch64.
CALLS = {
    "read": (0, 63), "write": (1, 64), "readv": (19, 65), "writev": (20, 66), "pread64": (17, 67), "lseek": (8, 62),
    "close": (3, 57), "fstat": (5, 80), "brk": (12, 214), "munmap": (11, 215), "mremap": (25, 216),
    "madvise": (28, 233), "futex": (202, 98), "sched_yield": (24, 124), "sched_getaffinity": (204, 123),
    "getcpu": (309, 168), "clock_gettime": (228, 113), "clock_nanosleep": (230, 115), "nanosleep": (35, 101),
    "gettimeofday": (96, 169), "getpid": (39, 172), "gettid": (186, 178), "getrandom": (318, 278),
    "getrusage": (98, 165), "rt_sigaction": (13, 134), "rt_sigprocmask": (14, 135), "rt_sigreturn": (15, 139),
    "sigaltstack": (131, 132), "restart_syscall": (219, 128), "exit": (60, 93), "exit_group": (231, 94),
}  # fmt: skip
# Calls that have something to say about an argument: its place, and the bits that it may not have.
PROT_EXEC = 4
WITHOUT = {"mmap": ((9, 222), 2, PROT_EXEC), "mprotect": ((10, 226), 2, PROT_EXEC)}
TO_ITSELF = {"tgkill": (234, 131)}  # how a process that gives up ends itself

PROCESSORS = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}  # the column above, and its name in filters
SECCOMP = (317, 277)
PR_SET_NO_NEW_PRIVS, SET_MODE_FILTER, GET_ACTION_AVAIL, TSYNC = 38, 1, 2, 1
ALLOW, REFUSE, END = 0x7FFF0000, 0x00050001, 0x80000000  # REFUSE is with EPERM
LOAD, IS, HAS_BITS, GIVE = 0x20, 0x15, 0x45, 0x06
NUMBER_AT, PROCESSOR_AT, ARGUMENTS_AT = 0, 4, 16
ADVICE = "MUSE_MODEL_CHECK_UNCONFINED=1 goes on without"


class Unconfined(RuntimeError):
    """This machine cannot shut a process in; the message says why."""


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p)]


def confine() -> None:
    """Shut this process in, with all its threads. Raises Unconfined where that cannot be had, and changes nothing."""
    if reason := unavailable():
        raise Unconfined(reason)
    column, processor = PROCESSORS[platform.machine()]
    filter_ = b"".join(_filter(column, processor))
    program = _Program(len(filter_) // 8, filter_)
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) or libc.syscall(
        SECCOMP[column], SET_MODE_FILTER, TSYNC, ctypes.byref(program)
    ):
        raise Unconfined(f"the filter was refused: {os.strerror(ctypes.get_errno())}")


def unavailable() -> str:
    """Why this machine cannot shut a process in; empty where it can."""
    machine = platform.machine()
    if sys.platform != "linux" or machine not in PROCESSORS:
        return f"filters are made for Linux on {' and '.join(PROCESSORS)}, found {sys.platform} on {machine}"
    column, _ = PROCESSORS[machine]
    libc, action = ctypes.CDLL(None, use_errno=True), ctypes.c_uint32(REFUSE & 0xFFFF0000)
    if libc.syscall(SECCOMP[column], GET_ACTION_AVAIL, 0, ctypes.byref(action)):
        return f"the system has no filters of calls: {os.strerror(ctypes.get_errno())}"
    return ""


def _filter(column: int, processor: int) -> Iterator[bytes]:
    """The instructions. Calls of another processor's numbering end the process, they could mean anything."""
    yield _step(LOAD, PROCESSOR_AT)
    yield _step(IS, processor, then=1)
    yield _step(GIVE, END)
    yield _step(LOAD, NUMBER_AT)
    for numbers in CALLS.values():
        yield _step(IS, numbers[column], otherwise=1)
        yield _step(GIVE, ALLOW)
    for numbers, place, bits in WITHOUT.values():
        yield from _guarded(numbers[column], place, _step(HAS_BITS, bits, then=1))
    for numbers in TO_ITSELF.values():
        yield from _guarded(numbers[column], 0, _step(IS, os.getpid(), otherwise=1))
    yield _step(GIVE, REFUSE)


def _guarded(number: int, place: int, test: bytes) -> Iterator[bytes]:
    """A call that is allowed unless the test of an argument skips the next instruction."""
    yield _step(IS, number, otherwise=4)
    yield _step(LOAD, ARGUMENTS_AT + 8 * place)
    yield test
    yield _step(GIVE, ALLOW)
    yield _step(GIVE, REFUSE)


def _step(code: int, value: int, *, then: int = 0, otherwise: int = 0) -> bytes:
    """One instruction; `then` and `otherwise` are how many it skips."""
    return struct.pack("=HBBI", code, then, otherwise, value)
