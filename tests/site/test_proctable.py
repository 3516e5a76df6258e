"""What is read of Linux' processes, and that reading it again and again leaves nothing behind."""

import os
import subprocess
import sys

from muse_site.supervisor import proctable

# In an interpreter of its own, with few names in its table, so that making it anew shows soon; the peak is what is
# allocated at once, whoever else uses the machine.
_AGAIN_AND_AGAIN = """
import os, runpy, sys, tracemalloc
entry = runpy.run_path(sys.argv[1])["entry"]
entry(os.getpid())
tracemalloc.start()
for _ in range(50_000):
    entry(os.getpid())
print(tracemalloc.get_traced_memory()[1])
"""
_MOST = 65_536  # bytes; a table of a small interpreter's names takes twice as much


def test_entry__looked_up_again_and_again__makes_no_table_of_names_anew() -> None:
    argv = [sys.executable, "-c", _AGAIN_AND_AGAIN, proctable.__file__]
    done = subprocess.run(argv, capture_output=True, text=True, check=True)
    assert int(done.stdout) < _MOST


def test_group__of_this_process__has_it_with_its_start() -> None:
    found = {each.pid: each for each in proctable.group(os.getpgid(0))}
    assert found[os.getpid()] == proctable.entry(os.getpid())


def test_entry__of_a_process_whose_name_is_no_text__is_found() -> None:
    code = r"import ctypes, sys; ctypes.CDLL(None).prctl(15, b') \xff'); print(flush=True); sys.stdin.read()"
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as named:
        assert named.stdout is not None
        named.stdout.readline()
        found = proctable.entry(named.pid)
        named.communicate()
    assert found is not None
    assert (found.pid, found.gone) == (named.pid, False)
