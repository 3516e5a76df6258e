"""The process that checks one model file: `python -m models_app.modelfiles.checker FOLDER`.

Reads `request.json` in the folder and writes `report.json` beside it. It limits itself before it looks at the file,
and before it imports the libraries that will.
"""

import hashlib
import math
import resource
import sys
from pathlib import Path

import msgspec

from models_app.modelfiles.report import CheckReport, CheckRequest, Limits, Refusal

MEMORY_SIGNS = ("bad_alloc", "MemoryError", "annot allocate memory", "ailed to allocate", "failed to map segment")
SPARE_BYTES = 16 * 2**20  # for the report, and for what ONNX adds to a small model


def main(folder: Path) -> None:
    """Check as `request.json` says, under its limits."""
    request = msgspec.json.decode((folder / "request.json").read_bytes(), type=CheckRequest)
    limit(request.limits)
    report = check(request)
    (folder / "report.json").write_bytes(msgspec.json.encode(report))


def limit(limits: Limits) -> None:
    """Bind this process, for good: memory, processor time, size of files; no core dump."""
    seconds = math.ceil(limits.seconds)
    size = limits.file_bytes + SPARE_BYTES
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory_bytes, limits.memory_bytes))
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def check(request: CheckRequest) -> CheckReport:
    """The report, also where the file is refused or memory runs out."""
    try:
        return _read_labels(request) if request.labels_only else _inspect(request)
    except Refusal as refusal:
        failed, reason = refusal.check, str(refusal)
        if any(sign in reason for sign in MEMORY_SIGNS):  # how the libraries in C++ report it
            failed, reason = "memory", out_of_memory(request.limits)
    except MemoryError:
        failed, reason = "memory", out_of_memory(request.limits)
    return CheckReport(ok=False, failed=failed, reason=reason, file_digest=_digest(request.path))


def _inspect(request: CheckRequest) -> CheckReport:
    from models_app.modelfiles.inspection import inspect

    return inspect(request)


def _read_labels(request: CheckRequest) -> CheckReport:
    from models_app.modelfiles import onnx_file

    found = onnx_file.labels(Path(request.path).read_bytes())
    return CheckReport(ok=True, labels=found.names, known_risk=found.known_risk) if found else CheckReport(ok=True)


def out_of_memory(limits: Limits) -> str:
    """The reason to give where the memory limit was hit."""
    return f"the check needs more than {limits.memory_bytes / 2**20:,.0f} MiB of memory; upload a smaller model"


def _digest(path: str) -> str:
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
