"""Small real models for the tests of the registry and the engine."""

from pathlib import Path

import lightgbm as lgb
import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from models_app.modelfiles import CheckReport, FeatureSpec, FileFormat, Limits
from models_app.modelfiles.checker import check
from models_app.modelfiles.material import read
from models_app.modelfiles.report import CheckRequest
from scoring.engine.parity import Parity

EPOCH = 1_790_000_000


def features(*names: str, **options) -> list[FeatureSpec]:
    return [FeatureSpec(name=name, **options) for name in names]


def check_bytes(
    folder: Path,
    content: bytes,
    specs: list[FeatureSpec],
    file_format: FileFormat = "onnx",
    limits: Limits | None = None,
    reference: Parity | None = None,
    risk_label: str = "",
) -> CheckReport:
    """All checks in this process, which is quicker; the ONNX bytes are in `folder/model.onnx` afterwards."""
    path = folder / "upload"
    path.write_bytes(content)
    request = CheckRequest(
        path=str(path),
        output=str(folder / "model.onnx"),
        file_format=file_format,
        features=specs,
        limits=limits or Limits(),
        reference=reference,
        risk_label=risk_label,
    )
    answer = check(request, read(request))
    if answer.model:
        Path(request.output).write_bytes(answer.model)
    return answer.report


def payments(rows: int = 2000, seed: int = 1) -> tuple[np.ndarray, np.ndarray, list[FeatureSpec]]:
    """Amounts with nulls and zeros, a channel as a category, seconds and cents that float32 cannot hold, and labels."""
    rng = np.random.default_rng(seed)
    amount = np.where(rng.random(rows) < 0.3, 0.0, rng.normal(0, 2, rows))
    channel = rng.integers(0, 9, rows)
    seconds = EPOCH + rng.integers(0, 300, rows)
    cents = rng.integers(0, 10**11, rows) / 100
    label = amount + channel * 7 % 5 / 2 + (seconds % 30 > 15) * 2 + (cents > 5e8) + rng.normal(size=rows) > 3
    amount[rng.random(rows) < 0.1] = np.nan
    specs = [
        FeatureSpec(name="amount", nullable=True),
        FeatureSpec(name="channel", type="category", categories=tuple("abcdefghi"), nullable=True),
        FeatureSpec(name="seconds", type="integer", minimum=EPOCH, maximum=EPOCH + 10**6),
        FeatureSpec(name="cents", minimum=0, maximum=1e9),
    ]
    return np.column_stack([amount, channel, seconds, cents]), label.astype(int), specs


def booster(x: np.ndarray, y: np.ndarray, names: list[str], categories=(), rounds: int = 15, **options) -> lgb.Booster:
    """A small LightGBM model."""
    settings = {"objective": "binary", "num_leaves": 15, "verbose": -1, "num_threads": 1, "max_bin": 1000} | options
    settings |= {"min_data_per_group": 5, "cat_smooth": 1, "cat_l2": 1, "min_data_in_bin": 1}
    data = lgb.Dataset(x, y, feature_name=names, categorical_feature=list(categories), params=settings)
    return lgb.train(settings, data, rounds)


def graph(nodes, width: int = 2, constants=None, kind=TensorProto.FLOAT, inputs=None, output=None) -> onnx.ModelProto:
    """An ONNX model of `nodes` that lead from x (n, width) to y."""
    graph_proto = helper.make_graph(
        nodes,
        "test",
        inputs or [helper.make_tensor_value_info("x", kind, [None, width])],
        output or [helper.make_tensor_value_info("y", kind, None)],
        [numpy_helper.from_array(np.asarray(value), name) for name, value in (constants or {}).items()],
    )
    opsets = [helper.make_opsetid("", 18), helper.make_opsetid("ai.onnx.ml", 3)]
    return helper.make_model(graph_proto, opset_imports=opsets, ir_version=10)


def linear(weights=(0.5, -0.25), kind=TensorProto.FLOAT) -> onnx.ModelProto:
    """Logistic regression: sigmoid(x · weights), (n, 1)."""
    dtype = np.float32 if kind == TensorProto.FLOAT else np.float64
    nodes = [helper.make_node("MatMul", ["x", "w"], ["z"]), helper.make_node("Sigmoid", ["z"], ["y"])]
    return graph(nodes, len(weights), {"w": np.array(weights, dtype=dtype).reshape(-1, 1)}, kind)
