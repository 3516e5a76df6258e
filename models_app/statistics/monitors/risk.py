"""Whether very risky events have come beside the others, by how an hour's probabilities are spread.

Of an attack the alert rate at a single threshold tells only a part: all of the tail speaks, for as many thresholds as
there could be. Each hour is held against the predictor's own past weeks: how much likelier its events are once a share
of them lies high up beside the others than while none does. Transforms have nothing to do with it, so that it goes on
while they are refitted. Days scatter more than chance makes them: what an hour says counts for as much less.
"""

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

from models_app.statistics.monitors import sequential
from scoring.engine import bins
from scoring.engine.probability import FloatArray

SHARES = (0.004, 0.012, 0.04, 0.12)  # of events that may have come beside the others
TOPS = (0.003, 0.01, 0.03)  # how far up those lie: among this share of the others, anywhere
_TAIL = 0.02  # share of events by which it is seen how days scatter
_PRIOR = 0.5

Spread = Mapping[str, int]


class Past(msgspec.Struct, frozen=True):
    """A predictor's past weeks: events by bin of probability.

    `scatter`: the variance of a day's events in the tail, over what chance alone makes it; 1 at least.
    """

    counts: dict[str, int]
    scatter: float = 1.0


class Watch(msgspec.Struct, frozen=True):
    """`sums`, one for each of SHARES and TOPS; by `spoken`, a logarithm, each began at the hour `since`."""

    sums: tuple[float, ...] = (0.0,) * (len(SHARES) * len(TOPS))
    spoken: tuple[float, ...] = (0.0,) * (len(SHARES) * len(TOPS))
    since: tuple[int, ...] = (0,) * (len(SHARES) * len(TOPS))

    @property
    def sum(self) -> float:
        """All of it as one sum, that of whatever attack it may be."""
        return float(np.mean(self.sums))

    @property
    def likeliest(self) -> tuple[float, int]:
        """The share of events that the hours speak for most, and the hour since when."""
        place = int(np.argmax(self.spoken))
        return SHARES[place // len(TOPS)], self.since[place]

    def after(self, hour: int, events: Spread, past: Past) -> "Watch":
        """With one more hour, counted from 1970. One without events says nothing, nor does one without a past."""
        if not events or not past.counts:
            return self
        likelier = _likelier(events, past)
        spoken = np.array(self.spoken)
        since = np.where(spoken <= 0.0, hour, self.since)
        sums = sequential.summed(np.array(self.sums), likelier)
        found = {"sums": sums, "spoken": np.maximum(0.0, spoken + likelier), "since": since}
        return Watch(**{name: tuple(each.tolist()) for name, each in found.items()})


def past_of(days: Sequence[Spread]) -> Past:
    """From whole days, of which each tells its events by bin."""
    counts = bins.together(*days)
    edge = _edge(counts)
    n = np.array([sum(day.values()) for day in days], dtype=np.float64)
    tail = np.array([sum(count for name, count in day.items() if int(name) >= edge) for day in days], dtype=np.float64)
    if n.sum() == 0.0 or tail.sum() == 0.0 or len(days) < 2:
        return Past(counts)
    expected = n * tail.sum() / n.sum()
    seen = expected > 0.0
    return Past(counts, max(1.0, float(np.mean((tail[seen] - expected[seen]) ** 2 / expected[seen]))))


def _edge(counts: Mapping[str, int]) -> int:
    """The bin from which on the tail is."""
    above, total = 0, sum(counts.values())
    places = sorted(map(int, counts), reverse=True)
    for place in places:
        above += counts[str(place)]
        if above >= _TAIL * total:
            return place
    return places[-1] if places else 0


def _likelier(events: Spread, past: Past) -> FloatArray:
    """For each share and top, the logarithm of how much likelier the events are with it than without."""
    places = sorted({*map(int, past.counts), *map(int, events)})
    before = np.array([past.counts.get(str(each), 0) for each in places], dtype=np.float64) + _PRIOR
    came = np.array([events.get(str(each), 0) for each in places], dtype=np.float64)
    above = np.append(np.cumsum(before[::-1])[::-1] / before.sum(), 0.0)
    masses = above[:-1] - above[1:]
    risky = [-np.diff(np.minimum(above / top, 1.0)) / masses for top in TOPS]
    found = [np.log1p(share * (each - 1.0)) @ came for share in SHARES for each in risky]
    return np.array(found, dtype=np.float64) / past.scatter
