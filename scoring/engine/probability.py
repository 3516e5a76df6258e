"""What counts as a probability: a float64 in [0, 1], never NaN. Every transformation checks its input with this."""

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


def checked_one(name: str, value: float) -> float:
    """`value` as a plain Python float. Raises ValueError when it is not in [0, 1] or is NaN."""
    value = float(value)
    if not 0.0 <= value <= 1.0:
        raise ValueError(f"{name}: expected a number in [0, 1], found {value!r}")
    return value


def checked_many(name: str, values: NDArray[np.floating]) -> FloatArray:
    """`values` as float64, same shape. Raises ValueError naming the first value outside [0, 1] or NaN."""
    array = np.asarray(values, dtype=np.float64)
    # NaN passes through min and max, and no comparison with it is true.
    if array.size and not (array.min() >= 0.0 and array.max() <= 1.0):
        bad = int(np.flatnonzero(~((array >= 0.0) & (array <= 1.0)))[0])
        raise ValueError(f"{name}[{bad}]: expected a number in [0, 1], found {float(array.flat[bad])!r}")
    return array
