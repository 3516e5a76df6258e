"""What the tenants of the demonstration share: two models with a predictor each, and the reference distribution."""

import io
import json
from collections.abc import Mapping
from concurrent.futures import Future

import pyarrow as pa
import pyarrow.csv

from muse_site.demo.profiles import FEATURES, REFERENCE_POINTS
from muse_site.demo.progress import Say
from muse_site.demo.training import RECIPES, Recipe, Trained
from muse_site.driving.client import Console

OLD, NEW = (recipe.name for recipe in RECIPES)
_REFERENCE = "card-alerts"


def predictors(console: Console, trained: Mapping[str, Future[Trained]], say: Say) -> dict[str, str]:
    """Keys of the predictors by the name of their model; models that are missing are registered as they are trained."""
    missing = [trained[recipe.name] for recipe in RECIPES if not _is_registered(console, recipe)]
    uploaded = [_upload(console, model.result()) for model in missing]
    for model in uploaded:
        say(f"model {console.wait_for_model(model)['key']} is trained, checked and usable")
    return {recipe.name: _predictor(console, recipe) for recipe in RECIPES}


def reference(console: Console) -> str:
    """The key of the reference distribution."""
    for found in console.pages("references", name=_REFERENCE):
        return str(found["key"])
    body = {"name": _REFERENCE, "kind": "curve", "parameters": {"points": REFERENCE_POINTS}}
    return str(console.post("references", body)["key"])


def _is_registered(console: Console, recipe: Recipe) -> bool:
    return any(model["state"] != "unusable" for model in console.pages("models", name=recipe.name))


def _upload(console: Console, model: Trained) -> dict[str, str]:
    fields = {
        "name": model.recipe.name,
        "format": "lightgbm",
        "features": json.dumps(FEATURES),
        "beta": str(model.recipe.beta),
        "notes": f"{model.recipe.trees} trees, trained by the demonstration",
    }
    files = {"file": ("model.txt", model.text.encode()), "validation_scores": ("scores.csv", _csv(model))}
    uploaded: dict[str, str] = console.upload("models", fields, files)
    return uploaded


def _predictor(console: Console, recipe: Recipe) -> str:
    for found in console.pages("predictors", name=recipe.name):
        return str(found["key"])
    newest = next(model for model in console.pages("models", name=recipe.name) if model["state"] != "unusable")
    model = console.wait_for_model(newest)
    body = {"name": recipe.name, "members": [{"model": model["key"]}]}
    return str(console.post("predictors", body)["key"])


def _csv(model: Trained) -> bytes:
    buffer = io.BytesIO()
    pyarrow.csv.write_csv(pa.table({"output": model.validation_scores}), buffer)
    return buffer.getvalue()
