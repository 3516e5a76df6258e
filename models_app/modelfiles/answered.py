"""What the process that checks a model file answers, believed only as far as it can be checked.

A file that has taken that process over speaks in its place. It may lie about what it is, as a file may that is no
attack; but what it says is bounded, and has the form that whoever stores and serves it goes by.
"""

import hashlib
import math
from pathlib import Path

import msgspec

from models_app.modelfiles.report import CheckReport, CheckRequest

MOST_BYTES = 4 * 2**20  # of a report: its parity vector, and what it says of each check
NUL = rb"\u0000"  # as JSON has it; no database keeps it in a text
DAMAGED = "the process that checks it gave back what was not asked for; export it anew"


def report(written: Path, request: CheckRequest) -> CheckReport:
    """The report in a file. Raises ValueError where it is none that the request can have."""
    with written.open("rb") as file:
        content = file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES or NUL in content:
        raise ValueError(DAMAGED)
    found = msgspec.json.decode(content, type=CheckReport)
    has_form = _has_labels if request.labels_only else _can_be_served
    if found.ok and not has_form(found, request):
        raise ValueError(DAMAGED)
    return found


def _has_labels(found: CheckReport, _request: CheckRequest) -> bool:
    return len(found.labels) in (0, 2) and found.known_risk in ("", *found.labels)


def _can_be_served(found: CheckReport, request: CheckRequest) -> bool:
    """Whether it is about the bytes that were written, and each event of its parity vector has all features."""
    with Path(request.output).open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if found.digest != digest or found.single_rows not in (1, 2) or found.parity is None:
        return False
    inputs, outputs = found.parity["inputs"], found.parity["outputs"]
    return (
        0 < len(inputs) == len(outputs) <= request.limits.parity_rows
        and all(len(row) == len(request.features) for row in inputs)
        and all(math.isfinite(each) and 0.0 <= each <= 1.0 for each in outputs)
    )
