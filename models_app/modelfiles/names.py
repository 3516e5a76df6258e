"""The features that a model file names itself, read from its first and last lines, before anything is checked."""

import json
from codecs import BOM_UTF8
from pathlib import Path
from typing import Any

HEADER_BYTES, TAIL_BYTES = 8 * 2**20, 4 * 2**20
_BEGINNING = b"tree\n"


def is_lightgbm(path: Path) -> bool:
    """Tell a LightGBM text file by how it begins."""
    with path.open("rb") as file:
        beginning = file.read(len(BOM_UTF8) + len(_BEGINNING) + 1)
    return beginning.removeprefix(BOM_UTF8).replace(b"\r\n", b"\n").startswith(_BEGINNING)


def features_named(path: Path) -> list[dict[str, Any]]:
    """Return a LightGBM file's features, in the model's order: a category's values where it has them, else numbers.

    An empty list where it names none. Nothing is run, and only the header and the end are read.
    """
    head = _header(path)
    names, infos = _words(head, "feature_names"), _words(head, "feature_infos")
    infos += [""] * (len(names) - len(infos))
    categories = iter(_pandas_categories(path))
    return [_feature(name, info, categories) for name, info in zip(names, infos, strict=False)]


def _words(head: dict[str, str], name: str) -> list[str]:
    """Spaces part them and nothing else does: names may hold other kinds of space."""
    return [word for word in head.get(name, "").split(" ") if word]


def _header(path: Path) -> dict[str, str]:
    with path.open("rb") as file:
        text = file.read(HEADER_BYTES).decode(errors="replace").replace("\r\n", "\n")
    lines = (line.partition("=") for line in text.partition("\nTree=")[0].split("\n"))
    return {key: value for key, _, value in lines}


def _pandas_categories(path: Path) -> list[list[str]]:
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - TAIL_BYTES))
        _, found, tail = file.read().decode(errors="replace").rpartition("\npandas_categorical:")
    try:
        values = json.loads(tail.splitlines()[0]) if found and tail.strip() else None
    except (ValueError, RecursionError):
        return []
    lists = values if isinstance(values, list) else []
    return [[str(value) for value in each] for each in lists if isinstance(each, list)]


def _feature(name: str, info: str, categories: Any) -> dict[str, Any]:
    """`info` is [low:high] of a number, 0:1:2 of a category's codes, none of a feature that was never used."""
    if ":" not in info or info.startswith("["):
        return {"name": name, "type": "number"}
    values = next(categories, None)
    return {"name": name, "type": "category", "categories": values} if values else {"name": name, "type": "integer"}
