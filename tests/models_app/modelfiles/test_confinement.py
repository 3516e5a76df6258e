"""A process that is shut in: whatever a model file could bring to run reaches nothing."""

import json
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from pytest_django import Settings

from models_app import checks
from models_app.modelfiles import CheckReport, Limits, checker, confinement
from models_app.modelfiles.report import CheckRequest
from models_app.modelfiles.run import ROOT
from tests.models_app.modelfiles.builders import features, linear

# What hostile code tries first. Each is an expression; all that it needs is imported before.
ATTEMPTS = {
    "read a file": "open('/etc/passwd')",
    "write a file": "open('/tmp/muse-hostile', 'w')",
    "list a folder": "os.listdir('/')",
    "remove a file": "os.unlink('/tmp/muse-hostile')",
    "change a mode": "os.chmod('/tmp', 0o777)",
    "call another machine": "socket.socket(socket.AF_INET, socket.SOCK_DGRAM)",
    "make a socket": "socket.socket(socket.AF_UNIX)",
    "start a program": "os.execv('/bin/true', ['true'])",
    "start a process": "os.fork()",
    "start a shell": "subprocess.run(['true'])",
    "start a thread": "threading.Thread(target=print).start()",
    "end another process": "os.kill(os.getppid(), 9)",
    "raise its limits": "resource.setrlimit(resource.RLIMIT_CPU, (-1, -1))",
    "trace a process": "call(libc.ptrace, 16, os.getppid(), 0, 0)",
    "read another's memory": "call(libc.process_vm_readv, os.getppid(), None, 0, None, 0, 0)",
    "make memory executable": "mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)",
    "leave its namespace": "call(libc.unshare, 0x10000000)",
    "a ring of calls": "call(libc.syscall, 425, 8, ctypes.byref(ctypes.create_string_buffer(120)))",
}
REFUSED = ("PermissionError", "can't start new thread", "not allowed to raise")  # as Python says EPERM
PROLOGUE = """
import ctypes, json, mmap, os, resource, socket, subprocess, sys, threading
from models_app.modelfiles import confinement
libc = ctypes.CDLL(None, use_errno=True)
def call(function, *values):
    if function(*values) == -1:
        raise OSError(ctypes.get_errno(), "refused")
def attempt(text):
    try:
        eval(text)
    except (OSError, RuntimeError, ValueError, LookupError) as error:
        return repr(error)
    return "went through"
"""
INSIDE = f"""{PROLOGUE}
confinement.confine()
print(json.dumps({{name: attempt(text) for name, text in {ATTEMPTS!r}.items()}}))
"""
# As a converter that was taken over would answer: it has become the file's.
TAKEN_OVER = f"""{PROLOGUE}
from pathlib import Path
from models_app.modelfiles import checker, inspection
from models_app.modelfiles.report import Refusal
def hostile(request, material):
    raise Refusal("taken over", json.dumps({{name: attempt(text) for name, text in {ATTEMPTS!r}.items()}}))
inspection.inspect = hostile
checker.main(Path(sys.argv[1]))
"""


def python(code: str, *arguments: str) -> str:
    ended = subprocess.run(
        [sys.executable, "-c", code, *arguments], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def test_process__shut_in__reaches_no_file_network_program_or_process() -> None:
    found = json.loads(python(INSIDE))
    assert {name: what for name, what in found.items() if not any(words in what for words in REFUSED)} == {}


def test_process__not_shut_in__can_do_what_is_tried() -> None:
    """So that what is refused above is refused by the filter, and not for another reason."""
    tried = {name: ATTEMPTS[name] for name in ("read a file", "list a folder", "make a socket", "start a shell")}
    outside = INSIDE.replace("confinement.confine()", "").replace(repr(ATTEMPTS), repr(tried))
    assert set(json.loads(python(outside)).values()) == {"went through"}


def test_process__with_threads__has_all_of_them_shut_in() -> None:
    found = python(
        PROLOGUE
        + """
go, done = threading.Event(), []
other = threading.Thread(target=lambda: (go.wait(), done.append(attempt("open('/etc/passwd')"))))
other.start()
confinement.confine()
go.set(); other.join()
print(done[0])
"""
    )
    assert "PermissionError" in found


def test_check__taken_over_by_a_file__reaches_nothing_and_its_report_says_so(tmp_path: Path) -> None:
    (tmp_path / "upload").write_bytes(linear().SerializeToString())
    request = CheckRequest(
        path=str(tmp_path / "upload"),
        output=str(tmp_path / "model.onnx"),
        file_format="onnx",
        features=features("a", "b"),
        limits=Limits(),
    )
    (tmp_path / "request.json").write_bytes(msgspec.json.encode(request))
    python(TAKEN_OVER, str(tmp_path))
    report = msgspec.json.decode((tmp_path / "report.json").read_bytes(), type=CheckReport)
    assert report.failed == "taken over"
    assert "went through" not in report.reason


def test_machine__that_cannot_shut_a_process_in__refuses_files_unless_told_otherwise(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(confinement.platform, "machine", lambda: "vax")
    answer = checker.shut_in(Limits())
    assert answer is not None
    assert answer.report.failed == "confinement"
    assert "found linux on vax" in answer.report.reason
    assert "MUSE_MODEL_CHECK_UNCONFINED=1" in answer.report.reason
    assert checker.shut_in(Limits(unconfined=True)) is None


@pytest.mark.parametrize(("unconfined", "words"), [(False, "are refused"), (True, "is not shut in")])
def test_machine__that_cannot_shut_a_process_in__is_warned_of(
    monkeypatch: pytest.MonkeyPatch, settings: Settings, unconfined: bool, words: str
) -> None:
    assert checks.check_confinement() == []
    monkeypatch.setattr(confinement.platform, "machine", lambda: "vax")
    settings.ENV = settings.ENV | {"MUSE_MODEL_CHECK_UNCONFINED": unconfined}
    (warning,) = checks.check_confinement()
    assert words in warning.msg
