"""How many events a tenant, and each of its keys, may have scored in a second: a token bucket each, in memory.

Answers say how much is left in the header fields of draft-ietf-httpapi-ratelimit-headers, where there is a quota.

A machine's scoring processes share a quota by halves, thirds and so on, with nothing between them. There is no lock:
two requests that take at the very same time may both pass, which a quota can bear.
"""

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

POLICY, LEFT = "RateLimit-Policy", "RateLimit"
HEADERS = frozenset({POLICY.lower(), LEFT.lower()})  # of one tenant's answers, and of no other's
_LEAST = 1e-3  # events a second, for a quota of none


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


@dataclass(frozen=True)
class Limit:
    """A quota, events a second over all processes of the machine. `name`: in headers; `whose`: in words."""

    name: str
    whose: str
    quota: int
    bucket: Bucket

    def __str__(self) -> str:
        return f"{self.whose} quota of {self.quota:,} events a second"


class Quotas:
    """The limits of all tenants and keys that have a quota. `share`: this process's part of it, one in so many.

    An event takes of its tenant's quota and of its key's, or of neither. `key` is 0 where none is meant.
    """

    def __init__(self, share: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._share = share
        self._clock = clock
        self._tenants: Mapping[int, Limit] = {}
        self._keys: Mapping[int, Limit] = {}

    def set(self, tenants: Mapping[int, int | None], keys: Mapping[int, int | None] | None = None) -> None:
        """Quotas by tenant and by key; None is no limit. A bucket whose quota is as it was keeps its tokens."""
        self._tenants = self._limits("tenant-second", "The tenant's", tenants, self._tenants)
        self._keys = self._limits("key-second", "The key's", keys or {}, self._keys)

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
        by_tenant, by_key = self._tenants.get(tenant), self._keys.get(key)
        if by_tenant is None:
            return () if by_key is None else (by_key,)
        return (by_tenant,) if by_key is None else (by_tenant, by_key)

    def take(self, tenant: int, events: int, key: int = 0) -> float:
        """Seconds to wait before these events may be scored; 0.0 when they may now, and then they are counted."""
        limits = self._of(tenant, key)
        wait = max([each.bucket.wait(events) for each in limits], default=0.0) if limits else 0.0
        if wait == 0.0:
            for each in limits:
                each.bucket.take(events)
        return wait

    def in_the_way(self, tenant: int, events: int, key: int = 0) -> Limit:
        """Of limits that hold these events up, the one that does longest."""
        return max(self._of(tenant, key), key=lambda limit: limit.bucket.wait(events))

    def headers(self, tenant: int, key: int = 0) -> list[tuple[str, str]]:
        """What answers say of quotas, and of what this process has left of its part; nothing where there is none."""
        limits = self._of(tenant, key)
        if not limits:
            return []
        policies = ", ".join(f'"{each.name}";q={each.quota};w=1' for each in limits)
        return [(POLICY, policies), (LEFT, ", ".join(map(_left, limits)))]


def _left(limit: Limit) -> str:
    events, seconds = limit.bucket.left()
    return f'"{limit.name}";r={events};t={seconds}'
