"""At which rates the events of the last day alerted, as the latest look at each intent has seen them.

For all tenants in one query, for who asks for it asks every few seconds.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from django.db import connection
from django.utils import timezone

from models_app.monitoring.alert_rates import references
from models_app.monitors.order import LOOKED_BACK
from models_app.statistics.references import Reference

Row = tuple[int, int, str, int, float | None, int, int]  # tenant, intent, threshold, transform, score, events, alerts

_COUNTED = """
SELECT profile.tenant_id, intent.id, key, profile.transform, (profile.thresholds ->> key)::float8,
    sum(profile.events)::bigint, sum(value::bigint)::bigint
FROM models_app_monitor AS monitor
JOIN tenants_intent AS intent ON intent.id = monitor.intent_id
JOIN scoring_hourprofile AS profile ON profile.tenant_id = intent.tenant_id AND profile.intent = intent.name
    AND profile.hour >= monitor.looked_at - interval '1 day' AND profile.hour < monitor.looked_at
CROSS JOIN LATERAL jsonb_each_text(profile.alerts)
WHERE monitor.looked_at > %s
GROUP BY 1, 2, 3, 4, 5
ORDER BY 1, 2, 3, 4, 5
"""


@dataclass(frozen=True)
class LatestRate:
    """Of one threshold: the share of the `events` that alerted; None where there were none.

    `tenant` and `intent`: their numbers.

    `target`: what the references of the transforms that answered have at its score, by the events of each; None where
    one is not known.
    """

    tenant: int
    intent: int
    threshold: str
    events: int
    rate: float | None
    target: float | None


def latest_rates(*, now: datetime | None = None) -> list[LatestRate]:
    """Of all intents in the scope that were looked at lately: of the 24 hours that the latest look ends."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNTED, [(now or timezone.now()) - LOOKED_BACK])
        rows: list[Row] = cursor.fetchall()
    known = references({row[3] for row in rows})
    return [_rate(place, list(own), known) for place, own in groupby(rows, key=lambda row: row[:3])]


def _rate(place: tuple[int, int, str], rows: Sequence[Row], known: Mapping[int, Reference]) -> LatestRate:
    events, alerts = sum(row[5] for row in rows), sum(row[6] for row in rows)
    due = [_due(row, known) for row in rows]
    target = None if not events or None in due else sum(filter(None, due)) / events
    return LatestRate(*place, events, alerts / events if events else None, target)


def _due(row: Row, known: Mapping[int, Reference]) -> float | None:
    """How many alerts the target has of these events; None where it is not known."""
    transform, score, events = row[3:6]
    if score is None or transform not in known:
        return None
    return events * float(known[transform].alert_rate(score))
