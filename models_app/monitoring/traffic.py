"""What was scored in the last hours, by intent, and at which rates it alerted: from the statistics by hour.

Written in SQL, for a thousand intents have 24,000 rows a day; it names the tenants, and row security holds beside that.
"""

import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from django.db import connection
from django.utils import timezone

from models_app.changes.models import ReviewPolicy
from models_app.statistics.alert_rates import wilson_interval
from models_app.statistics.references import Reference, reference_from
from models_app.transforms.models import Transform
from scoring.models import HourStatistics
from tenants.models import Tenant

Place = tuple[int, str]  # tenant, intent

_ALERTS = """
SELECT counted.*, reference.id, reference.kind, reference.parameters FROM (
SELECT tenant_id, intent, key, sum(events), sum(value::bigint),
    (array_agg(transform ORDER BY hour DESC))[1] AS transform,
    (array_agg((thresholds ->> key)::float8 ORDER BY hour DESC))[1]
FROM scoring_hourstatistics, jsonb_each_text(alerts)
WHERE hour >= %(since)s AND tenant_id = ANY(%(tenants)s::bigint[])
    AND (%(intents)s::text[] IS NULL OR (tenant_id, intent) IN (
        SELECT * FROM unnest(%(of)s::bigint[], %(intents)s::text[])))
GROUP BY tenant_id, intent, key
) AS counted
LEFT JOIN models_app_transform AS made ON made.id = counted.transform
LEFT JOIN models_app_referencedistribution AS reference ON reference.id = made.reference_id
"""


_BUSIEST = """
SELECT tenant_id, intent, sum(events), array_agg(hour), array_agg(events), count(*) OVER (), sum(sum(events)) OVER ()
FROM scoring_hourstatistics WHERE hour >= %(since)s AND tenant_id = ANY(%(tenants)s::bigint[])
GROUP BY tenant_id, intent ORDER BY sum(events) DESC, tenant_id, intent LIMIT %(most)s
"""


@dataclass(frozen=True)
class Traffic:
    """Of one intent over the last day: its events, in all and by hour, oldest first."""

    tenant: int
    intent: str
    events: int
    by_hour: list[int]


@dataclass(frozen=True)
class Day:
    """The last day of all intents: those with the most events, and how many intents and events there were."""

    busiest: list[Traffic]
    intents: int
    events: int


@dataclass(frozen=True)
class AlertRate:
    """Of one threshold: `alerts` of `events`. `target`: what the reference has at its score, None without one.

    `tolerance`: by how much the tenant lets a rate move, as a share of it.
    """

    tenant: int
    intent: str
    threshold: str
    events: int
    alerts: int
    score: float | None
    target: float | None
    tolerance: float

    @property
    def rate(self) -> float:
        return self.alerts / self.events

    @cached_property
    def interval(self) -> tuple[float, float]:
        return wilson_interval(self.alerts, self.events)

    @property
    def low(self) -> float:
        return self.interval[0]

    @property
    def high(self) -> float:
        return self.interval[1]

    @property
    def is_off(self) -> bool:
        """Whether the whole interval lies beyond what the tenant tolerates around the target."""
        if not self.target:
            return False
        low, high = self.interval
        return low > self.target * (1 + self.tolerance) or high < self.target * (1 - self.tolerance)

    @property
    def off_by(self) -> float:
        """As a share of the target; 0 without one."""
        return self.rate / self.target - 1 if self.target else 0.0


def since(days: int = 1) -> datetime:
    """The first hour of the last days, this one included."""
    return timezone.now().replace(minute=0, second=0, microsecond=0) - timedelta(hours=24 * days - 1)


def alert_rates(tenants: Iterable[Tenant], *, days: int = 1, places: Sequence[Place] | None = None) -> list[AlertRate]:
    """Of each threshold of each intent that was scored in the last days; of `places` only, where they are given.

    Tenants with their `review_policy` selected save a query each.
    """
    policies = {tenant.pk: _policy(tenant) for tenant in tenants}
    found = _counted(policies, days, places)
    known = {pk: reference_from(kind, json.loads(text)) for pk, kind, text in {row[7:] for row in found} if pk}
    return [
        AlertRate(
            tenant, intent, name, int(events), int(alerts), score, _target(known.get(reference), score),
            policies[tenant].tolerance_of(intent, name),
        )
        for tenant, intent, name, events, alerts, _, score, reference, _, _ in found
        if events
    ]  # fmt: skip


def last_day(tenants: Collection[int], most: int) -> Day:
    with connection.cursor() as cursor:
        cursor.execute(_BUSIEST, {"since": since(), "tenants": list(tenants), "most": most})
        rows = cursor.fetchall()
    found = [
        Traffic(tenant, intent, int(events), by_hour(zip(hours, counts, strict=True)))
        for tenant, intent, events, hours, counts, _, _ in rows
    ]
    intents, events = map(int, rows[0][5:]) if rows else (0, 0)
    return Day(found, intents, events)


def by_hour(rows: Iterable[tuple[datetime, int]], days: int = 1) -> list[int]:
    """Events of each of the last hours, oldest first; those without any are 0."""
    start, counts = since(days), [0] * (24 * days)
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


def hours(tenant: Tenant, intent: str, *, days: int) -> list[HourStatistics]:
    """What was scored in the last days, hour by hour and transform by transform, oldest first."""
    return list(HourStatistics.objects.filter(tenant=tenant, intent=intent, hour__gte=since(days)).order_by("hour"))


def rates_of(
    tenant: Tenant, hours: Sequence[HourStatistics], references: Mapping[int, Reference]
) -> dict[str, AlertRate]:
    """By threshold, as `alert_rates` has it: of one intent's hours, where a page has them all, oldest first."""
    events: Counter[str] = Counter()
    alerts: Counter[str] = Counter()
    latest: dict[str, HourStatistics] = {}
    for hour in hours:
        alerts.update(hour.alerts)
        events.update(dict.fromkeys(hour.alerts, hour.events))
        latest |= dict.fromkeys(hour.alerts, hour)
    policy = _policy(tenant)
    return {
        name: _rate(name, events[name], alerts[name], latest[name], policy, references)
        for name in alerts
        if events[name]
    }


def _rate(
    name: str, events: int, alerts: int, latest: HourStatistics, policy: ReviewPolicy, known: Mapping[int, Reference]
) -> AlertRate:
    score, intent = latest.thresholds.get(name), latest.intent
    target = _target(known.get(latest.transform), score)
    return AlertRate(latest.tenant_id, intent, name, events, alerts, score, target, policy.tolerance_of(intent, name))


def _policy(tenant: Tenant) -> ReviewPolicy:
    """As it was selected with the tenant, without a query; selectors.changes.policy_of asks for it anew."""
    return getattr(tenant, "review_policy", None) or ReviewPolicy()


def _counted(tenants: Iterable[int], days: int, places: Sequence[Place] | None) -> list[tuple[Any, ...]]:
    of, intents = zip(*places, strict=True) if places else ((), ())
    parameters: dict[str, Any] = {"since": since(days), "tenants": list(tenants)}
    parameters |= {"of": list(of), "intents": None if places is None else list(intents)}
    with connection.cursor() as cursor:
        cursor.execute(_ALERTS, parameters)
        return cursor.fetchall()


def references(transforms: set[int]) -> Mapping[int, Reference]:
    """By transform; each reference is made once."""
    rows = Transform.objects.filter(pk__in=transforms)
    pairs = list(rows.values_list("pk", "reference", "reference__kind", "reference__parameters"))
    by_reference = {pk: reference_from(kind, parameters) for _, pk, kind, parameters in pairs}
    return {transform: by_reference[reference] for transform, reference, _, _ in pairs}


def _target(reference: Reference | None, score: float | None) -> float | None:
    return None if reference is None or score is None else float(reference.alert_rate(score))
