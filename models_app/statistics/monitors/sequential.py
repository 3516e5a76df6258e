"""Sums of evidence that something has changed, which may be looked at after every hour, for ever.

Each hour multiplies by how much likelier what came is once something has changed than while nothing has; a sum over all
the hours at which the change may have begun is Shiryaev's and Roberts's. While nothing has changed its mean grows by
one an hour, whatever the hours are like, so that it takes `c` hours at least, in the mean, until it first reaches `c`
(Shin, Ramdas and Rinaldo, E-detectors, New England Journal of Statistics in Data Science 2, 2024). The mean of several
such sums is one as well, and so holds for all that is watched together.
"""

import numpy as np

from scoring.engine.probability import FloatArray

HOURS_A_YEAR = 8_766.0
_MOST = 1e12  # a sum says no more than that; what follows it must be able to forget
_LOG_MOST = float(np.log(_MOST))


def summed(sums: FloatArray, likelier: FloatArray) -> FloatArray:
    """The sums after an hour. `likelier`: the logarithm of how much likelier the hour is once something has changed."""
    found: FloatArray = np.minimum(np.exp(np.minimum(likelier, _LOG_MOST)) * (1.0 + sums), _MOST)
    return found


def limit(false_alarms_a_year: float) -> float:
    """What a sum must reach, so that while nothing changes it does so at most as often, in the mean."""
    return HOURS_A_YEAR / false_alarms_a_year
