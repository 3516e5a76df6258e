"""What a check of a model file is made of, and what comes out of it; files are read before it and written after it."""

import hashlib
import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from models_app.modelfiles.report import CheckReport, CheckRequest
from models_app.modelfiles.subject import Vector


@dataclass(frozen=True)
class Material:
    """The file's bytes, and the further events (n, F) to run, if there are some."""

    content: bytes
    rows: Vector | None = None

    @property
    def digest(self) -> str:
        """The SHA-256 of the file as it came."""
        return hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True)
class Answer:
    """The report and, of a good file, its ONNX bytes and what it gives for the further events (n,)."""

    report: CheckReport
    model: bytes = b""
    outputs: Vector | None = None


def read(request: CheckRequest) -> Material:
    """Read what the request names."""
    content = Path(request.path).read_bytes()
    return Material(content, np.load(request.rows) if request.rows else None)


def as_file(outputs: Vector) -> bytes:
    """Outputs in the format of .npy."""
    file = io.BytesIO()
    np.save(file, outputs)
    return file.getvalue()
