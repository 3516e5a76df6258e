"""Whether more alerts than usual are nearly the same as known fraud.

Who attacks repeats what has worked, with small changes: scores tell nothing of that, signatures do
(scoring/engine/signatures.py). Alerts are held against a library, signatures of events that labels have told to be
positive. Some always share one with it, hardly any several; how many, the days before tell, each by the library as it
was then. One that has grown since finds more: only days count on which it was nearly as large.
"""

from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from models_app.statistics.monitors import sequential
from models_app.statistics.monitors.distribution import HOURS
from scoring.engine.probability import FloatArray

SHARES = (0.01, 0.03, 0.1, 0.3)  # of alerts, that may have come beside the others
NEAR = (1, 2)  # signatures that an alert may share with known fraud, or more
MOST = 5_000  # signatures that a library has, those of the latest labels
_DAYS = 28
_LEAST_DAYS = 7
_ALIKE = 0.8  # of what is known now, that must have been known on a day that counts
_PRIOR = 1.0  # an alert that is near, beside those that were: what was never seen is not impossible
_SUMS = len(NEAR) * len(SHARES)

Library = NDArray[np.uint32]


class Watch(msgspec.Struct, frozen=True):
    """What hours say of copies: `sums` for each of NEAR and SHARES; by `spoken`, a logarithm, each began at `since`.

    `days`, counted from 1970: how many alerts were looked at, how many of them were near known fraud by each of NEAR,
    how much of which was known.
    """

    sums: tuple[float, ...] = (0.0,) * _SUMS
    spoken: tuple[float, ...] = (0.0,) * _SUMS
    since: tuple[int, ...] = (0,) * _SUMS
    days: dict[int, tuple[int, ...]] = {}

    @property
    def sum(self) -> float:
        """All of it as one sum, that of whatever share it may be."""
        return float(np.mean(self.sums))

    @property
    def likeliest(self) -> tuple[float, int]:
        """The share of alerts that the hours speak for most, and the hour since when."""
        place = int(np.argmax(self.spoken))
        return SHARES[place % len(SHARES)], self.since[place]

    def anew(self) -> "Watch":
        """With what is usual, and nothing said yet."""
        return Watch(days=self.days)

    def after(self, hour: int, alerts: Sequence[Sequence[int]], library: Library) -> "Watch":
        """With the signatures of one more hour's alerts. Without any, or without a library, it says nothing."""
        if not alerts or not len(library):
            return self
        shared, day = shared_signatures(alerts, library), hour // HOURS
        came = np.array([len(alerts), *(np.count_nonzero(shared >= least) for least in NEAR)])
        past = [
            counts
            for each, (*counts, size) in self.days.items()
            if day - _DAYS <= each < day and size >= _ALIKE * len(library)
        ]
        told = self if len(past) < _LEAST_DAYS else self._told(hour, came, np.array(past, dtype=np.float64))
        before = told.days.get(day, (0,) * len(came))[: len(came)]
        days = {each: counts for each, counts in told.days.items() if each >= day - _DAYS}
        days[day] = (*(came + before).tolist(), len(library))
        return msgspec.structs.replace(told, days=days)

    def _told(self, hour: int, came: NDArray[np.int64], past: NDArray[np.float64]) -> "Watch":
        likelier = np.concatenate(
            [_likelier(came[0], near, past[:, 0], past[:, place]) for place, near in enumerate(came[1:], start=1)]
        )
        spoken = np.array(self.spoken)
        found = {
            "sums": sequential.summed(np.array(self.sums), likelier),
            "spoken": np.maximum(0.0, spoken + likelier),
            "since": np.where(spoken <= 0.0, hour, self.since),
        }
        return msgspec.structs.replace(self, **{name: tuple(each.tolist()) for name, each in found.items()})


def shared_signatures(alerts: Sequence[Sequence[int]], library: Library) -> NDArray[np.int64]:
    """How many signatures each of the alerts shares with the library, whichever events of it have them."""
    own = np.array(alerts, dtype=np.uint32)
    found: NDArray[np.int64] = np.sum([np.isin(a, b) for a, b in zip(own.T, library.T, strict=True)], axis=0)
    return found


def _likelier(alerts: int, near: int, past: FloatArray, past_near: FloatArray) -> FloatArray:
    """For each of SHARES, the logarithm of how much likelier the hour is with copies among its alerts than without."""
    rate, scatter = _usual(past, past_near)
    shares = np.array(SHARES)
    found: FloatArray = near * np.log(1.0 + shares * (1.0 / rate - 1.0)) + (alerts - near) * np.log1p(-shares)
    return found / scatter


def _usual(alerts: FloatArray, near: FloatArray) -> tuple[float, float]:
    """The share of alerts near known fraud, by days; how much more days scatter than by chance, 1 at least."""
    rate = float((near.sum() + _PRIOR) / (alerts.sum() + 2.0 * _PRIOR))
    expected = alerts * rate
    return rate, max(1.0, float(np.mean((near - expected) ** 2 / expected)))
