"""What was scored in the last hours, by intent, by when it was scored: from the statistics by hour.

Written in SQL, for a thousand intents have 24,000 rows a day; it names the tenants, and row security holds beside that.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.utils import timezone

from scoring.models import HourStatistics
from tenants.models import Tenant

Place = tuple[int, str]  # tenant, intent

_BUSIEST = """
SELECT tenant_id, intent, sum(events), array_agg(hour), array_agg(events),
    count(*) OVER (), sum(sum(events)) OVER (), sum(sum(late)) OVER ()
FROM scoring_hourstatistics WHERE hour >= %(since)s AND tenant_id = ANY(%(tenants)s::bigint[])
GROUP BY tenant_id, intent ORDER BY sum(events) DESC, tenant_id, intent LIMIT %(most)s
"""


@dataclass(frozen=True)
class Traffic:
    """The traffic of one intent over the last day: its events, in all and by hour, oldest first."""

    tenant: int
    intent: str
    events: int
    by_hour: list[int]


@dataclass(frozen=True)
class Day:
    """The last day of all intents: those with the most events, and how many intents and events there were.

    `late`: how many of the events had occurred more than an hour before they were scored.
    """

    busiest: list[Traffic]
    intents: int
    events: int
    late: int


def since() -> datetime:
    """The first of the last 24 hours, this one included."""
    return timezone.now().replace(minute=0, second=0, microsecond=0) - timedelta(hours=23)


def last_day(tenants: Collection[int], most: int) -> Day:
    with connection.cursor() as cursor:
        cursor.execute(_BUSIEST, {"since": since(), "tenants": list(tenants), "most": most})
        rows = cursor.fetchall()
    found = [
        Traffic(tenant, intent, int(events), by_hour(zip(hours, counts, strict=True)))
        for tenant, intent, events, hours, counts, _, _, _ in rows
    ]
    intents, events, late = map(int, rows[0][5:]) if rows else (0, 0, 0)
    return Day(found, intents, events, late)


def by_hour(rows: Iterable[tuple[datetime, int]]) -> list[int]:
    """Events of each of the last 24 hours, oldest first; those without any are 0."""
    start, counts = since(), [0] * 24
    for hour, events in rows:
        counts[int((hour - start) / timedelta(hours=1))] += events
    return counts


def by_hour_of(places: Sequence[Place]) -> dict[Place, list[int]]:
    """The last day of each of these intents that was scored in it."""
    rows = HourStatistics.objects.filter(hour__gte=since(), tenant__in={tenant for tenant, _ in places})
    rows = rows.filter(intent__in={intent for _, intent in places})
    found: dict[Place, list[tuple[datetime, int]]] = {}
    for tenant, intent, hour, events in rows.values_list("tenant", "intent", "hour", "events"):
        found.setdefault((tenant, intent), []).append((hour, events))
    return {place: by_hour(found[place]) for place in places if place in found}


def hours(tenant: Tenant, intent: str) -> list[HourStatistics]:
    """What was scored in the last day, hour by hour and transform by transform, oldest first."""
    return list(HourStatistics.objects.filter(tenant=tenant, intent=intent, hour__gte=since()).order_by("hour"))
