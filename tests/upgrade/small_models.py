"""Two small models and a later version of one, trained in a second, with validation scores for cold starts."""

import io
import json
from dataclasses import dataclass
from typing import Any

import lightgbm as lgb
import numpy as np
import pyarrow as pa
import pyarrow.csv
from numpy.typing import NDArray
from skl2onnx import to_onnx
from sklearn.linear_model import LogisticRegression

Json = dict[str, Any]

KINDS = ("goods", "travel", "cash")
FEATURES: list[Json] = [
    {"name": "amount", "type": "number", "minimum": 0},
    {"name": "hour", "type": "integer", "minimum": 0, "maximum": 23},
    {"name": "foreign", "type": "boolean", "nullable": True},
    {"name": "kind", "type": "category", "required": False, "categories": list(KINDS)},
    {"name": "age", "type": "number", "nullable": True},
]


@dataclass(frozen=True)
class Upload:
    """A model file as it is registered: form fields, and its own outputs on validation data."""

    name: str
    file_format: str
    features: list[Json]
    beta: float
    content: bytes
    validation: NDArray[np.float64]

    def form(self) -> tuple[dict[str, str], dict[str, tuple[str, bytes]]]:
        fields = {
            "name": self.name,
            "format": self.file_format,
            "features": json.dumps(self.features),
            "beta": str(self.beta),
        }
        return fields, {"file": ("model", self.content), "validation_scores": ("scores.csv", column(self.validation))}


def column(values: NDArray[np.float64]) -> bytes:
    """A CSV file with one column of these values."""
    buffer = io.BytesIO()
    pyarrow.csv.write_csv(pa.table({"output": values}), buffer)
    return buffer.getvalue()


def events(count: int, seed: int) -> list[Json]:
    """Features as a client sends them, with nulls where they may be, and some left out."""
    x, _ = _drawn(count, seed)
    return [
        {
            "amount": round(amount, 2),
            "hour": int(hour),
            "foreign": None if np.isnan(foreign) else bool(foreign),
            **({} if np.isnan(kind) else {"kind": KINDS[int(kind)]}),
            "age": None if np.isnan(age) else round(age, 1),
        }
        for amount, hour, foreign, kind, age in x.tolist()
    ]


def uploads() -> list[Upload]:
    """The trees, a logistic regression in float32, and its next version."""
    x, y = _drawn(4000, seed=1)
    return [_trees(x, y), _logistic(x[:2000], y[:2000]), _logistic(x[2000:], y[2000:])]


def _trees(x: NDArray[np.float64], y: NDArray[np.int64]) -> Upload:
    names = [each["name"] for each in FEATURES]
    data = lgb.Dataset(x, y, feature_name=names, categorical_feature=["kind"])
    settings = {"objective": "binary", "num_leaves": 7, "verbose": -1, "num_threads": 1, "deterministic": True}
    booster = lgb.train(settings, data, 12)
    return Upload(
        "trees", "lightgbm", FEATURES, 0.2, booster.model_to_string().encode(), np.asarray(booster.predict(x))
    )


def _logistic(x: NDArray[np.float64], y: NDArray[np.int64]) -> Upload:
    inputs = x[:, :2].astype(np.float32)
    model = LogisticRegression().fit(inputs, y)
    options = {id(model): {"zipmap": False}}
    content = to_onnx(model, inputs[:1], options=options).SerializeToString()
    return Upload("logistic", "onnx", FEATURES[:2], 1.0, content, model.predict_proba(inputs)[:, 1].astype(np.float64))


def _drawn(count: int, seed: int) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Inputs (count, 5), NaN for null, and labels."""
    rng = np.random.default_rng(seed)
    amount, hour = rng.gamma(2, 60, count), rng.integers(0, 24, count).astype(float)
    foreign = np.where(rng.random(count) < 0.1, np.nan, rng.random(count) < 0.2)
    kind = np.where(rng.random(count) < 0.1, np.nan, rng.integers(0, len(KINDS), count))
    age = np.where(rng.random(count) < 0.2, np.nan, rng.gamma(2, 300, count))
    risk = amount / 120 + (hour < 6) + np.nan_to_num(foreign) + (kind == 2) + rng.normal(size=count)
    return np.column_stack([amount, hour, foreign, kind, age]), (risk > 3.2).astype(np.int64)
