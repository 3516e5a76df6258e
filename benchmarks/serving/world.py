"""What is served: one tenant, one intent of 30 features, one model of 200 trees, as a scoring process finds it on disk.

    MUSE_DATA=FOLDER DJANGO_SETTINGS_MODULE=muse_site.settings python -m benchmarks.serving.world [TREES]

A scoring process whose Postgres is away starts from these documents, so nothing else has to run beside what is
measured. Into the same folder go `model.onnx`, `key`, the requests (`single.json`, `batch.json` and those of others),
and in `outputs.json` what the model gives for each of their events.
"""

import json
import sys
from pathlib import Path
from typing import Any

import lightgbm as lgb
import msgspec
import numpy as np
from numpy.typing import NDArray

FEATURES = 30
TREES = 200
BATCH = 1_000
INTENT = "card-payments"
BETA = 0.2
NAMES = tuple(f"feature_{place:02d}" for place in range(FEATURES))
_TENANT, _KEY, _RELEASE, _TRANSFORM = 1, 1, 1, 1
_KNOTS = 1_000
_TRAINED_ON = 20_000


def make(trees: int) -> None:
    """Write all of it to the data folder of Django's settings."""
    from django.conf import settings

    from scoring.engine.onnx_model import OnnxModel

    rng = np.random.default_rng(14)
    rows = rng.normal(size=(_TRAINED_ON, FEATURES))
    content = _model(rows, rng, trees)
    _serve(content, rows)
    _requests(settings.DATA_DIR, rows[:BATCH])
    (settings.DATA_DIR / "model.onnx").write_bytes(content)
    outputs = OnnxModel(content, FEATURES).many(rows[:BATCH]).tolist()
    (settings.DATA_DIR / "outputs.json").write_text(json.dumps(outputs))


def _model(rows: NDArray[np.float64], rng: np.random.Generator, trees: int) -> bytes:
    from models_app.modelfiles import lightgbm_onnx, lightgbm_text

    chance = 1.0 / (1.0 + np.exp(3.0 - rows[:, :5].sum(axis=1) - rows[:, 5] * rows[:, 6]))
    label = rng.random(len(rows)) < chance
    parameters = {"objective": "binary", "num_leaves": 31, "verbosity": -1, "seed": 14, "num_threads": 1}
    booster = lgb.train(parameters, lgb.Dataset(rows, label.astype(float), feature_name=list(NAMES)), trees)
    return lightgbm_onnx.convert(lightgbm_text.read(booster.model_to_string().encode()))


def _serve(content: bytes, rows: NDArray[np.float64]) -> None:
    """The model, a key, and a release by which web goes one way and all else another, both to the one model."""
    from django.conf import settings

    from scoring.engine import document
    from scoring.engine.onnx_model import OnnxModel
    from scoring.store import artifacts
    from scoring.store.sources import Catalogue, DiskCopy, Key, TenantRow
    from tenants import secrets

    model = OnnxModel(content, FEATURES)
    inputs = rows[:16]
    digest = artifacts.store(content, {"inputs": inputs.tolist(), "outputs": model.many(inputs).tolist()})
    live = document.Target("cards@1", _TRANSFORM)
    web = document.Route("web", live, when=(document.Condition("channel", any_of=("web",)),))
    intent = document.Intent(
        features=tuple(document.Feature(name, minimum=-1e6, maximum=1e6) for name in NAMES),
        routes=(web, document.Route("all", live)),
        context=(document.ContextAttribute("channel", values=("web", "shop")),),
    )
    built = document.ReleaseDocument(
        tenant="acme",
        intents={INTENT: intent},
        predictors={"cards@1": document.Predictor((document.Member("cards-model@1", beta=BETA),))},
        transforms={str(_TRANSFORM): _transform()},
        models={"cards-model@1": document.Model(digest, NAMES)},
    )
    document.check(built)
    credential = secrets.make(secrets.KEY)
    key = Key(_KEY, _TENANT, credential.prefix, credential.secret_hash, ("score",))
    disk = DiskCopy(settings.SERVING_CACHE_DIR)
    disk.keep_catalogue(Catalogue([key], [TenantRow(_TENANT, "acme", release=_RELEASE)]))
    disk.keep_release(_TENANT, _RELEASE, msgspec.json.encode(built, order="sorted").decode())
    (settings.DATA_DIR / "key").write_text(credential.text)


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
        "batch": {"intent": INTENT, "events": events},
        "row": {"rows": first},
        "rows": {"rows": every},
        "instances": {"instances": first},
        "instances-batch": {"instances": every},
        "inputs": {"inputs": first},
        "tensor": {"inputs": [tensor]},
    }
    for name, content in contents.items():
        (folder / f"{name}.json").write_text(json.dumps(content))


if __name__ == "__main__":
    import django

    django.setup()
    make(int(sys.argv[1]) if len(sys.argv) > 1 else TREES)
