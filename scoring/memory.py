"""What a process does about the memory that it holds, so that it holds no more after months than after an hour."""

import ctypes
import gc
import os

_LIBC = ctypes.CDLL(None)
_IS_GLIBC = hasattr(_LIBC, "malloc_trim")
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3  # of glibc's malloc.h
_LARGE = 1 << 20  # bytes


def settle() -> None:
    """Keep what is loaded now for good: the collector of garbage walks through it no more.

    Else garbage that has lived for a while waits until it is a quarter of all that lives, most of which is code: tens
    of MiB. And where processes are forked, each gets a copy of all that the collector walks through.
    """
    gc.collect()
    gc.freeze()


def keep_little() -> None:
    """Have the C library return a free end of a heap to the system, and ask that for each large piece anew.

    It does so by itself at first. But with each large piece that is freed it raises its bounds, up to 64 MiB; then the
    heaps of threads, of which there are many, each keep the most that was ever used in them.
    """
    if _IS_GLIBC:
        _LIBC.mallopt(_M_TRIM_THRESHOLD, _LARGE)
        _LIBC.mallopt(_M_MMAP_THRESHOLD, _LARGE)


def choose_allocators() -> None:
    """Have Arrow take memory from the C library, and delta-rs give back at once; before either is loaded.

    Arrow's own allocator keeps the free pages of each thread that was ever at a table, and delta-rs' those of a thread
    for each commit since the table's last checkpoint: both hold the most that was ever read at once, many times over.
    Where Arrow is loaded already, that holds for what is asked of it from Python.
    """
    os.environ.setdefault("_RJEM_MALLOC_CONF", "dirty_decay_ms:0,muzzy_decay_ms:0")
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
    import pyarrow as pa

    pa.set_memory_pool(pa.system_memory_pool())


def give_back() -> None:
    """Return free pages in the midst of heaps to the system.

    It takes some milliseconds: to be called after long work, when what that has read and computed is gone.
    """
    if _IS_GLIBC:
        _LIBC.malloc_trim(0)
