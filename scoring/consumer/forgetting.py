"""Forgetting what was counted long ago: of one tenant after the other, by the index that its rows have."""

from datetime import date, datetime, timedelta

from django.utils import timezone

from scoring.models import DayStatistics, HourStatistics, MinuteStatistics, RefusedRequests
from tenants.models import Tenant
from tenants.scope import platform_scope

DAYS_KEPT = timedelta(weeks=520)  # one row a day: as far back as alert rates are told


def forget(*, days: int, now: datetime | None = None) -> int:
    """Delete counts by minute and hour that are older than `days`, and those by day after ten years; how many rows."""
    at = now or timezone.now()
    with platform_scope():
        tenants = list(Tenant.objects.values_list("pk", flat=True))
        return sum(_forget(tenant, at - timedelta(days=days), (at - DAYS_KEPT).date()) for tenant in tenants)


def _forget(tenant: int, before: datetime, first: date) -> int:
    found = (
        MinuteStatistics.objects.filter(tenant=tenant, minute__lt=before),
        HourStatistics.objects.filter(tenant=tenant, hour__lt=before),
        RefusedRequests.objects.filter(tenant=tenant, hour__lt=before),
        DayStatistics.objects.filter(tenant=tenant, day__lt=first),
    )
    return sum(each.delete()[0] for each in found)
