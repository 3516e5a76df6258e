"""The law of conservation: what was sent was answered or refused, and what was answered is kept, once, everywhere.

    sent = answered + refused + failed
    answered ≤ segments = lake = counted by minutes
    what was refused is in none of them

Where there was no room to record events, as many as are missing are counted as lost.

A request that failed may have been recorded before its answer was cut off: then it is kept, once, like any other.
"""

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace

from django.db.models import Sum

from muse_site.driving.client import GaveUp, wait
from scoring.models import MinuteStatistics
from tenants.scope import tenant_scope
from tests.factories import World
from tests.faults.load import Seen, ids
from tests.live.clients import kept_ids


@dataclass(frozen=True)
class Ledger:
    """What there is of a tenant's events at one time, by event id, and what clients saw of some of them."""

    seen: Seen
    segments: Counter[str] | None  # None: nobody could look
    lake: Counter[str]
    minutes: int
    counted_lost: int = 0  # by scoring, for want of room
    refusals: tuple[int, ...] = ()  # the statuses by which events may be refused; by any other they may not be answered

    @property
    def lost(self) -> int:
        """Events that were answered and are not in the lake."""
        return len(ids(self.seen.answered) - self.lake.keys())

    @property
    def doubled(self) -> int:
        """Events that the lake has more than once."""
        return sum(times > 1 for times in self.lake.values())

    def broken(self) -> list[str]:
        """In words, what does not hold of the law."""
        seen = self.seen
        answered, refused, failed = len(seen.answered), seen.count(*self.refusals), seen.count(0)
        segments = self.lake if self.segments is None else self.segments
        kept_anyway = len(ids(seen.of(*self.refusals)) & (segments | self.lake).keys())
        found = [
            (seen.begun == len(seen.sent), f"{seen.begun} requests were begun, {len(seen.sent)} have ended"),
            (len(seen.sent) == answered + refused + failed, f"answers of other kinds: {dict(seen.statuses)}"),
            (self.lost == self.counted_lost, f"{self.lost} answered events are lost, {self.counted_lost} counted so"),
            (not kept_anyway, f"{kept_anyway} events are kept that were refused"),
            (not self.doubled, f"{self.doubled} events are in the lake more than once"),
            (segments == self.lake, f"{_differing(segments, self.lake)} events differ between segments and lake"),
            (self.minutes == self.lake.total(), f"minutes count {self.minutes} events, the lake {self.lake.total()}"),
        ]
        return [text for holds, text in found if not holds]


def settle(
    world: World,
    seen: Seen,
    recorded: Callable[[], Counter[str]] | None,
    seconds: float = 120.0,
    *,
    counted_lost: Callable[[], int] = lambda: 0,
    refusals: tuple[int, ...] = (),
) -> Ledger:
    """The ledger once it balances; as it is after so many seconds, where it does not. `refusals`: those that may be."""
    last = [_ledger(world, seen, recorded)]

    def balances() -> bool:
        last[0] = replace(_ledger(world, seen, recorded), counted_lost=counted_lost(), refusals=refusals)
        return not last[0].broken()

    with suppress(GaveUp):
        wait(balances, "what was answered to be kept", seconds, pause=0.5)
    return last[0]


def _ledger(world: World, seen: Seen, recorded: Callable[[], Counter[str]] | None) -> Ledger:
    """The segments are looked at last: what is not in them cannot be in the lake."""
    minutes, lake = _minutes(world), kept_ids(world)
    return Ledger(seen, recorded() if recorded else None, lake, minutes)


def _minutes(world: World) -> int:
    with tenant_scope(world.tenant.pk):
        found = MinuteStatistics.objects.filter(tenant=world.tenant).aggregate(events=Sum("events"))
    return int(found["events"] or 0)


def _differing(one: Counter[str], other: Counter[str]) -> int:
    return (one - other).total() + (other - one).total()
