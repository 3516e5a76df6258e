"""At which rates the events of the last week alerted, by when they occurred, as evidence counts them.

From the statistics by day, in SQL, for there may be a thousand intents; it names the tenants, and row security holds
beside that.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from itertools import groupby
from typing import Any

import numpy as np
from django.db import connection
from django.utils import timezone

from models_app.changes.models import ReviewPolicy
from models_app.monitoring.traffic import Place
from models_app.statistics import clusters
from models_app.statistics.evidence.gates import tolerance_of
from models_app.statistics.evidence.paired import score_interval
from models_app.statistics.references import Reference, reference_from
from models_app.transforms.models import Transform
from tenants.models import Tenant

DAYS = 7  # today included: whole weeks, in which weekdays cancel
_CONFIDENCE = 0.95
_LEAST_ALERTS = 10  # that there are, or that the target has of these events: of fewer, one more or less says nothing

_ALERTS = """
SELECT counted.*, reference.id, reference.kind, reference.parameters FROM (
SELECT tenant_id, intent, key, array_agg(day), array_agg(events), array_agg(value::bigint),
    (thresholds ->> key)::float8, transform
FROM scoring_daystatistics, jsonb_each_text(alerts)
WHERE day >= %(since)s AND day <= %(today)s AND tenant_id = ANY(%(tenants)s::bigint[])
    AND (%(intents)s::text[] IS NULL OR (tenant_id, intent) IN (
        SELECT * FROM unnest(%(of)s::bigint[], %(intents)s::text[])))
GROUP BY tenant_id, intent, key, transform, thresholds ->> key
) AS counted
LEFT JOIN models_app_transform AS made ON made.id = counted.transform
LEFT JOIN models_app_referencedistribution AS reference ON reference.id = made.reference_id
"""


@dataclass(frozen=True)
class AlertRate:
    """The alert rate of one threshold of one intent: `events` and `alerts` of each recent day, oldest first.

    `target`: what the reference of the transform that answered has at its score, of several by the events that each
    answered; None where one is not known. `tolerance`: by how much the tenant lets a rate move, as a share of it.
    """

    tenant: int
    intent: str
    threshold: str
    days: tuple[date, ...]
    events_by_day: tuple[int, ...]
    alerts_by_day: tuple[int, ...]
    target: float | None
    tolerance: float

    @cached_property
    def events(self) -> int:
        return sum(self.events_by_day)

    @cached_property
    def alerts(self) -> int:
        return sum(self.alerts_by_day)

    @property
    def rate(self) -> float:
        return self.alerts / self.events

    @cached_property
    def interval(self) -> tuple[float, float]:
        """Wilson's, its variance times the design effect of days, for events of a day share what that day is like."""
        effect = clusters.of_days(np.array(self.events_by_day), np.array(self.alerts_by_day))
        return score_interval(self.alerts, self.events, effect.quantile(_CONFIDENCE))

    @property
    def today(self) -> tuple[int, int]:
        """Events and alerts of the present day (UTC) so far."""
        is_there = bool(self.days) and self.days[-1] == timezone.now().date()
        return (self.events_by_day[-1], self.alerts_by_day[-1]) if is_there else (0, 0)

    @property
    def low(self) -> float:
        return self.interval[0]

    @property
    def high(self) -> float:
        return self.interval[1]

    @property
    def is_off(self) -> bool:
        """Whether the whole interval lies beyond what the tenant tolerates around the target."""
        if not self.target or max(self.alerts, self.events * self.target) < _LEAST_ALERTS:
            return False
        low, high = self.interval
        return low > self.target * (1 + self.tolerance) or high < self.target * (1 - self.tolerance)

    @property
    def off_by(self) -> float:
        """Return the distance from the target as a share of it; 0 without a target."""
        return self.rate / self.target - 1 if self.target else 0.0


def of_week(tenants: Iterable[Tenant], *, places: Sequence[Place] | None = None) -> list[AlertRate]:
    """Return the alert rate of each threshold of which events occurred in the last days; of `places` only, if given.

    Tenants with their `review_policy` selected save a query each.
    """
    policies = {tenant.pk: policy_selected(tenant) for tenant in tenants}
    found = sorted(_counted(policies, places), key=lambda row: row[:3])
    known = {pk: reference_from(kind, json.loads(text)) for pk, kind, text in {row[8:] for row in found} if pk}
    return [
        rate
        for place, rows in groupby(found, key=lambda row: (row[0], row[1], row[2]))
        if (rate := _rate(place, list(rows), policies[place[0]], known)).events
    ]


def references(transforms: set[int]) -> Mapping[int, Reference]:
    """Return the reference of each transform by its id; each reference is made once."""
    rows = Transform.objects.filter(pk__in=transforms)
    pairs = list(rows.values_list("pk", "reference", "reference__kind", "reference__parameters"))
    by_reference = {pk: reference_from(kind, parameters) for _, pk, kind, parameters in pairs}
    return {transform: by_reference[reference] for transform, reference, _, _ in pairs}


def _rate(
    place: tuple[int, str, str], rows: Sequence[tuple[Any, ...]], policy: ReviewPolicy, known: Mapping[int, Reference]
) -> AlertRate:
    """Of one threshold at its place (tenant, intent, threshold); each row is of one transform and one score."""
    events, alerts = _by_day(rows, 4), _by_day(rows, 5)
    days = tuple(sorted(day for day, seen in events.items() if seen))
    events_by_day, alerts_by_day = (tuple(counts[day] for day in days) for counts in (events, alerts))
    target, share = _target(rows, known), policy.tolerance_of(*place[1:])
    if target and days:
        a_day = sum(events_by_day) / ((days[-1] - days[0]).days + 1)
        share = tolerance_of(share, policy.alerts_a_day, a_day, target)
    return AlertRate(*place, days, events_by_day, alerts_by_day, target, share)


def _by_day(rows: Sequence[tuple[Any, ...]], column: int) -> Counter[date]:
    """Sums of a column's counts, by the days that stand beside them."""
    found: Counter[date] = Counter()
    for row in rows:
        for day, count in zip(row[3], row[column], strict=True):
            found[day] += count
    return found


def _target(rows: Sequence[tuple[Any, ...]], known: Mapping[int, Reference]) -> float | None:
    """What the references together have at the scores, by the events of each."""
    total = weighted = 0.0
    for *_, events, _, score, _, reference, _, _ in rows:
        if reference not in known or score is None:
            return None
        total += sum(events)
        weighted += sum(events) * float(known[reference].alert_rate(score))
    return weighted / total if total else None


def policy_selected(tenant: Tenant) -> ReviewPolicy:
    """As it was selected with the tenant, without a query; selectors.changes.policy_of asks for it anew."""
    return getattr(tenant, "review_policy", None) or ReviewPolicy()


def _counted(tenants: Iterable[int], places: Sequence[Place] | None) -> list[tuple[Any, ...]]:
    of, intents = zip(*places, strict=True) if places else ((), ())
    today = timezone.now().date()
    parameters: dict[str, Any] = {"since": today - timedelta(days=DAYS - 1), "today": today, "tenants": list(tenants)}
    parameters |= {"of": list(of), "intents": None if places is None else list(intents)}
    with connection.cursor() as cursor:
        cursor.execute(_ALERTS, parameters)
        return cursor.fetchall()
