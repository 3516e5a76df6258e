"""Events that find out where a converted model decides otherwise than the original.

For each feature: null where it may be, zero, each value at which the model splits and its neighbours, the declared
extremes, and random values in between. Rows mix these at random, with a fixed seed.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from models_app.modelfiles.report import FeatureSpec
from models_app.modelfiles.subject import Vector
from scoring.engine.onnx_model import CHUNK

SEED = 20_261_123
FEWEST_ROWS = CHUNK + 1  # a full run in memory, and a last one of a single row
RANDOM_VALUES = 64
ROWS_PER_VALUE = 8


def rows(features: Sequence[FeatureSpec], thresholds: Mapping[int, Vector], most_rows: int) -> Vector:
    """A matrix (n, F) of events as clients may send them; n at most `most_rows`.

    Every value to try occurs in it, unless a feature has more of them than there are rows.
    """
    rng = np.random.default_rng(SEED)
    nothing = np.empty(0)
    values = [_values(each, thresholds.get(column, nothing), rng) for column, each in enumerate(features)]
    count = min(most_rows, max(FEWEST_ROWS, ROWS_PER_VALUE * max(len(each) for each in values)))
    return np.column_stack([_column(each, count, rng) for each in values])


def _column(values: Vector, count: int, rng: np.random.Generator) -> Vector:
    """Return a column in which each value occurs about equally often, in random order."""
    repeats = -(-count // len(values))
    return np.concatenate([rng.permutation(values) for _ in range(repeats)])[:count]


def _values(feature: FeatureSpec, thresholds: Vector, rng: np.random.Generator) -> Vector:
    if feature.type == "boolean":
        values = np.array([0.0, 1.0])
    elif feature.type == "category":
        values = np.arange(max(1, len(feature.categories)), dtype=np.float64)
    else:
        values = _numbers(feature, thresholds, rng)
    return np.append(values, np.nan) if feature.nullable else values


def _numbers(feature: FeatureSpec, thresholds: Vector, rng: np.random.Generator) -> Vector:
    extremes = np.array([each for each in (feature.minimum, feature.maximum) if each is not None])
    parts = [np.zeros(1), _around(thresholds), extremes, _between(feature, thresholds, rng)]
    values = np.concatenate(parts)
    if feature.type == "integer":
        values = np.concatenate([np.floor(values), np.ceil(values)])
    lowest, highest = _limits(feature)
    return np.unique(values[(values >= lowest) & (values <= highest)])


def _around(thresholds: Vector) -> Vector:
    """Each threshold, the next double above it, and one float32 step to either side."""
    with np.errstate(over="ignore"):
        step = np.spacing(np.abs(thresholds).astype(np.float32)).astype(np.float64)
    beside = np.concatenate([thresholds - step, thresholds + step, np.nextafter(thresholds, np.inf)])
    return np.concatenate([thresholds, beside[np.isfinite(beside)]])


def _between(feature: FeatureSpec, thresholds: Vector, rng: np.random.Generator) -> Vector:
    """Random values between the declared extremes; for want of them, around the thresholds; else around zero."""
    span = thresholds if len(thresholds) else np.array([-10.0, 10.0])
    low = feature.minimum if feature.minimum is not None else min(span.min(), feature.maximum or span.min())
    high = feature.maximum if feature.maximum is not None else max(span.max(), low + 1.0)
    return low + (high - low) * rng.random(RANDOM_VALUES)


def _limits(feature: FeatureSpec) -> tuple[float, float]:
    lowest = -np.inf if feature.minimum is None else feature.minimum
    highest = np.inf if feature.maximum is None else feature.maximum
    return lowest, highest
