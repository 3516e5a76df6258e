"""How many events were let in today (UTC), by tenant and key: what Postgres knows, and what this process let in since.

A request only adds to two dictionaries, which no lock guards; the watcher's thread adds them to Postgres and reads what
all processes have. A process that is killed loses what it has noted in the last seconds; while Postgres is away,
nothing is lost, and each process goes on from what it knew.
"""

import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta

from django.db import connection, transaction

from scoring.models import KeyDay
from tenants.retention import kept_since
from tenants.scope import platform_scope

SECONDS = 86_400
_EPOCH = date(1970, 1, 1)

_WRITE = """
INSERT INTO scoring_keyday (tenant_id, key_id, day, events)
SELECT there.tenant_id, there.id, noted.day, noted.events
FROM unnest(%s::bigint[], %s::date[], %s::bigint[]) AS noted(key, day, events)
JOIN tenants_apikey AS there ON there.id = noted.key
ON CONFLICT (key_id, day) DO UPDATE SET events = scoring_keyday.events + excluded.events
"""

Place = tuple[int, int]  # a tenant's or a key's number, and the day's since 1970


class Days:
    """`note` and `used_by…` are for requests; `tell` is for one thread alone."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._tenants: defaultdict[Place, int] = defaultdict(int)
        self._keys: defaultdict[Place, int] = defaultdict(int)
        self._known_tenants: Mapping[Place, int] = {}
        self._known_keys: Mapping[Place, int] = {}

    def note(self, tenant: int, key: int, events: int) -> None:
        """Count events that are let in."""
        day = self._today()
        self._tenants[tenant, day] += events
        self._keys[key, day] += events

    def used_by_tenant(self, tenant: int) -> int:
        place = tenant, self._today()
        return self._known_tenants.get(place, 0) + self._tenants.get(place, 0)

    def used_by_key(self, key: int) -> int:
        place = key, self._today()
        return self._known_keys.get(place, 0) + self._keys.get(place, 0)

    def rest(self) -> float:
        """The seconds until the day ends."""
        return SECONDS - self._clock() % SECONDS

    def tell(self) -> None:
        """Add to Postgres what was noted, and learn what all have. Raises database errors, and then tells it later."""
        tenants, keys = dict(self._tenants), dict(self._keys)
        with platform_scope(), transaction.atomic():
            _add(sorted((place, events) for place, events in keys.items() if events))
            known = _read(self._today())
        self._take(self._tenants, tenants)
        self._take(self._keys, keys)
        self._known_tenants, self._known_keys = known

    def _take(self, noted: defaultdict[Place, int], told: Mapping[Place, int]) -> None:
        """Of what requests go on adding to, take what was told; days that are over are forgotten."""
        for place, events in told.items():
            noted[place] -= events
            if place[1] < self._today() and not noted[place]:
                del noted[place]

    def _today(self) -> int:
        return int(self._clock() // SECONDS)


def forget(*, days: int) -> int:
    """Delete days that were over before the time since when their tenant's events are kept; how many rows.

    days: of tenants that have no number of days of their own. What is still to be told of yesterday finds its row.
    """
    with platform_scope():
        return KeyDay.objects.filter(day__lt=kept_since(days) - timedelta(days=1)).delete()[0]


def _add(noted: Sequence[tuple[Place, int]]) -> None:
    """In one order, so that processes that write at the same time do not lock each other out."""
    if noted:
        keys = [place[0] for place, _ in noted]
        days = [_EPOCH + timedelta(days=place[1]) for place, _ in noted]
        with connection.cursor() as cursor:
            cursor.execute(_WRITE, [keys, days, [events for _, events in noted]])


def _read(day: int) -> tuple[Mapping[Place, int], Mapping[Place, int]]:
    """The events of a day by tenant, and by key."""
    tenants: defaultdict[Place, int] = defaultdict(int)
    keys = {}
    rows = KeyDay.objects.filter(day=_EPOCH + timedelta(days=day))
    for tenant, key, events in rows.values_list("tenant_id", "key_id", "events"):
        tenants[tenant, day] += events
        keys[key, day] = events
    return tenants, keys
