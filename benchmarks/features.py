"""A feature from a column of a table: its description as an intent takes it, and its values as a model does."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from benchmarks.events import NotThatFile

_MOST_CATEGORIES = 200  # more of them tell an event from others, not its kind
_LARGEST_WHOLE = 2**53  # larger ones are taken as numbers, not as whole numbers


@dataclass(frozen=True)
class Feature:
    """`values` are float64, NaN for null; a category is its place in the list of the schema."""

    schema: dict[str, Any]
    values: NDArray[np.float64]


def feature_of(name: str, column: pa.ChunkedArray, categorical: bool | None = None) -> Feature:
    """The feature of a column; `categorical` None leaves it to the column's type. Raises NotThatFile where none is."""
    if isinstance(column.type, pa.DictionaryType):
        column = column.cast(column.type.value_type)
    if categorical is None:
        categorical = not _is_number(column.type)
    return _category(name, column) if categorical else _number(name, column)


def plain_names(names: Iterable[str]) -> list[str]:
    """Names that a model file can hold, none of them twice."""
    found: list[str] = []
    for place, name in enumerate(names):
        plain = re.sub(r"[^A-Za-z0-9_.-]", "_", name)
        found.append(plain if plain not in found else f"{plain}_{place}")
    return found


def _number(name: str, column: pa.ChunkedArray) -> Feature:
    if not _is_number(column.type):
        raise NotThatFile(f"expected numbers, found {column.type}")
    values = column.cast(pa.float64()).to_numpy(zero_copy_only=False)
    if np.isinf(values).any():
        raise NotThatFile("expected finite numbers, found an infinite one")
    return Feature(_schema(name, _kind(column.type, values), values), values)


def _is_number(kind: pa.DataType) -> bool:
    tests = (pa.types.is_integer, pa.types.is_floating, pa.types.is_boolean, pa.types.is_decimal)
    return any(test(kind) for test in tests)


def _kind(kind: pa.DataType, values: NDArray[np.float64]) -> str:
    if pa.types.is_boolean(kind):
        return "boolean"
    whole = pa.types.is_integer(kind) and not np.any(np.abs(values) > _LARGEST_WHOLE)
    return "integer" if whole else "number"


def _category(name: str, column: pa.ChunkedArray) -> Feature:
    if not (_is_number(column.type) or pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
        raise NotThatFile(f"expected texts or numbers, found {column.type}")
    texts = column.cast(pa.string())
    categories = sorted(pc.unique(texts).drop_null().to_pylist())
    if not 0 < len(categories) <= _MOST_CATEGORIES:
        raise NotThatFile(f"expected 1 to {_MOST_CATEGORIES} different values, found {len(categories):,}")
    values = pc.index_in(texts, pa.array(categories, pa.string())).cast(pa.float64()).to_numpy(zero_copy_only=False)
    return Feature(_schema(name, "category", values, categories), values)


def _schema(name: str, kind: str, values: NDArray[np.float64], categories: Sequence[str] = ()) -> dict[str, Any]:
    schema: dict[str, Any] = {"name": name, "type": kind}
    if np.isnan(values).any():
        schema["nullable"] = True
    return schema | ({"categories": list(categories)} if categories else {})
