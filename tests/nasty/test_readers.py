"""Whatever bytes a reader is given, it reads them or refuses them in its own words: no other error, and no crash."""

import io
import json
import os
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
import pytest
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from models_app.inputs.columns import ColumnError, read_column
from models_app.inputs.yaml_text import NotYaml, read_yaml
from models_app.modelfiles import lightgbm_text, onnx_file
from models_app.modelfiles.names import features_named
from models_app.modelfiles.report import Refusal as FileRefusal
from scoring.engine import document
from scoring.queue import columnar
from scoring.queue.record import encode
from scoring.serving.columnar import stream
from tenants import strict_json
from tenants.refusals import Refusal
from tests.documents import EVENT
from tests.models_app.modelfiles.builders import booster, features, linear, payments
from tests.nasty.mutations import spoilt, spoilt_json
from tests.scoring.eventlog import event

EACH = 20_000 if os.environ.get("NASTY") == "all" else 150
BOUNDS = examples(
    max_examples=EACH,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
PLAIN_DOCUMENT = {
    "tenant": "acme",
    "schema_version": 2,
    "intents": {
        "card-payments": {
            "features": [{"name": "amount", "type": "number", "minimum": 0.0}],
            "context": [{"name": "channel", "values": ["web"]}],
            "thresholds": [{"name": "review", "score": 0.5}],
            "routes": [{"name": "all", "live": {"predictor": "p@1", "transform": 1}}],
        }
    },
    "predictors": {"p@1": {"members": [{"model": "m@1", "beta": 1.0, "weight": 1.0}], "aggregation": "mean"}},
    "models": {"m@1": {"digest": "0" * 64, "features": ["amount"], "single_rows": 1}},
    "transforms": {"1": {"kind": "custom", "reference": "r@1", "x": [0.0, 1.0], "y": [0.0, 1.0]}},
}
TABLE = pa.table({"p": np.random.default_rng(1).random(100), "name": [f"n{i}" for i in range(100)]})


def _arrow() -> bytes:
    table = pa.table(
        {f"features.{name}": [value] * 20 for name, value in EVENT.items()} | {"event_id": [str(i) for i in range(20)]}
    )
    out = io.BytesIO()
    with pa.ipc.new_stream(out, table.schema) as writer:
        writer.write_table(table, max_chunksize=7)
    return out.getvalue()


def _csv() -> bytes:
    out = io.BytesIO()
    pa.csv.write_csv(TABLE, out)
    return out.getvalue()


def _parquet() -> bytes:
    out = io.BytesIO()
    pa.parquet.write_table(TABLE, out, compression="zstd")
    return out.getvalue()


def _lightgbm() -> bytes:
    x, y, _ = payments(300)
    return booster(x[:, 2:3], y, ["seconds"], rounds=3).model_to_string().encode()


def _document() -> bytes:
    return json.dumps(PLAIN_DOCUMENT).encode()


def _record() -> bytes:
    return encode(event("a"))


def _batch() -> bytes:
    """As scoring records a batch that came in columns."""
    core = {
        "event_id": ["a", "b"], "occurred_at": [1, 2], "taken": [0, 0], "outputs": [[0.5], [0.25]],
        "probability": [0.5, 0.25], "score": [0.5, 0.25], "context": [0, 0],
    }  # fmt: skip
    columns = columnar.stream(core, {"amount": pa.array([1.0, None])})
    taken, contexts = [columnar.Taken("all", "p@1", 1)], [{"channel": "web"}]
    return columnar.encode(columnar.EventsRecord(1, "card-payments", 3, 1, 1, taken, contexts, ["amount"], columns))


Reader = Callable[[bytes, Path], Any]
READERS: dict[str, tuple[Callable[[], bytes], Reader, tuple[type[Exception], ...]]] = {
    "a release document": (_document, lambda content, _: document.decode(content), (document.DocumentError,)),
    "YAML": (
        lambda: b"intents:\n  card-payments: {routes: [{name: all, live: {predictor: 'p@1', transform: 1}}]}\n",
        lambda content, _: read_yaml(content.decode(errors="replace")), (NotYaml,)),
    "JSON": (lambda: b'{"a": [1, 2.5e3, null, {"b": "\\u00e9"}]}',
             lambda content, _: strict_json.decode_storable(content), (Refusal,)),
    "an Arrow stream": (_arrow, lambda content, _: stream.read(content, 1_000, 1 << 20), (Refusal,)),
    "a record of a segment": (_record, lambda content, _: columnar.decode(content), (msgspec.DecodeError,)),
    "a batch in a segment": (_batch, lambda content, _: columnar.decode(content), (msgspec.DecodeError,)),
    "CSV": (_csv, lambda content, path: read_column(_at(path, content), "p", max_rows=1_000), (ColumnError,)),
    "Parquet": (_parquet, lambda content, path: read_column(_at(path, content), "p", max_rows=1_000), (ColumnError,)),
    "ONNX": (lambda: linear().SerializeToString(),
             lambda content, _: onnx_file.open_file(content, features("a", "b")), (FileRefusal,)),
    "LightGBM": (_lightgbm, lambda content, _: lightgbm_text.read(content), (FileRefusal,)),
    "names in a LightGBM file": (_lightgbm, lambda content, path: features_named(_at(path, content)), ()),
}  # fmt: skip


def said(read: Callable[[], Any], refusals: tuple[type[Exception], ...]) -> str:
    """What the reader says; other errors go through."""
    try:
        read()
    except refusals as refusal:
        return str(refusal) or str(getattr(refusal, "faults", ""))
    return "read"


def _at(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("what", READERS)
def test_reader__of_spoilt_bytes__reads_them_or_refuses_them_in_its_own_words(tmp_path: Path, what: str) -> None:
    make, read, refusals = READERS[what]
    good = make()
    read(good, tmp_path / "file")

    @BOUNDS
    @given(st.integers(0, 2**32))
    def check(seed: int) -> None:
        content = spoilt(random.Random(seed), good)
        assert said(lambda: read(content, tmp_path / "file"), refusals)

    check()


@pytest.mark.parametrize("what", READERS)
def test_reader__of_any_bytes__reads_them_or_refuses_them_in_its_own_words(tmp_path: Path, what: str) -> None:
    make, read, refusals = READERS[what]
    beginning = make()[:8]

    @BOUNDS
    @given(st.binary(max_size=400), st.booleans())
    def check(content: bytes, begins_well: bool) -> None:
        whole = beginning + content if begins_well else content
        assert said(lambda: read(whole, tmp_path / "file"), refusals)

    check()


def test_document__of_spoilt_json__is_read_or_refused_in_its_own_words() -> None:
    @BOUNDS
    @given(st.integers(0, 2**32))
    def check(seed: int) -> None:
        content = spoilt_json(random.Random(seed), PLAIN_DOCUMENT)
        assert said(lambda: document.decode(content), (document.DocumentError,))

    check()
