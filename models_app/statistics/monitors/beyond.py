"""Whether an alert rate lies beyond what is tolerated, from a beginning on, looked at after every hour.

For each of some rates beyond, how much likelier what came is than at the nearest rate that is tolerated: a likelihood
ratio, whose mean is at most one while the rate is tolerated. So is the mean of several, and so it reaches 1 / a with a
probability of a at most, ever, however often it is looked at (Ville's inequality).
"""

from collections.abc import Iterable

import numpy as np

from models_app.statistics.monitors.alert_rate import Target, likely
from models_app.statistics.monitors.distribution import HOURS

FARTHER = np.array([1.25, 1.5, 2.0, 4.0])  # times the nearest rate that is tolerated, either way
_LEAST = 1e-9  # of the target: where a rate of none is tolerated, hardly a lower one is told from it
_MOST = 700.0  # of a logarithm, so that it stays a number


def evidence_beyond(hours: Iterable[tuple[int, int, int]], target: Target) -> float:
    """The most that it ever was. `hours`: in order, each with its number since 1970, its events, and its alerts."""
    highest, lowest = 1.0 + target.tolerated, max(_LEAST, 1.0 - target.tolerated)
    same = np.repeat([highest, lowest], len(FARTHER))
    beyond = same * np.concatenate([FARTHER, 1.0 / FARTHER])
    sums, most = np.zeros(len(same)), 0.0
    day, expected, before = -1, 0.0, 0
    for hour, events, alerts in hours:
        if hour // HOURS != day:
            day, expected, before = hour // HOURS, 0.0, 0
        mean = events * target.rate
        if mean > 0.0:
            of = (alerts, mean, expected, before, target.shape)
            sums = sums + likely(beyond, *of) - likely(same, *of)
            expected, before = expected + mean, before + alerts
            most = max(most, float(np.mean(np.exp(np.minimum(sums, _MOST)))))
    return most
