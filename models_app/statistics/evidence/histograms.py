"""How scores spread: counts in bins of equal width, alone and before against after."""

from dataclasses import dataclass

import numpy as np

from models_app.statistics.references import AlertRates
from scoring.engine.probability import FloatArray

_BINS = 50
_CELLS = 40


@dataclass(frozen=True)
class Histogram:
    """Events by score, in bins of equal width from 0 to 1; `reference`: how many it expects there of as many events."""

    before: list[int] | None
    after: list[int]
    reference: list[float]


@dataclass(frozen=True)
class Crossing:
    """Events by score before (rows) and after (columns), in cells of equal width from 0 to 1."""

    counts: list[list[int]]


def histogram(before: FloatArray | None, after: FloatArray, reference: AlertRates) -> Histogram:
    """Scores of shape (n,) in [0, 1]."""
    edges = np.linspace(0.0, 1.0, _BINS + 1)
    expected = -np.diff(reference.alert_rate(edges)) * len(after)
    return Histogram(
        before=None if before is None else _counts(before, edges),
        after=_counts(after, edges),
        reference=[float(each) for each in expected],
    )


def crossing(before: FloatArray | None, after: FloatArray) -> Crossing | None:
    """Scores of the same events, in the same order; None where nothing was live."""
    if before is None:
        return None
    edges = np.linspace(0.0, 1.0, _CELLS + 1)
    counts, _, _ = np.histogram2d(before, after, bins=(edges, edges))
    return Crossing([[int(count) for count in row] for row in counts])


def _counts(scores: FloatArray, edges: FloatArray) -> list[int]:
    return [int(count) for count in np.histogram(scores, edges)[0]]
