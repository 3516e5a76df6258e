"""How many events a tenant may have scored in a second: a token bucket each, in memory.

Answers say how much is left in the header fields of draft-ietf-httpapi-ratelimit-headers, where there is a quota.

A machine's scoring processes share a quota by halves, thirds and so on, with nothing between them. There is no lock:
two requests that take at the very same time may both pass, which a quota can bear.
"""

import math
import time
from collections.abc import Callable, Mapping

POLICY, LEFT = "RateLimit-Policy", "RateLimit"
HEADERS = frozenset({POLICY.lower(), LEFT.lower()})  # of one tenant's answers, and of no other's
_NAME = '"tenant-second"'
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
        now = self._clock()
        self._tokens = min(self._full, self._tokens + (now - self._at) * self.rate)
        self._at = now
        lacking = min(events, self._full) - self._tokens
        if lacking > 0.0:
            return lacking / self.rate
        self._tokens -= events
        return 0.0

    def left(self) -> tuple[int, int]:
        """How many events there are tokens for now, and in how many seconds the bucket is full if none are taken."""
        tokens = min(self._full, self._tokens + (self._clock() - self._at) * self.rate)
        return max(0, math.floor(tokens)), math.ceil((self._full - tokens) / self.rate)


class Quotas:
    """The buckets of all tenants that have a quota. `share`: this process's part of it, one in so many."""

    def __init__(self, share: int) -> None:
        self._share = share
        self._quotas: Mapping[int, int | None] = {}
        self._buckets: Mapping[int, Bucket] = {}

    def set(self, quotas: Mapping[int, int | None]) -> None:
        """Quotas by tenant, events a second; None is no limit. A bucket whose quota is as it was keeps its tokens."""
        buckets = {}
        for tenant, quota in quotas.items():
            if quota is not None:
                rate = max(quota, _LEAST) / self._share
                known = self._buckets.get(tenant)
                buckets[tenant] = known if known is not None and known.rate == rate else Bucket(rate)
        self._quotas, self._buckets = dict(quotas), buckets

    def of(self, tenant: int) -> int | None:
        """The tenant's quota, events a second, over all processes of the machine."""
        return self._quotas.get(tenant)

    def take(self, tenant: int, events: int) -> float:
        """Seconds to wait before this tenant may have events scored again; 0.0 when it may now."""
        bucket = self._buckets.get(tenant)
        return bucket.take(events) if bucket is not None else 0.0

    def headers(self, tenant: int) -> list[tuple[str, str]]:
        """What answers say of the quota, and of what this process has left of its part; nothing where there is none."""
        bucket = self._buckets.get(tenant)
        if bucket is None:
            return []
        events, seconds = bucket.left()
        policy = f"{_NAME};q={self._quotas.get(tenant) or 0};w=1"
        return [(POLICY, policy), (LEFT, f"{_NAME};r={events};t={seconds}")]
