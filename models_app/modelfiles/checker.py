"""The process that checks one model file: `python -m models_app.modelfiles.checker FOLDER`.

Reads `request.json` in the folder and writes `report.json` beside it. It limits itself before it imports the libraries
that will look at the file, and shuts itself in before they do.
"""

import math
import os
import resource
import sys
from contextlib import ExitStack
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from models_app.modelfiles import confinement
from models_app.modelfiles.report import CheckReport, CheckRequest, Limits, Refusal

if TYPE_CHECKING:  # they bring libraries, and a process is limited before it has them
    from models_app.modelfiles.material import Answer, Material

MEMORY_SIGNS = ("bad_alloc", "MemoryError", "annot allocate memory", "ailed to allocate", "failed to map segment")
SPARE_BYTES = 16 * 2**20  # for the report, and for what ONNX adds to a small model


def main(folder: Path) -> None:
    """Check as `request.json` says, under its limits, shut in."""
    request = msgspec.json.decode((folder / "request.json").read_bytes(), type=CheckRequest)
    limit(request.limits)
    bring_in(request)
    from models_app.modelfiles.material import as_file, read

    material = read(request)
    with ExitStack() as files:
        names = (str(folder / "report.json"), request.output, request.outputs)
        report, model, outputs = (files.enter_context(Path(name or os.devnull).open("wb")) for name in names)
        answer = refusal if (refusal := shut_in(request.limits)) else check(request, material)
        model.write(answer.model)
        outputs.write(b"" if answer.outputs is None else as_file(answer.outputs))
        report.write(msgspec.json.encode(answer.report))


def limit(limits: Limits) -> None:
    """Bind this process, for good: memory, processor time, size of files; no core dump."""
    seconds = math.ceil(limits.seconds)
    size = limits.file_bytes + SPARE_BYTES
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory_bytes, limits.memory_bytes))
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def bring_in(request: CheckRequest) -> None:
    """Import all that the check will need: once it is shut in, it opens nothing."""
    lightgbm = ("lightgbm", "models_app.modelfiles.lightgbm_file", "encodings.utf_8_sig")
    rest = ("models_app.modelfiles.inspection", *(lightgbm if request.file_format == "lightgbm" else ()))
    for name in ("models_app.modelfiles.onnx_file", *(() if request.labels_only else rest)):
        import_module(name)


def shut_in(limits: Limits) -> "Answer | None":
    """Shut this process in; where that cannot be had, the refusal, unless the limits let it go on without."""
    from models_app.modelfiles.material import Answer

    try:
        confinement.confine()
    except confinement.Unconfined as error:
        if not limits.unconfined:
            reason = f"this machine cannot shut in the process that reads model files ({error}); {confinement.ADVICE}"
            return Answer(CheckReport(ok=False, failed="confinement", reason=reason))
    return None


def check(request: CheckRequest, material: "Material") -> "Answer":
    """The answer, also where the file is refused or memory runs out."""
    from models_app.modelfiles.material import Answer

    try:
        return _read_labels(material) if request.labels_only else _inspect(request, material)
    except Refusal as refusal:
        failed, reason = refusal.check, str(refusal)
        if any(sign in reason for sign in MEMORY_SIGNS):  # how the libraries in C++ report it
            failed, reason = "memory", out_of_memory(request.limits)
    except MemoryError:
        failed, reason = "memory", out_of_memory(request.limits)
    return Answer(CheckReport(ok=False, failed=failed, reason=reason, file_digest=material.digest))


def _inspect(request: CheckRequest, material: "Material") -> "Answer":
    from models_app.modelfiles.inspection import inspect

    return inspect(request, material)


def _read_labels(material: "Material") -> "Answer":
    from models_app.modelfiles import onnx_file
    from models_app.modelfiles.material import Answer

    found = onnx_file.labels(material.content)
    report = CheckReport(ok=True, labels=found.names, known_risk=found.known_risk) if found else CheckReport(ok=True)
    return Answer(report)


def out_of_memory(limits: Limits) -> str:
    """The reason to give where the memory limit was hit."""
    return f"the check needs more than {limits.memory_bytes / 2**20:,.0f} MiB of memory; upload a smaller model"


if __name__ == "__main__":
    main(Path(sys.argv[1]))
