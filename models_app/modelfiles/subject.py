"""What each file format makes of an uploaded file, for the checks that are the same for all."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from models_app.modelfiles.report import Check

Vector = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Subject:
    """A model file, opened.

    content: the ONNX bytes that would be served
    thresholds: for each column, the values at which the model decides
    reference: the original library on float64 rows (n, F) → (n,), where there is one, and its name
    passed: what the format's own checks found
    """

    content: bytes
    thresholds: Mapping[int, Vector]
    reference: Callable[[Vector], Vector] | None = None
    library: str = ""
    passed: list[Check] = field(default_factory=list)


def grouped(columns: npt.NDArray[np.int64], values: Vector) -> dict[int, Vector]:
    """The distinct finite values of each column."""
    keep = np.isfinite(values)
    columns, values = columns[keep], values[keep]
    return {int(column): np.unique(values[columns == column]) for column in np.unique(columns)}
