"""Whether more events than due are riskier than all that their transform was fitted on.

Of n events that it was fitted on, m lie above its highest knot, mostly one. How large a share of later events do is
known no better than that: while nothing has changed it is drawn from a gamma distribution of m parts in n, once for
all, and what has come so far tells more of it. The events of an hour are then negative binomial, and so they are where
there have come to be a multiple of them.
"""

import msgspec
import numpy as np

from models_app.statistics.monitors import sequential

MULTIPLES = (5.0, 25.0, 125.0)


class Top(msgspec.Struct, frozen=True):
    """Of a transform: the share (`rate`) of the events that it was fitted on above its highest knot, and how many."""

    rate: float
    events: float


class Watch(msgspec.Struct, frozen=True):
    """What the hours of a transform say: `sums` for each of MULTIPLES; by `spoken`, a logarithm, it began at `since`.

    In all that time `came` of its `events` lay above.
    """

    sums: tuple[float, ...] = (0.0,) * len(MULTIPLES)
    spoken: tuple[float, ...] = (0.0,) * len(MULTIPLES)
    since: tuple[int, ...] = (0,) * len(MULTIPLES)
    events: int = 0
    came: int = 0

    @property
    def sum(self) -> float:
        """All of it as one sum, that of whatever multiple it may be."""
        return float(np.mean(self.sums))

    @property
    def likeliest(self) -> tuple[float, int]:
        """The multiple that the hours speak for most, and the hour since when."""
        place = int(np.argmax(self.spoken))
        return MULTIPLES[place], self.since[place]

    def after(self, hour: int, events: int, beyond: int, top: Top) -> "Watch":
        """With one more hour, counted from 1970. One without events says nothing."""
        if not events:
            return self
        shape, before = top.events + self.came, top.events / top.rate + self.events
        multiples = np.array(MULTIPLES)
        likelier = beyond * np.log(multiples)
        likelier += (shape + beyond) * (np.log(before + events) - np.log(before + multiples * events))
        spoken = np.array(self.spoken)
        found = {
            "sums": sequential.summed(np.array(self.sums), likelier),
            "spoken": np.maximum(0.0, spoken + likelier),
            "since": np.where(spoken <= 0.0, hour, self.since),
        }
        known = {name: tuple(each.tolist()) for name, each in found.items()}
        return msgspec.structs.replace(self, **known, events=self.events + events, came=self.came + beyond)
