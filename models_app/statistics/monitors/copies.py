"""Whether more alerts than usual are nearly the same as known fraud.

Who attacks repeats what has worked, with small changes: scores tell nothing of that, signatures do
(scoring/engine/signatures.py). Alerts are held against a library, signatures of events that labels have told to be
positive. Some are always found in it; how many, the days before tell, each by the library as it was then. One that
has grown since finds more: only days count on which it was nearly as large.
"""

from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from models_app.statistics.monitors import sequential
from models_app.statistics.monitors.distribution import HOURS

SHARES = (0.05, 0.15, 0.4)  # of alerts, that may have come beside the others
MOST = 5_000  # signatures that a library has, those of the latest labels
_DAYS = 28
_LEAST_DAYS = 7
_ALIKE = 0.8  # of what is known now, that must have been known on a day that counts
_PRIOR = 0.5

Library = NDArray[np.uint32]


class Watch(msgspec.Struct, frozen=True):
    """What hours say of copies: `sums` for each of SHARES; by `spoken`, a logarithm, each began at the hour `since`.

    `days`, counted from 1970: how many alerts were looked at, how many of them were near known fraud, how much of which
    was known.
    """

    sums: tuple[float, ...] = (0.0,) * len(SHARES)
    spoken: tuple[float, ...] = (0.0,) * len(SHARES)
    since: tuple[int, ...] = (0,) * len(SHARES)
    days: dict[int, tuple[int, int, int]] = {}

    @property
    def sum(self) -> float:
        """All of it as one sum, that of whatever share it may be."""
        return float(np.mean(self.sums))

    @property
    def likeliest(self) -> tuple[float, int]:
        """The share of alerts that the hours speak for most, and the hour since when."""
        place = int(np.argmax(self.spoken))
        return SHARES[place], self.since[place]

    def anew(self) -> "Watch":
        """With what is usual, and nothing said yet."""
        return Watch(days=self.days)

    def after(self, hour: int, alerts: Sequence[Sequence[int]], library: Library) -> "Watch":
        """With the signatures of one more hour's alerts. Without any, or without a library, it says nothing."""
        if not alerts or not len(library):
            return self
        count, near = len(alerts), near_known(alerts, library)
        day = hour // HOURS
        past = [
            counts
            for each, (*counts, size) in self.days.items()
            if day - _DAYS <= each < day and size >= _ALIKE * len(library)
        ]
        told = self if len(past) < _LEAST_DAYS else self._told(hour, count, near, np.array(past, dtype=np.float64))
        before = told.days.get(day, (0, 0, 0))
        days = {each: counts for each, counts in told.days.items() if each >= day - _DAYS}
        return msgspec.structs.replace(told, days=days | {day: (before[0] + count, before[1] + near, len(library))})

    def _told(self, hour: int, count: int, near: int, past: NDArray[np.float64]) -> "Watch":
        rate, scatter = _usual(past)
        shares = np.array(SHARES)
        likelier = near * np.log(1.0 + shares * (1.0 / rate - 1.0)) + (count - near) * np.log1p(-shares)
        likelier /= scatter
        spoken = np.array(self.spoken)
        found = {
            "sums": sequential.summed(np.array(self.sums), likelier),
            "spoken": np.maximum(0.0, spoken + likelier),
            "since": np.where(spoken <= 0.0, hour, self.since),
        }
        return msgspec.structs.replace(self, **{name: tuple(each.tolist()) for name, each in found.items()})


def near_known(alerts: Sequence[Sequence[int]], library: Library) -> int:
    """How many of the alerts share a signature with one of the library."""
    own = np.array(alerts, dtype=np.uint32)
    return int(np.count_nonzero(np.any([np.isin(a, b) for a, b in zip(own.T, library.T, strict=True)], axis=0)))


def _usual(days: NDArray[np.float64]) -> tuple[float, float]:
    """The share of alerts near known fraud, by days (m, 2); how much more days scatter than by chance, 1 at least."""
    alerts, near = days.T
    rate = float((near.sum() + _PRIOR) / (alerts.sum() + 2.0 * _PRIOR))
    expected = alerts * rate
    return rate, max(1.0, float(np.mean((near - expected) ** 2 / expected)))
