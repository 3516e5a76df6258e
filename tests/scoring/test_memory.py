"""What processes leave to the collector of garbage, and what memory they give back."""

import ctypes
import gc
import mmap
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest
from celery.signals import worker_before_create_process
from django.core.management import call_command

from muse_site.celery import app
from scoring import memory
from scoring.consumer import consumer

ROOT = Path(__file__).parents[2]
MUCH = 48  # MiB, of the 64 that are taken
_LIBC = ctypes.CDLL(None)
_LIBC.malloc.restype, _LIBC.malloc.argtypes, _LIBC.free.argtypes = ctypes.c_void_p, [ctypes.c_size_t], [ctypes.c_void_p]
_PIECE, _PIECES = 16_384, 4_096  # bytes; each too small to be a mapping of its own

# A large piece that is freed has the C library raise its bounds; then a thread takes 48 MiB in small ones, frees all.
_IN_A_THREAD = """
import ctypes, mmap, pathlib, threading
c = ctypes.CDLL(None)
c.malloc.restype, c.malloc.argtypes, c.free.argtypes = ctypes.c_void_p, [ctypes.c_size_t], [ctypes.c_void_p]
pieces = (ctypes.c_void_p * 3_072)()
def resident():
    return int(pathlib.Path("/proc/self/statm").read_text().split()[1]) * mmap.PAGESIZE >> 20
def use():
    for place in range(3_072):
        pieces[place] = c.malloc(16_384)
        ctypes.memset(pieces[place], 1, 16_384)
    for place in reversed(range(3_072)):
        c.free(pieces[place])
{begin}
c.free(c.malloc(31 << 20))
before, thread = resident(), threading.Thread(target=use)
thread.start()
thread.join()
print(resident() - before)
"""

# What a task is the first to do after the worker has forked, and which modules that has loaded.
_FIRST_TASK = """
import sys, django, muse_site.celery
from celery.signals import worker_before_create_process
django.setup()
worker_before_create_process.send(sender=None)
import numpy, pyarrow
from models_app.figures import language
loaded = set(sys.modules)
{task}
print(sorted(set(sys.modules) - loaded))
"""

# What has been loaded, and chosen, when the consumer begins.
_CONSUMER = """
import os, sys, django
django.setup()
import pyarrow
from django.core.management import call_command
from scoring import memory
chosen = memory.choose_allocators
def choose():
    print("deltalake" in sys.modules)
    chosen()
    print(os.environ["_RJEM_MALLOC_CONF"], pyarrow.default_memory_pool().backend_name)
    sys.exit()
memory.choose_allocators = choose
call_command("consume_events")
"""

only_glibc = pytest.mark.skipif(not hasattr(_LIBC, "malloc_trim"), reason="the C library is not glibc")


@pytest.fixture
def freed() -> Iterator[int]:
    """64 MiB that are freed, but for the last piece, so that the heap keeps them; what the process had at its most."""
    pieces = [_LIBC.malloc(_PIECE) for _ in range(_PIECES)]
    for each in pieces:
        ctypes.memset(each, 1, _PIECE)
    for each in pieces[:-1]:
        _LIBC.free(each)
    yield resident()
    _LIBC.free(pieces[-1])


@pytest.fixture
def thawed() -> Iterator[None]:
    """Nothing is kept from the collector, neither before nor after."""
    gc.unfreeze()
    yield
    gc.unfreeze()


def resident() -> int:
    """MiB of this process that are in memory."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * mmap.PAGESIZE >> 20


@only_glibc
def test_give_back__of_a_heap_whose_end_is_in_use__returns_what_is_freed(freed: int) -> None:
    memory.give_back()
    assert resident() < freed - MUCH


@only_glibc
def test_task__when_it_is_done__gives_memory_back(freed: int) -> None:
    app.tasks["celery.accumulate"].apply()
    assert resident() < freed - MUCH


@only_glibc
@pytest.mark.parametrize(
    "begin",
    [
        "from scoring import memory; memory.keep_little()",
        "import muse_site.celery, celery.signals; celery.signals.worker_process_init.send(sender=None)",
    ],
    ids=["by itself", "in a process of the worker"],
)
def test_keep_little__of_what_a_thread_has_used_and_freed__keeps_little(begin: str) -> None:
    assert int(_printed(_IN_A_THREAD.format(begin=begin))) < 24


def test_worker__before_it_forks__keeps_what_is_loaded_from_the_collector(thawed: None) -> None:
    worker_before_create_process.send(sender=None)
    assert gc.get_freeze_count() > 10_000


@pytest.mark.parametrize(
    "task",
    ["language.finished(language.sides('', [1, 2], {'after': [3.0, 4.0]}, ''))", "pyarrow.array(numpy.ones(3))"],
    ids=["draw", "give numbers to Arrow"],
)
def test_worker__before_it_forks__has_loaded_what_its_tasks_need(task: str) -> None:
    assert _printed(_FIRST_TASK.format(task=task)).strip() == "[]"


def test_worker__before_it_loads_delta__has_its_allocator_give_back_at_once() -> None:
    code = "import os, sys, muse_site.celery; print('deltalake' in sys.modules, os.environ['_RJEM_MALLOC_CONF'])"
    assert _printed(code).split() == ["False", "dirty_decay_ms:0,muzzy_decay_ms:0"]


@pytest.mark.parametrize(
    "begin",
    [
        "import muse_site.celery",
        "import django; django.setup(); from scoring import memory; memory.choose_allocators()",
    ],
    ids=["before it is loaded", "when it is loaded"],
)
def test_choose_allocators__of_arrow__is_the_one_of_the_c_library(begin: str) -> None:
    assert _printed(f"{begin}; import pyarrow; print(pyarrow.default_memory_pool().backend_name)").strip() == "system"


def test_consumer__before_it_loads_delta__has_its_allocator_give_back_at_once() -> None:
    assert _printed(_CONSUMER).split() == ["False", "dirty_decay_ms:0,muzzy_decay_ms:0", "system"]


def test_consumer__when_it_begins__keeps_what_is_loaded_from_the_collector(
    thawed: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    monkeypatch.setattr(gc, "set_threshold", lambda *_: None)
    monkeypatch.setattr(consumer, "only_consumer", lambda *_: nullcontext(False))  # another is at it already
    call_command("consume_events")
    assert gc.get_freeze_count() > 10_000


def test_console__once_it_is_loaded__keeps_all_its_pages_from_the_collector() -> None:
    code = (
        "import gc, sys, muse_site.wsgi_console; print('models_app.console.urls' in sys.modules, gc.get_freeze_count())"
    )
    loaded, kept = _printed(code).split()
    assert loaded == "True"
    assert int(kept) > 10_000


def _printed(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout
