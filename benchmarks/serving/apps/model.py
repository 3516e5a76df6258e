"""The model for whoever only runs it: ONNX Runtime with one thread, from the file that BENCH_MODEL names."""

import os
from collections.abc import Sequence

import numpy as np
import onnxruntime as ort

NAMES = tuple(f"feature_{place:02d}" for place in range(30))


def _session() -> ort.InferenceSession:
    options = ort.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return ort.InferenceSession(os.environ["BENCH_MODEL"], options, providers=["CPUExecutionProvider"])


_model = _session()
_input, _output = _model.get_inputs()[0].name, _model.get_outputs()[0].name


def run(matrix: np.ndarray) -> np.ndarray:
    """The probabilities (n,) of a matrix (n, 30) of float64, its columns in the order of NAMES."""
    found: np.ndarray = _model.run([_output], {_input: matrix})[0][:, -1]
    return found


def probabilities(rows: Sequence[Sequence[float]]) -> list[float]:
    """One for each row of 30 features in the order of NAMES."""
    found: list[float] = run(np.array(rows, dtype=np.float64)).tolist()
    return found


def probability(row: Sequence[float]) -> float:
    return probabilities([row])[0]
