"""Whether as many events come as usual, beside the same hours of the weeks before."""

from collections.abc import Sequence

import msgspec
import numpy as np
from scipy import special

from models_app.statistics.monitors.distribution import HOURS
from scoring.engine.probability import FloatArray

BLOCKS = (2, 6, 24)  # hours looked at together; a single one may be of very few events
_WEEK = 7 * HOURS
_LEAST_WEEKS = 2
_LEAST_SPREAD = 0.1
_DEGREES = 10.0
_FEW = 3.0  # events that are added to either side, so that nights of none and of two differ little


class UsualVolume(msgspec.Struct, frozen=True):
    """Events in each hour of a week (from Thursday on, as 1970 began), and how blocks of hours are spread around that.

    `spread`: by hours of the block, the standard deviation of the logarithm.
    """

    hours: tuple[float, ...]
    spread: dict[int, float]


class Volume(msgspec.Struct, frozen=True):
    """How many `events` came in the last `hours` of the block that is most unusual, and how many were `usual`.

    `surprise`: the logarithm of how likely that is while nothing has changed, for as many blocks as were looked at.
    """

    surprise: float
    hours: int
    events: int
    usual: float


def usual_of(first: int, events: Sequence[int]) -> UsualVolume | None:
    """From the events of successive hours, the first of them counted from 1970; None of less than two whole weeks."""
    weeks = len(events) // _WEEK
    if weeks < _LEAST_WEEKS:
        return None
    whole = np.array(events[-weeks * _WEEK :], dtype=np.float64)
    begins = (first + len(events) - weeks * _WEEK) % _WEEK
    by_week = np.roll(whole.reshape(weeks, _WEEK), begins, axis=1)
    others = (by_week.sum(axis=0) - by_week) / (weeks - 1)
    return UsualVolume(tuple(by_week.mean(axis=0).tolist()), {each: _spread(by_week, others, each) for each in BLOCKS})


def volume_of(last: int, events: Sequence[int], usual: UsualVolume) -> Volume:
    """Of the last hours; `last` is the latest, counted from 1970."""
    found = []
    for block in BLOCKS:
        if block <= len(events):
            came = sum(events[-block:])
            expected = sum(usual.hours[hour % _WEEK] for hour in range(last - block + 1, last + 1))
            apart = abs(np.log((came + _FEW) / (expected + _FEW))) / usual.spread[block]
            found.append((float(np.log(2.0 * special.stdtr(_DEGREES, -apart))), block, came, expected))
    if not found:
        return Volume(0.0, 0, 0, 0.0)
    surprise, block, came, expected = min(found)
    return Volume(min(0.0, surprise + float(np.log(len(found)))), block, int(came), float(expected))


def _spread(by_week: FloatArray, others: FloatArray, block: int) -> float:
    """How the logarithm of blocks of hours differs between weeks."""
    weeks = len(by_week)
    came = by_week.reshape(weeks, -1, block).sum(axis=2)
    expected = others.reshape(weeks, -1, block).sum(axis=2)
    apart = np.log((came + _FEW) / (expected + _FEW))
    # Of blocks with hardly any event in them nothing is to be learnt.
    return max(_LEAST_SPREAD, float(np.sqrt(np.mean(apart**2) * (weeks - 1) / weeks)))
