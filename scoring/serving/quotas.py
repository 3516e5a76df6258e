"""How many events a tenant may have scored in a second: a token bucket each, in memory.

A machine's scoring processes share a quota by halves, thirds and so on, with nothing between them. There is no lock:
two requests that take at the very same time may both pass, which a quota can bear.
"""

import time
from collections.abc import Callable, Mapping


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


class Quotas:
    """The buckets of all tenants that have a quota. `share`: this process's part of it, one in so many."""

    def __init__(self, share: int) -> None:
        self._share = share
        self._buckets: Mapping[int, Bucket] = {}

    def set(self, quotas: Mapping[int, int | None]) -> None:
        """Quotas by tenant, events a second; None is no limit. A bucket whose quota is as it was keeps its tokens."""
        buckets = {}
        for tenant, quota in quotas.items():
            if quota is not None:
                rate = max(quota, 1e-3) / self._share
                known = self._buckets.get(tenant)
                buckets[tenant] = known if known is not None and known.rate == rate else Bucket(rate)
        self._buckets = buckets

    def take(self, tenant: int, events: int) -> float:
        """Seconds to wait before this tenant may have events scored again; 0.0 when it may now."""
        bucket = self._buckets.get(tenant)
        return bucket.take(events) if bucket is not None else 0.0
