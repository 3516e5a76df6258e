"""What is served: two tenants alike, intents of 30 features, a model of 200 trees, as scoring processes find it.

    MUSE_DATA=FOLDER DJANGO_SETTINGS_MODULE=muse_site.settings python -m benchmarks.serving.world [TREES]

A scoring process whose Postgres is away starts from these documents, so nothing else has to run beside what is
measured. One intent has one model alone; others have two in the predictor, a shadow, five. Into the same folder go
`model.onnx`, `key` and `key-other`, the requests (`single.json`, `batch.json`, those of the other intents and of
others), and in `outputs.json` and `outputs-two.json` what the models give for each of their events; of the large batch,
`large.arrow`, `matrix.npy` and `outputs-large.json`.
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import lightgbm as lgb
import msgspec
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

FEATURES = 30
TREES = 200
BATCH, LARGE = 1_000, 10_000
INTENT = "card-payments"
BETA = 0.2
NAMES = tuple(f"feature_{place:02d}" for place in range(FEATURES))
COLUMNS = [f"features.{name}" for name in NAMES]
TWO, SHADOWED, FIVE = "two-models", "one-shadow", "five-shadows"
OTHER_KEY = "key-other"
_RELEASE, _TRANSFORM = 1, 1
_KNOTS = 1_000
_TRAINED_ON = 20_000


def make(trees: int) -> None:
    """Write all of it to the data folder of Django's settings."""
    from django.conf import settings

    from scoring.engine.onnx_model import OnnxModel

    rng = np.random.default_rng(14)
    rows = rng.normal(size=(_TRAINED_ON, FEATURES))
    models = [_model(rows, rng, trees) for _ in range(2)]
    _serve(models, rows)
    _requests(settings.DATA_DIR, rows[:BATCH])
    _large(settings.DATA_DIR, rows[:LARGE])
    (settings.DATA_DIR / "model.onnx").write_bytes(models[0])
    first, second = (OnnxModel(each, FEATURES).many(rows[:BATCH]).tolist() for each in models)
    (settings.DATA_DIR / "outputs.json").write_text(json.dumps(first))
    (settings.DATA_DIR / "outputs-large.json").write_text(
        json.dumps(OnnxModel(models[0], FEATURES).many(rows[:LARGE]).tolist())
    )
    (settings.DATA_DIR / "outputs-two.json").write_text(json.dumps(list(zip(first, second, strict=True))))


def _model(rows: NDArray[np.float64], rng: np.random.Generator, trees: int) -> bytes:
    from models_app.modelfiles import lightgbm_onnx, lightgbm_text

    chance = 1.0 / (1.0 + np.exp(3.0 - rows[:, :5].sum(axis=1) - rows[:, 5] * rows[:, 6]))
    label = rng.random(len(rows)) < chance
    parameters = {"objective": "binary", "num_leaves": 31, "verbosity": -1, "seed": 14, "num_threads": 1}
    booster = lgb.train(parameters, lgb.Dataset(rows, label.astype(float), feature_name=list(NAMES)), trees)
    return lightgbm_onnx.convert(lightgbm_text.read(booster.model_to_string().encode()))


def _serve(models: Sequence[bytes], rows: NDArray[np.float64]) -> None:
    """The models, a key, and a release of all intents."""
    from django.conf import settings

    from scoring.engine import document
    from scoring.store.sources import Catalogue, DiskCopy, Key, TenantRow
    from tenants import secrets

    keys = [f"cards-model@{number}" for number, _ in enumerate(models, start=1)]
    digests = [_stored(each, rows[:16]) for each in models]
    members = tuple(document.Member(key, beta=BETA) for key in keys)
    built = document.ReleaseDocument(
        tenant="acme",
        intents=_intents(),
        predictors={
            "cards@1": document.Predictor(members[:1]),
            "cards@2": document.Predictor(members[1:]),
            "cards@3": document.Predictor(members),
        },
        transforms={str(number): _transform() for number in range(_TRANSFORM, _TRANSFORM + 6)},
        models={key: document.Model(digest, NAMES) for key, digest in zip(keys, digests, strict=True)},
    )
    document.check(built)
    disk, kept, tenants = DiskCopy(settings.SERVING_CACHE_DIR), [], []
    for number, (slug, file) in enumerate({"acme": "key", "other": OTHER_KEY}.items(), start=1):
        credential = secrets.make(secrets.KEY)
        kept.append(Key(number, number, credential.prefix, credential.secret_hash, ("score",)))
        tenants.append(TenantRow(number, slug, release=_RELEASE))
        text = msgspec.json.encode(msgspec.structs.replace(built, tenant=slug), order="sorted").decode()
        disk.keep_release(number, _RELEASE, text)
        (settings.DATA_DIR / file).write_text(credential.text)
    disk.keep_catalogue(Catalogue(kept, tenants))


def _stored(content: bytes, inputs: NDArray[np.float64]) -> str:
    """The digest of a model that scoring processes find in the store."""
    from scoring.engine.onnx_model import OnnxModel
    from scoring.store import artifacts

    outputs = OnnxModel(content, FEATURES).many(inputs)
    return artifacts.store(content, {"inputs": inputs.tolist(), "outputs": outputs.tolist()})


def _intents() -> Any:
    """By name. Of each, web goes one way and all else another, both to the same target."""
    from scoring.engine import document

    one, two = document.Target("cards@1", _TRANSFORM), document.Target("cards@3", _TRANSFORM)
    shadows = tuple(document.Target("cards@2", number) for number in range(_TRANSFORM + 1, _TRANSFORM + 6))
    kinds = {INTENT: (one, ()), TWO: (two, ()), SHADOWED: (one, shadows[:1]), FIVE: (one, shadows)}
    return {name: _intent(live, beside) for name, (live, beside) in kinds.items()}


def _intent(live: Any, shadows: Any) -> Any:
    from scoring.engine import document

    web = document.Route("web", live, when=(document.Condition("channel", any_of=("web",)),), shadows=shadows)
    return document.Intent(
        features=tuple(document.Feature(name, minimum=-1e6, maximum=1e6) for name in NAMES),
        routes=(web, document.Route("all", live, shadows=shadows)),
        context=(document.ContextAttribute("channel", values=("web", "shop")),),
    )


def _transform() -> Any:
    from scoring.engine import document

    x = np.linspace(0.0, 1.0, _KNOTS)
    return document.Transform("custom", "alerts@1", tuple(x.tolist()), tuple(np.sqrt(x).tolist()))


def _requests(folder: Path, rows: NDArray[np.float64]) -> None:
    """One event and a batch as the product's clients send them, and the same as bare rows for who takes these."""
    every, first = rows.tolist(), rows[:1].tolist()
    events = [{"features": dict(zip(NAMES, row, strict=True)), "context": {"channel": "web"}} for row in every]
    tensor = {"name": "rows", "shape": [1, FEATURES], "datatype": "FP64", "data": first[0]}
    contents = {
        "single": {"intent": INTENT, **events[0]},
        **{intent: {"intent": intent, **events[0]} for intent in (TWO, SHADOWED, FIVE)},
        "batch": {"intent": INTENT, "events": events},
        f"batch-{TWO}": {"intent": TWO, "events": events},
        "table": {"intent": INTENT, "columns": COLUMNS, "data": every},
        "row": {"rows": first},
        "rows": {"rows": every},
        "instances": {"instances": first},
        "instances-batch": {"instances": every},
        "inputs": {"inputs": first},
        "tensor": {"inputs": [tensor]},
    }
    for name, content in contents.items():
        (folder / f"{name}.json").write_text(json.dumps(content))


def _large(folder: Path, rows: NDArray[np.float64]) -> None:
    """The large batch as an Arrow stream, and as the matrix that a model takes."""
    table = pa.table(dict(zip(COLUMNS, np.ascontiguousarray(rows.T), strict=True)))
    with pa.OSFile(str(folder / "large.arrow"), "wb") as file, pa.ipc.new_stream(file, table.schema) as writer:
        writer.write_table(table)
    np.save(folder / "matrix.npy", rows)


if __name__ == "__main__":
    import django

    django.setup()
    make(int(sys.argv[1]) if len(sys.argv) > 1 else TREES)
