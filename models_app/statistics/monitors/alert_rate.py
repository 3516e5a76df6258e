"""Whether an alert rate has left its target, by the alerts of each hour.

Events of a day share what that day is like: while nothing has changed, a day's rate is the target times a factor of
mean one, drawn once a day from a gamma distribution whose spread past days tell. The alerts of an hour, given the hours
of its day before it, are then negative binomial (a Pólya urn), and so they are where the rate has become a multiple of
the target. What the tenant tolerates is no change: "nothing" is the nearest rate that is tolerated, and what a rate
may have become lies beyond that, however much it is.
"""

from collections.abc import Sequence

import msgspec
import numpy as np
from scipy import special

from models_app.statistics.monitors import sequential
from models_app.statistics.monitors.distribution import HOURS
from scoring.engine.probability import FloatArray

MULTIPLES = (0.28, 0.55, 0.78, 1.27, 1.8, 2.7, 5.4)  # of the nearest rate tolerated, that a rate may have become
LEAST_SPREAD = 0.03  # of days, as a share of the rate: days never are all the same
_LEAST = 1e-9  # of the target: where a rate of none is tolerated, hardly a lower one is told from it


class Target(msgspec.Struct, frozen=True):
    """Of one threshold: its alert `rate`, the share of it that is `tolerated`, and how the rates of days are spread.

    `spread`: the standard deviation of a day's rate beyond sampling, as a share of it.
    """

    rate: float
    tolerated: float
    spread: float

    @property
    def shape(self) -> float:
        """Of the gamma distribution of mean one whose standard deviation is the spread."""
        return 1.0 / max(self.spread, LEAST_SPREAD) ** 2


class Watch(msgspec.Struct, frozen=True):
    """What is known of a threshold after an hour: `sums`, and `since` which hour, for each of MULTIPLES.

    That is the hour from which on what came speaks for the multiple most, by `spoken` (a logarithm); since then, `came`
    so many alerts where so many were `due` at the target. Of its `day` so far: `expected` alerts, and `alerts` that
    came. Hours and days are counted from 1970.
    """

    sums: tuple[float, ...] = (0.0,) * len(MULTIPLES)
    since: tuple[int, ...] = (0,) * len(MULTIPLES)
    spoken: tuple[float, ...] = (0.0,) * len(MULTIPLES)
    came: tuple[int, ...] = (0,) * len(MULTIPLES)
    due: tuple[float, ...] = (0.0,) * len(MULTIPLES)
    day: int = 0
    expected: float = 0.0
    alerts: int = 0

    @property
    def sum(self) -> float:
        """All of it as one sum, that of whatever multiple it may be."""
        return float(np.mean(self.sums))

    @property
    def likeliest(self) -> tuple[float, int]:
        """How many times the target came since the hour that is likeliest to have begun it, and that hour."""
        place = int(np.argmax(self.spoken))
        return self.came[place] / max(self.due[place], 1e-9), self.since[place]

    def after(self, hour: int, events: int, alerts: int, target: Target) -> "Watch":
        """With one more hour. One without events says nothing."""
        day = hour // HOURS
        expected, before = (self.expected, self.alerts) if day == self.day else (0.0, 0)
        mean = events * target.rate
        if mean <= 0.0:
            return self
        farther = np.array(MULTIPLES)
        same = np.where(farther > 1.0, 1.0 + target.tolerated, max(_LEAST, 1.0 - target.tolerated))
        likelier = likely(farther * same, alerts, mean, expected, before, target.shape)
        likelier -= likely(same, alerts, mean, expected, before, target.shape)
        sums = sequential.summed(np.array(self.sums), likelier)
        anew = np.array(self.spoken) <= 0.0
        spoken = np.maximum(0.0, self.spoken + likelier)  # Page's sum: it is back at 0 where an earlier hour says less
        since = np.where(anew, hour, self.since)
        came, due = np.where(anew, 0, self.came) + alerts, np.where(anew, 0.0, self.due) + mean
        own = {"sums": sums, "since": since, "spoken": spoken, "came": came, "due": due}
        known = {name: tuple(each.tolist()) for name, each in own.items()}
        return msgspec.structs.replace(self, **known, day=day, expected=expected + mean, alerts=before + alerts)


def spread_of(events: Sequence[int], alerts: Sequence[int]) -> float:
    """How much the rates of days differ beyond sampling, as a share of the rate: a standard deviation, by moments."""
    n, k = np.array(events, dtype=np.float64), np.array(alerts, dtype=np.float64)
    if len(n) < 2 or not k.sum():
        return LEAST_SPREAD
    expected = n * k.sum() / n.sum()
    beyond = float(np.sum((k - expected) ** 2 - expected)) / float(np.sum(expected**2))
    return max(LEAST_SPREAD, float(np.sqrt(max(0.0, beyond))))


def likely(multiples: FloatArray, alerts: int, mean: float, expected: float, before: int, shape: float) -> FloatArray:
    """The logarithm of how likely so many alerts are in an hour, but for what does not depend on the multiples."""
    own, day = multiples * mean, shape + multiples * expected
    found: FloatArray = alerts * np.log(own) + (shape + before) * np.log(day)
    found -= (shape + before + alerts) * np.log(day + own)
    return found + float(special.gammaln(shape + before + alerts) - special.gammaln(shape + before))
