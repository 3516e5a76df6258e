"""A model as scoring runs it: ONNX bytes in, one probability an event out.

One event and a batch give the same bits. Where a model's operators do otherwise (a matrix product of one row may add
up in another order than one of many), the registry finds out and sets `single_rows` to 2: one event then runs as two
equal rows, and a batch is filled up to an even number.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime as ort

from scoring.engine.parity import Parity

__all__ = ["CHUNK", "ModelError", "OnnxModel", "Parity"]

INPUT_TYPES: dict[str, type[np.floating[Any]]] = {"tensor(float)": np.float32, "tensor(double)": np.float64}
USUAL_OUTPUTS = ("probabilities", "probability", "output_probability")
CHUNK = 8192  # rows a run takes: bounds the memory that a batch needs
ROUNDING = 1e-6  # a float32 sum may end this far outside [0, 1]
PARITY_TOLERANCE = 1e-6

Matrix = npt.NDArray[np.float64]


class ModelError(ValueError):
    """A model that cannot be used, or an output that is no probability; `rows` are the events it happened to."""

    def __init__(self, message: str, rows: Sequence[int] = ()) -> None:
        super().__init__(message)
        self.rows = tuple(rows)


class OnnxModel:
    """A model of F `features`, in one thread; safe to call from several. `dtype` is that of its input.

    `output` is the name of the output that it reads, `columns` how many that has: 1, or 2 for those of two classes.

    Raises ModelError unless `content` is ONNX with one input (n, F) of float32 or float64, n free, and one output
    of n probabilities or (n, 2) class probabilities, of which the second counts.
    """

    def __init__(self, content: bytes, features: int, single_rows: int = 1) -> None:
        if single_rows not in (1, 2):
            raise ModelError(f"single_rows must be 1 or 2, found {single_rows}")
        self.features = features
        self.single_rows = single_rows
        self._session = _session(content)
        self._run_session = self._session._sess.run  # what its own `run` calls, after checks that cost as much
        self._input, self.dtype = _input(self._session, features)
        self.output = _output(self._session)
        self.columns = self._count_columns()

    def one(self, vector: Sequence[float]) -> float:
        """The probability of one event, its features as floats with NaN for null."""
        rows = np.array([vector] * self.single_rows, dtype=self.dtype)
        value = float(self._run(rows).item(self.columns - 1))
        if 0.0 <= value <= 1.0:
            return value
        return _clipped(np.array([value]), 0).item()

    def many(self, matrix: Matrix) -> Matrix:
        """The probabilities (n,) of n events, `matrix` (n, F)."""
        if matrix.ndim != 2 or matrix.shape[1] != self.features:
            raise ModelError(f"expected a matrix of {self.features} columns, found the shape {matrix.shape}")
        result = np.empty(len(matrix), dtype=np.float64)
        for start in range(0, len(matrix), CHUNK):
            result[start : start + CHUNK] = _clipped(self._chunk(matrix[start : start + CHUNK]), start)
        return result

    def check_parity(self, parity: Parity) -> float:
        """Run the events that the registry ran; returns the largest difference from what it got.

        Raises ModelError beyond 1e-6: then this machine or its libraries compute something else than was checked.
        On equal processors and libraries the difference is zero.
        """
        expected = np.array(parity["outputs"], dtype=np.float64)
        found = self.many(np.array(parity["inputs"], dtype=np.float64).reshape(len(expected), -1))
        difference = float(np.max(np.abs(found - expected), initial=0.0))
        if not difference <= PARITY_TOLERANCE:
            raise ModelError(
                f"the model gives other probabilities here than at its registration, by up to {difference:.3g}; "
                "check that this machine has the same version of onnxruntime, or register the model again"
            )
        return difference

    def _run(self, rows: npt.NDArray[Any]) -> npt.NDArray[Any]:
        try:
            result: npt.NDArray[Any] = self._run_session([self.output], {self._input: rows}, None)[0]
        except Exception as error:  # onnxruntime's exceptions share no other base class
            raise ModelError(f"the model does not run: {_first_line(error)}") from error
        return result

    def _chunk(self, rows: Matrix) -> Matrix:
        count = len(rows)
        padded = np.ascontiguousarray(rows, dtype=self.dtype)
        if count % self.single_rows:
            padded = np.concatenate([padded, padded[-1:]])
        result = self._run(padded)
        if np.shape(result)[:1] != (len(padded),):
            raise ModelError(
                f"the output {self.output} has the shape {np.shape(result)} for {len(padded)} events, expected a row "
                "for each; an operator that drops dimensions (Squeeze) must say which (axes)"
            )
        column = result.reshape(len(padded), self.columns)[:count, -1]
        return column.astype(np.float64)

    def _count_columns(self) -> int:
        """Run two events to see what the output looks like; files often do not say."""
        shape = np.shape(self._run(np.zeros((2, self.features), dtype=self.dtype)))
        if shape not in ((2,), (2, 1), (2, 2)):
            raise ModelError(
                f"the output {self.output} has the shape {shape} for 2 events, expected (2,), (2, 1) or (2, 2): "
                "one probability an event, or those of two classes"
            )
        return shape[1] if len(shape) == 2 else 1


def _session(content: bytes) -> Any:
    options = ort.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.execution_mode = ort.ExecutionMode.ORT_SEQUENTIAL
    options.log_severity_level = 4
    try:
        return ort.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's exceptions share no other base class
        raise ModelError(f"onnxruntime cannot load the model: {_first_line(error)}") from error


def _input(session: Any, features: int) -> tuple[str, type[np.floating[Any]]]:
    found = session.get_inputs()
    expected = f"expected one input of floats or doubles of the shape (n, {features})"
    listed = ", ".join(f"{each.name} {each.type} {_shape(each.shape)}" for each in found) or "none"
    if len(found) != 1 or found[0].type not in INPUT_TYPES or len(found[0].shape) != 2:
        raise ModelError(f"{expected}, found {listed}; export the model with a single input of that shape")
    rows, width = found[0].shape
    if isinstance(rows, int):
        raise ModelError(f"{expected}, found {listed}; export it with a free number of rows (None)")
    if isinstance(width, int) and width != features:
        raise ModelError(f"{expected}, one column a feature, found {listed}; declare the features it was made with")
    return found[0].name, INPUT_TYPES[found[0].type]


def _output(session: Any) -> str:
    found = session.get_outputs()
    listed = ", ".join(f"{each.name} {each.type} {_shape(each.shape)}" for each in found)
    if any("map(" in each.type or "seq(" in each.type for each in found):
        raise ModelError(f"the outputs {listed} are not plain tensors; export with zipmap=False")
    names = [each.name for each in found if each.type in INPUT_TYPES]
    usual = [name for name in names if name in USUAL_OUTPUTS]
    if len(names) == 1 or len(usual) == 1:
        return str(names[0] if len(names) == 1 else usual[0])
    raise ModelError(f"expected one output of probabilities, found {listed}; name it 'probabilities' or drop others")


def _shape(dimensions: Sequence[Any]) -> str:
    return "(" + ", ".join(str(each) if isinstance(each, int) else "n" for each in dimensions) + ")"


def _clipped(values: Matrix, start: int) -> Matrix:
    """Values within rounding of [0, 1] brought into it. Raises ModelError with the rows of others."""
    if len(values) and values.min() >= 0.0 and values.max() <= 1.0:
        return values
    clipped = np.clip(values, 0.0, 1.0)
    bad = np.flatnonzero(~(np.abs(values - clipped) <= ROUNDING))
    if len(bad):
        raise ModelError(
            f"the model gave {values[bad[0]]} for event {start + int(bad[0])}, expected a probability in [0, 1]",
            rows=[start + int(row) for row in bad],
        )
    return clipped


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n")[0]
