"""How near tenants and keys are to their quotas of events a second and a day, told before requests are refused for it.

Nothing counts what a key sends in a second, so that of its quotas only that of a day is told.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import ExpressionWrapper, F, FloatField, OuterRef, Q, QuerySet, Subquery, Sum, Value, Window
from django.db.models.functions import Cast, NullIf, RowNumber
from django.utils import timezone

from scoring.models import KeyDay, MinuteStatistics
from tenants.models import Tenant

LATELY = timedelta(hours=1)
NEAR = 0.8  # of a quota: within a minute seconds differ, so that some may already be beyond it


@dataclass(frozen=True)
class Use:
    """Of a quota the part that was used: a second's in the busiest minute of the last hour, a day's since midnight."""

    quota: int
    share: float

    @property
    def is_near(self) -> bool:
        """Whether requests may soon be refused, or are."""
        return self.share >= NEAR


def used() -> QuerySet[Any]:
    """Tenants with a quota that were scored in the last hour, with the `share` used in its busiest `minute`."""
    minutes = MinuteStatistics.objects.filter(tenant=OuterRef("pk"), minute__gte=timezone.now() - LATELY)
    busiest = minutes.order_by().values("minute").annotate(sum=Sum("events")).order_by("-sum", "-minute")
    within_quota = ExpressionWrapper(NullIf("quota_per_second", 0) * Value(60.0), FloatField())
    rows = Tenant.objects.filter(quota_per_second__gt=0)
    rows = rows.annotate(minute=Subquery(busiest.values("minute")[:1]), most=Subquery(busiest.values("sum")[:1]))
    rows = rows.filter(minute__isnull=False).annotate(within_quota=within_quota)
    return rows.annotate(share=_share("most", "within_quota"))


def near() -> QuerySet[Any]:
    """Those of them of which requests may soon be refused, or are."""
    return used().filter(share__gte=NEAR)


def used_today() -> QuerySet[Any]:
    """Of each tenant with a quota of a day, if it let events in today: one row, with the `share` of all its keys."""
    in_all, place = (Window(each, partition_by=F("tenant")) for each in (Sum("events"), RowNumber()))
    rows = _today().filter(tenant__quota_per_day__gt=0).annotate(in_all=in_all, place=place).filter(place=1)
    return rows.annotate(share=_share("in_all", "tenant__quota_per_day"))


def near_today() -> QuerySet[Any]:
    """Those of them of which requests may soon be refused, or are."""
    return used_today().filter(share__gte=NEAR)


def used_today_by_keys() -> QuerySet[Any]:
    """Of each key that may still be used and has a quota of a day: what it let in today, with the `share` used."""
    now = timezone.now()
    ended = Q(key__revoked_at__lte=now) | Q(key__expires_at__lte=now)
    rows = _today().filter(key__quota_per_day__gt=0).exclude(ended)
    return rows.annotate(share=_share("events", "key__quota_per_day"))


def keys_near_today() -> QuerySet[Any]:
    """Those of them of which requests may soon be refused, or are."""
    return used_today_by_keys().filter(share__gte=NEAR)


def use(tenant: Tenant) -> Use | None:
    """None for a tenant that has no quota."""
    if tenant.quota_per_second is None:
        return None
    share = used().filter(pk=tenant.pk).values_list("share", flat=True).first()
    return Use(tenant.quota_per_second, share or 0.0)


def day_use(tenant: Tenant) -> Use | None:
    """Of today, as processes have told it in the last seconds; None for a tenant that has no quota of a day."""
    if tenant.quota_per_day is None:
        return None
    return Use(tenant.quota_per_day, sum(today_by_key(tenant).values()) / tenant.quota_per_day)


def today_by_key(tenant: Tenant) -> Mapping[int, int]:
    """The events that were let in today (UTC) with each key of a tenant."""
    return dict(_today().filter(tenant=tenant).values_list("key_id", "events"))


def _today() -> QuerySet[KeyDay]:
    return KeyDay.objects.filter(day=datetime.now(UTC).date())


def _share(used: str, quota: str) -> ExpressionWrapper:
    return ExpressionWrapper(Cast(used, FloatField()) / F(quota), FloatField())
