"""A model that this machine has never run is tried in a process of its own first: should it crash, nobody is harmed.

Tries run in threads of their own, so that whoever keeps a scoring process up to date never waits for one. What was
found stands in a file on this machine by the digest of the model's file, so only the first of all its scoring
processes tries a model, and none does after a restart. The file is the lock too.
"""

import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from pathlib import Path
from typing import BinaryIO

import msgspec
import onnxruntime

from scoring.engine import document
from scoring.engine.onnx_model import ModelError, Parity
from scoring.serving.trial_process import REFUSED, Subject

ROOT = Path(__file__).resolve().parents[2]
AT_ONCE = 2
FAILURE_STANDS_SECONDS = 30.0  # for so long nobody tries again what has failed
_PASSED = b"passed"

Fetch = Callable[[str], tuple[bytes, Parity]]


class Trials:
    """One for each scoring process; all processes of a machine share `directory`.

    `fetch(digest)` gives a model's bytes and parity vector. A try may take this many `seconds` by the clock, and
    `memory_bytes` of address space. What another version of onnxruntime was tried with does not count.
    """

    def __init__(self, directory: Path, fetch: Fetch, *, seconds: float, memory_bytes: int) -> None:
        self._directory = directory / f"onnxruntime-{onnxruntime.__version__}"
        self._fetch = fetch
        self._seconds = seconds
        self._memory_bytes = memory_bytes
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="trial")
        self._passed: set[str] = set()
        self._running: dict[str, Future[None]] = {}

    def passed(self, models: Mapping[str, document.Model], *, wait_for_them: bool = False) -> bool:
        """Whether all these models, by key, may be loaded here; False while some are still being tried.

        Raises ModelError for one that crashes, hangs, or gives other results than at its registration, and whatever
        `fetch` raises; to ask again is to try again.
        """
        subjects = {_name(model): (key, model) for key, model in models.items()}
        running = [self._start(name, *subject) for name, subject in subjects.items() if name not in self._passed]
        if wait_for_them:
            wait(running)
        if not all(future.done() for future in running):
            return False
        for name in subjects:
            if (future := self._running.pop(name, None)) is not None:
                future.result()
                self._passed.add(name)
        return True

    def forget(self) -> None:
        """Stop waiting for running trials; their results stay on this machine's disk."""
        self._running.clear()

    def _start(self, name: str, key: str, model: document.Model) -> Future[None]:
        if name not in self._running:
            self._running[name] = self._threads.submit(self._find_out, name, key, model)
        return self._running[name]

    def _find_out(self, name: str, key: str, model: document.Model) -> None:
        """Return where the model passes, now or before. Raises as `passed`."""
        self._directory.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self._directory / name, os.O_RDWR | os.O_CREAT, 0o644)
        with os.fdopen(descriptor, "r+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            failure = _kept(file)
            if failure is None:
                content, parity = self._fetch(model.digest)
                failure = self._try(Subject(content, len(model.features), model.single_rows, parity))
                _keep(file, failure)
        if failure:
            raise ModelError(f"model {key}: {failure}")

    def _try(self, subject: Subject) -> str:
        """Why the model cannot be loaded, "" if it can."""
        argv = [sys.executable, "-m", "scoring.serving.trial_process"]
        argv += [str(int(self._seconds) + 1), str(self._memory_bytes)]
        try:
            ended = subprocess.run(
                argv,
                input=msgspec.msgpack.encode(subject),
                env=_environment(),
                timeout=self._seconds,
                capture_output=True,
                start_new_session=True,
            )
        except subprocess.TimeoutExpired:
            return f"it took more than {self._seconds:g} s to load and run, tried in a process of its own"
        if ended.returncode == REFUSED:
            return ended.stdout.decode(errors="replace").strip()
        return "" if ended.returncode == 0 else _crash(ended)


def _name(model: document.Model) -> str:
    """What is tried: a file, run in a certain way. Versions of a model that have both in common are tried once."""
    return f"{model.digest}-{len(model.features)}-{model.single_rows}"


def _kept(file: BinaryIO) -> str | None:
    """The stored result of an earlier trial: "" for passed, the failure while it is valid, None for no result."""
    found = file.read()
    if found == _PASSED:
        return ""
    fresh = time.time() - os.fstat(file.fileno()).st_mtime < FAILURE_STANDS_SECONDS
    return found.decode(errors="replace") if found and fresh else None


def _keep(file: BinaryIO, failure: str) -> None:
    file.seek(0)
    file.truncate()
    file.write(failure.encode() or _PASSED)
    file.flush()


def _environment() -> dict[str, str]:
    """Return the environment of a trial: none of our secrets, and one thread for each library."""
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    return {"PATH": os.environ.get("PATH", os.defpath), "PYTHONPATH": str(ROOT), "LC_ALL": "C.UTF-8", **threads}


def _crash(ended: subprocess.CompletedProcess[bytes]) -> str:
    code = ended.returncode
    how = signal.Signals(-code).name if code < 0 else f"exit code {code}"
    message = ended.stderr.decode(errors="replace").strip().split("\n")[-1][:300]
    return f"it crashed the process in which it was tried ({how}{': ' + message if message else ''})"
