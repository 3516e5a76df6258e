"""How many events a tenant, and each of its keys, may have scored in a second and on a day (UTC), in memory.

Of a second each has a token bucket; of a day, what scoring/serving/days.py knows is counted.

Answers say how much is left in the header fields of draft-ietf-httpapi-ratelimit-headers, where there is a quota.

A machine's scoring processes share a quota by halves, thirds and so on, with nothing between them. There is no lock:
two requests that take at the very same time may both pass, which a quota can bear.
"""

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from scoring.serving.days import SECONDS, Days

POLICY, LEFT = "RateLimit-Policy", "RateLimit"
HEADERS = frozenset({POLICY.lower(), LEFT.lower()})  # of one tenant's answers, and of no other's
_LEAST = 1e-3  # events a second, for a quota of none
_NONE = (None, None, None, None)
_LONGEST = 3_600.0  # that anybody is told to wait, for a quota may be raised meanwhile


class Bucket:
    """Fills at `rate` tokens a second and holds those of one second; an event takes one.

    A batch that is larger than the bucket passes when the bucket is full, and leaves it in debt: it is served too,
    and paid for before the next one.
    """

    def __init__(self, rate: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.rate = rate
        self._clock = clock
        self._full = max(rate, 1.0)
        self._tokens = self._full
        self._at = clock()

    def take(self, events: int) -> float:
        """Take tokens for these events; returns 0.0, or the seconds to wait until there are enough."""
        wait = self.wait(events)
        if wait == 0.0:
            self._tokens -= events
        return wait

    def wait(self, events: int) -> float:
        """The seconds to wait until there are tokens for these events; 0.0 when there are."""
        now = self._clock()
        self._tokens = min(self._full, self._tokens + (now - self._at) * self.rate)
        self._at = now
        return max(0.0, min(events, self._full) - self._tokens) / self.rate

    def left(self) -> tuple[int, int]:
        """How many events there are tokens for now, and in how many seconds the bucket is full if none are taken."""
        tokens = min(self._full, self._tokens + (self._clock() - self._at) * self.rate)
        return max(0, math.floor(tokens)), math.ceil((self._full - tokens) / self.rate)


class OfDay:
    """What is left of a day's quota. Never in debt: a batch that is larger than what is left is refused."""

    def __init__(self, quota: int, days: Days, used: Callable[[], int]) -> None:
        self._quota = quota
        self._days = days
        self._used = used

    def take(self, events: int) -> float:
        """What is let in is counted once for all, and not here."""
        return self.wait(events)

    def wait(self, events: int) -> float:
        """The seconds until midnight (UTC), an hour at most; 0.0 where these events are within the quota."""
        return 0.0 if self._used() + events <= self._quota else min(_LONGEST, self._days.rest())

    def left(self) -> tuple[int, int]:
        """How many events are left of the day, and in how many seconds it ends."""
        return max(0, self._quota - self._used()), math.ceil(self._days.rest())


class Supply(Protocol):
    """What a limit is taken from."""

    def take(self, events: int) -> float: ...

    def wait(self, events: int) -> float: ...

    def left(self) -> tuple[int, int]: ...


@dataclass(frozen=True)
class Limit:
    """A quota of events in so many `seconds`. `name`: in headers; `whose` and `unit`: in words.

    Of a second it is for all processes of the machine, of a day for all machines.
    """

    name: str
    whose: str
    quota: int
    bucket: Supply
    seconds: int = 1
    unit: str = "second"

    def __str__(self) -> str:
        return f"{self.whose} quota of {self.quota:,} events a {self.unit}"


class Quotas:
    """The limits of all tenants and keys that have a quota. `share`: this process's part of it, one in so many.

    An event takes of its tenant's quotas and of its key's, or of none of them. `key` is 0 where none is meant.
    """

    def __init__(self, share: int, clock: Callable[[], float] = time.monotonic, days: Days | None = None) -> None:
        self._share = share
        self._clock = clock
        self._days = days or Days()
        self._tenant_days: Mapping[int, Limit] = {}
        self._key_days: Mapping[int, Limit] = {}
        self._tenants: Mapping[int, Limit] = {}
        self._keys: Mapping[int, Limit] = {}

    def set(self, tenants: Mapping[int, int | None], keys: Mapping[int, int | None] | None = None) -> None:
        """Quotas by tenant and by key; None is no limit. A bucket whose quota is as it was keeps its tokens."""
        self._tenants = self._limits("tenant-second", "The tenant's", tenants, self._tenants)
        self._keys = self._limits("key-second", "The key's", keys or {}, self._keys)

    def set_days(self, tenants: Mapping[int, int | None], keys: Mapping[int, int | None] | None = None) -> None:
        """Quotas of a day by tenant and by key; None is no limit. All of today counts, whenever they are set."""
        self._tenant_days = self._of_days("tenant-day", "The tenant's", tenants, self._days.used_by_tenant)
        self._key_days = self._of_days("key-day", "The key's", keys or {}, self._days.used_by_key)

    def _of_days(
        self, name: str, whose: str, quotas: Mapping[int, int | None], used: Callable[[int], int]
    ) -> Mapping[int, Limit]:
        return {
            place: Limit(name, whose, quota, OfDay(quota, self._days, partial(used, place)), SECONDS, "day")
            for place, quota in quotas.items()
            if quota is not None
        }

    def _limits(
        self, name: str, whose: str, quotas: Mapping[int, int | None], before: Mapping[int, Limit]
    ) -> Mapping[int, Limit]:
        limits = {}
        for place, quota in quotas.items():
            if quota is not None:
                known = before.get(place)
                is_same = known is not None and known.quota == quota
                bucket = known.bucket if known and is_same else Bucket(max(quota, _LEAST) / self._share, self._clock)
                limits[place] = Limit(name, whose, quota, bucket)
        return limits

    def _of(self, tenant: int, key: int) -> tuple[Limit, ...]:
        found = self._tenants.get(tenant), self._keys.get(key), self._tenant_days.get(tenant), self._key_days.get(key)
        return () if found == _NONE else tuple(each for each in found if each is not None)

    def take(self, tenant: int, events: int, key: int = 0) -> float:
        """Seconds to wait before these events may be scored; 0.0 when they may now, and then they are counted."""
        limits = self._of(tenant, key)
        wait = max([each.bucket.wait(events) for each in limits], default=0.0) if limits else 0.0
        if wait == 0.0:
            for each in limits:
                each.bucket.take(events)
            self._days.note(tenant, key, events)
        return wait

    def in_the_way(self, tenant: int, events: int, key: int = 0) -> Limit:
        """Of limits that hold these events up, the one that does longest."""
        return max(self._of(tenant, key), key=lambda limit: limit.bucket.wait(events))

    def headers(self, tenant: int, key: int = 0) -> list[tuple[str, str]]:
        """What answers say of quotas, and of what this process has left of its part; nothing where there is none."""
        limits = self._of(tenant, key)
        if not limits:
            return []
        policies = ", ".join(f'"{each.name}";q={each.quota};w={each.seconds}' for each in limits)
        return [(POLICY, policies), (LEFT, ", ".join(map(_left, limits)))]


def _left(limit: Limit) -> str:
    events, seconds = limit.bucket.left()
    return f'"{limit.name}";r={events};t={seconds}'
