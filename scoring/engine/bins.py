"""Into which bins values are counted, whatever they measure: the same for every intent, so that hours can be added up.

Numbers go by their size, four bins to each doubling, on either side of zero; probabilities by their log-odds, four bins
to each unit. So a bin is 19 % wide, a unit that changes by a hundred moves a value by 26 bins, and a tail is as finely
told as the middle.
"""

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from scoring.engine.probability import FloatArray

Bins = NDArray[np.int64]
Spread = dict[str, int]  # events by the name of a bin
A_DOUBLING = 4
A_LOG_ODD = 4
_SMALLEST, _LARGEST = -80, 160  # in bins of a doubling: 2⁻²⁰ and 2⁴⁰, beyond which values share a bin
_FURTHEST = 20 * A_LOG_ODD
NONE = "none"  # of values that are null
OTHER = "other"  # of categories beyond those that are told apart


def of_numbers(values: FloatArray) -> Bins:
    """The bin of each number: 0 of zero, negative of negative ones. Each must be finite."""
    size = np.abs(values, where=values != 0.0, out=np.ones_like(values))
    steps = np.clip(np.floor(A_DOUBLING * np.log2(size)), _SMALLEST, _LARGEST).astype(np.int64)
    found: Bins = np.sign(values).astype(np.int64) * (steps - _SMALLEST + 1)  # 0 of zero
    return found


def of_probabilities(values: FloatArray) -> Bins:
    """The bin of each probability in [0, 1]."""
    with np.errstate(divide="ignore"):
        odds = np.log(values) - np.log1p(-values)
    found: Bins = np.floor(np.clip(A_LOG_ODD * odds, -_FURTHEST, _FURTHEST)).astype(np.int64)
    return found


def together(*spreads: Mapping[str, int]) -> Spread:
    """Events by the name of a bin, of all the spreads."""
    found: Spread = {}
    for spread in spreads:
        for name, events in spread.items():
            found[name] = found.get(name, 0) + events
    return found


def all_together(*parts: Mapping[str, Mapping[str, int]]) -> dict[str, Spread]:
    """The same of the spreads that have one name in several parts."""
    names = {name: None for part in parts for name in part}
    return {name: together(*(part[name] for part in parts if name in part)) for name in names}


def least_number(number_bin: int) -> float:
    """The number of least size that is counted into this bin."""
    if number_bin == 0:
        return 0.0
    return math.copysign(2.0 ** ((abs(number_bin) - 1 + _SMALLEST) / A_DOUBLING), number_bin)


def least_probability(probability_bin: int) -> float:
    """The least probability that is counted into this bin."""
    return 1.0 / (1.0 + math.exp(-probability_bin / A_LOG_ODD))
