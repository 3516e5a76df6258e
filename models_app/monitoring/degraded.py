"""Events that the live predictor did not answer: by intent, and told to people, once an hour while it lasts."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import Max, Sum
from django.utils import timezone

from models_app.monitoring.notify import tell_of_degraded_events
from models_app.notifications.events import Event
from models_app.notifications.models import Notification
from scoring.models import HourStatistics
from tenants.models import Tenant
from tenants.scope import platform_scope

Place = tuple[int, str]  # tenant, intent


def tell_of_degraded() -> int:
    """Notify people of intents with degraded events in this hour or the last that were not told yet; returns how many.

    Statistics come within a minute or so, and later where Postgres was away.
    """
    with platform_scope():
        fresh = [each for each in _lately() if not _is_told(*each[0], since=each[1])]
        tenants = Tenant.objects.in_bulk({tenant for (tenant, _), _, _ in fresh})
        for (tenant, intent), _, events in fresh:
            tell_of_degraded_events(tenants[tenant], intent, events)
    return len(fresh)


def _lately() -> Iterator[tuple[Place, datetime, int]]:
    """Intents with degraded events in the last two hours of the clock, the latest such hour, and how many events."""
    since = timezone.now().replace(minute=0, second=0, microsecond=0) - timedelta(hours=1)
    rows = HourStatistics.objects.filter(hour__gte=since, degraded__gt=0).values("tenant", "intent")
    for row in rows.annotate(latest=Max("hour"), events=Sum("degraded")).order_by("tenant", "intent"):
        yield (row["tenant"], row["intent"]), row["latest"], row["events"]


def _is_told(tenant: int, intent: str, *, since: datetime) -> bool:
    told = Notification.objects.filter(event=Event.DEGRADED, tenant=tenant, data__intent=intent)
    return told.filter(created_at__gte=since).exists()
