"""ONNX Runtime alone: a WSGI callable that runs the model on a matrix which it has ready, whatever is asked."""

import os
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.serving.apps.model import run

_matrix = np.load(Path(os.environ["MUSE_DATA"]) / "matrix.npy")


def application(environ: dict[str, Any], start_response: Any) -> tuple[bytes]:
    environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
    answer = run(_matrix).tobytes()
    start_response("200 OK", [("Content-Type", "application/octet-stream"), ("Content-Length", str(len(answer)))])
    return (answer,)
