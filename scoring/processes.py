"""Reading what the data plane says of itself."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.db.models.fields.json import KeyTransform
from django.utils import timezone

from scoring.models import ConsumerLane, CurrentRelease, MinuteStatistics, QuarantinedTable, ServingProcess
from tenants.models import Tenant

SILENT_AFTER = timedelta(minutes=1)
STEPS = {"minute": timedelta(days=1), "hour": timedelta(days=31), "day": timedelta(days=31)}


def processes() -> QuerySet[ServingProcess]:
    """Scoring processes that have spoken within the last minute."""
    return ServingProcess.objects.filter(seen_at__gt=timezone.now() - SILENT_AFTER).defer("latencies")


def silent_processes() -> QuerySet[ServingProcess]:
    """The latest that have spoken within the last day, and no longer do."""
    now = timezone.now()
    rows = ServingProcess.objects.filter(seen_at__lte=now - SILENT_AFTER, seen_at__gt=now - timedelta(days=1))
    return rows.defer("releases", "failures", "latencies").order_by("-seen_at")[:20]


def live_numbers() -> dict[str, tuple[str, int]]:
    """Return (tenant's name, live release's number) by slug, for each tenant in the scope that has a live release."""
    rows = CurrentRelease.objects.values_list("tenant__slug", "tenant__name", "release__number")
    return {slug: (name, number) for slug, name, number in rows}


def lanes() -> QuerySet[ConsumerLane]:
    """How far consumers are, lane by lane."""
    return ConsumerLane.objects.order_by("machine", "lane")


def quarantined() -> QuerySet[QuarantinedTable]:
    """Event tables, of the tenants in the scope, that cannot be written."""
    return QuarantinedTable.objects.select_related("tenant").order_by("tenant__slug", "intent", "kind", "machine")


def statistics(*, tenant: Tenant, intent: str, start: datetime, end: datetime, step: str) -> list[dict[str, Any]]:
    """What was scored in [start, end) by arrival: a row for each step, release, predictor and transform."""
    minutes = MinuteStatistics.objects.filter(tenant=tenant, intent=intent, minute__gte=start, minute__lt=end)
    rows: dict[tuple[Any, ...], dict[str, Any]] = {}
    for minute in minutes.order_by("minute", "release", "predictor", "transform").iterator():
        _add(rows, minute, _floor(minute.minute, step))
    return list(rows.values())


def latency(tenant: Tenant, intent: str) -> list[list[float]]:
    """For each process that scored single events of the intent lately: [events, median, 99th percentile], in ms."""
    of_intent = KeyTransform(intent, KeyTransform(tenant.slug, "latencies"))
    rows = processes().annotate(of_intent=of_intent).filter(of_intent__isnull=False)
    return list(rows.values_list("of_intent", flat=True))


def _add(rows: dict[tuple[Any, ...], dict[str, Any]], minute: MinuteStatistics, at: datetime) -> None:
    by = {"at": at, "release": minute.release, "predictor": minute.predictor, "transform": minute.transform}
    row = rows.setdefault(tuple(by.values()), {**by, "events": 0, "alerts": {}, "histogram": []})
    row["events"] += minute.events
    for name, alerts in minute.alerts.items():
        row["alerts"][name] = row["alerts"].get(name, 0) + alerts
    before = row["histogram"] or [0] * len(minute.histogram)
    row["histogram"] = [a + b for a, b in zip(before, minute.histogram, strict=True)]


def _floor(at: datetime, step: str) -> datetime:
    if step == "minute":
        return at
    at = at.replace(minute=0)
    return at.replace(hour=0) if step == "day" else at
