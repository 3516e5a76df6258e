"""Good files of each kind that is uploaded, made bad by a seed."""

import gzip
import io
import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from tests.models_app.modelfiles.builders import booster, linear, payments
from tests.nasty.mutations import spoilt

FEATURES = {"onnx": ["a", "b"], "lightgbm": ["seconds"]}
NAMES = ("upload", "../../etc/passwd", "a\u0000b", "x" * 300, "né.onnx", "con", ".", 'a";b.csv', "%2e%2e%2f")


@dataclass(frozen=True)
class Upload:
    """A form with a file: where to, its fields, and the file by its field."""

    kind: str
    path: str
    fields: dict[str, str]
    files: dict[str, tuple[str, bytes]]


def uploads(seed: int) -> Upload:
    """The upload of a seed; each fourth is of one kind."""
    chance = random.Random(seed)
    make = (_onnx, _lightgbm, _csv, _parquet)[seed % 4]
    name = chance.choice(NAMES) if chance.random() < 0.3 else "upload"
    return make(chance, name, _changed(chance, make))


def _changed(chance: random.Random, make: Callable[..., Upload]) -> bytes:
    content = _GOOD[make]()
    if chance.random() < 0.1:
        return gzip.compress(content)
    return spoilt(chance, content)


def _onnx(chance: random.Random, name: str, content: bytes) -> Upload:
    return _model(chance, "onnx", name, content)


def _lightgbm(chance: random.Random, name: str, content: bytes) -> Upload:
    return _model(chance, "lightgbm", name, content)


def _model(chance: random.Random, file_format: str, name: str, content: bytes) -> Upload:
    features = json.dumps([{"name": each, "type": "number"} for each in FEATURES[file_format]])
    fields = {"name": "nasty", "format": file_format, "features": features}
    if chance.random() < 0.1:
        field = chance.choice(list(fields))
        fields[field] = spoilt(chance, fields[field].encode()).decode("latin-1")
    return Upload("model", "models", fields, {"file": (name, content)})


def _csv(chance: random.Random, name: str, content: bytes) -> Upload:
    return Upload("csv", "tenants/acme/samples", {"column": "p"}, {"file": (name, content)})


def _parquet(chance: random.Random, name: str, content: bytes) -> Upload:
    return Upload("parquet", "tenants/acme/samples", {"column": "p"}, {"file": (name, content)})


@cache
def _good_lightgbm() -> bytes:
    x, y, _ = payments(300)
    return booster(x[:, 2:3], y, ["seconds"], rounds=3).model_to_string().encode()


@cache
def _table() -> pa.Table:
    values = np.random.default_rng(1).random(200)
    return pa.table({"p": values, "name": [f"n{i}" for i in range(200)]})


def _good_csv() -> bytes:
    out = io.BytesIO()
    pa.csv.write_csv(_table(), out)
    return out.getvalue()


def _good_parquet() -> bytes:
    out = io.BytesIO()
    pa.parquet.write_table(_table(), out, compression="zstd")
    return out.getvalue()


_GOOD = {
    _onnx: lambda: linear().SerializeToString(),
    _lightgbm: _good_lightgbm,
    _csv: _good_csv,
    _parquet: _good_parquet,
}
