"""Starting the checking process, and ending it."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import msgspec

from models_app.modelfiles import answered
from models_app.modelfiles.checker import MEMORY_SIGNS, out_of_memory
from models_app.modelfiles.report import CheckReport, CheckRequest, FeatureSpec, FileFormat, Limits
from scoring.engine.parity import Parity

ROOT = Path(__file__).resolve().parents[2]
LOG_TAIL = 20_000


def check_model_file(
    path: Path,
    *,
    file_format: FileFormat,
    features: Sequence[FeatureSpec],
    output: Path,
    limits: Limits | None = None,
    reference: Parity | None = None,
    risk_label: str = "",
    rows: Path | None = None,
    outputs: Path | None = None,
) -> CheckReport:
    """Check an uploaded model file in a process of its own and write its ONNX bytes to `output` if it is good.

    `features` in the order of the model's columns. `reference`, for ONNX files, holds probabilities from the library
    that trained the model, to compare with; `risk_label` the class label that is the risk. `rows` is a .npy file of
    further events (n, F), what the model gives for them is written to `outputs`, a .npy file too. A bad file is no
    exception but a report with `ok` false and the reason.
    """
    limits = limits or Limits()
    problem = _before(path, features, limits)
    if problem:
        return problem
    with tempfile.TemporaryDirectory(dir=output.parent, prefix=".check-") as name:
        folder = Path(name)
        request = CheckRequest(
            path=str(path.resolve()),
            output=str(folder / "model.onnx"),
            file_format=file_format,
            features=list(features),
            limits=limits,
            reference=reference,
            risk_label=risk_label,
            rows=str(rows.resolve()) if rows else "",
            outputs=str(outputs.resolve()) if outputs else "",
        )
        report = _run(folder, request)
        if report.ok:
            shutil.move(folder / "model.onnx", output)
    return report


def read_class_labels(path: Path, limits: Limits) -> CheckReport:
    """The `labels` of an ONNX file and its `known_risk`, read in a process of its own; none where it is damaged."""
    with tempfile.TemporaryDirectory(prefix="muse-labels-") as name:
        request = CheckRequest(
            path=str(path.resolve()), output="", file_format="onnx", features=[], limits=limits, labels_only=True
        )
        return _run(Path(name), request)


def _before(path: Path, features: Sequence[FeatureSpec], limits: Limits) -> CheckReport | None:
    """What needs no process to see."""
    if not features:
        return _failed("features", "no features are declared; declare them in the order of the model's columns")
    size = path.stat().st_size
    if size == 0:
        return _failed("readable", "the file is empty; upload it anew")
    if size > limits.file_bytes:
        allowed = f"{limits.file_bytes / 2**20:,.1f} MiB"
        return _failed("size", f"the file has {size / 2**20:,.1f} MiB, allowed are {allowed}; upload a smaller model")
    return None


def _run(folder: Path, request: CheckRequest) -> CheckReport:
    """Run the process to its end or to the time limit; whatever happens, nothing of it is left running."""
    limits = request.limits
    (folder / "request.json").write_bytes(msgspec.json.encode(request))
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "models_app.modelfiles.checker", str(folder)],
            cwd=folder,
            env=_environment(),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        process.wait(limits.seconds)
    except subprocess.TimeoutExpired:
        return _too_slow(limits)
    finally:
        _end(process)
    return _report(folder, process.returncode, request)


def _environment() -> dict[str, str]:
    """Return the environment of the check: none of our secrets, one thread a library, few memory arenas."""
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    path = os.environ.get("PATH", os.defpath)
    return {"PATH": path, "PYTHONPATH": str(ROOT), "LC_ALL": "C.UTF-8", "MALLOC_ARENA_MAX": "2", **threads}


def _end(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError):  # then it ended by itself, with all that it started
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _report(folder: Path, code: int, request: CheckRequest) -> CheckReport:
    limits, written = request.limits, folder / "report.json"
    if code == 0 and written.exists():
        try:
            return answered.report(written, request)
        except (ValueError, OSError):
            return _failed("readable", answered.DAMAGED)
    log = _tail(folder / "log")
    if any(sign in log for sign in MEMORY_SIGNS):
        return _failed("memory", out_of_memory(limits))
    if -code in (signal.SIGXCPU, signal.SIGKILL):
        return _too_slow(limits)
    ended = signal.Signals(-code).name if code < 0 else f"exit code {code}"
    last = log.split("\n")[-1][:500]
    return _failed("readable", f"the file made the check break off ({ended}: {last or 'no message'}); export it anew")


def _tail(path: Path) -> str:
    with path.open("rb") as log:
        log.seek(max(0, path.stat().st_size - LOG_TAIL))
        return log.read().decode(errors="replace").replace("\0", "").strip()


def _too_slow(limits: Limits) -> CheckReport:
    reason = f"the check took more than {limits.seconds:g} s and was ended"
    return _failed("time", f"{reason}; upload a smaller model, or fewer validation events with it")


def _failed(check: str, reason: str) -> CheckReport:
    return CheckReport(ok=False, failed=check, reason=reason)
