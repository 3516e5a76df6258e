"""How near a tenant is to its quotas of events a second and a day, told before requests are refused for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import ExpressionWrapper, F, FloatField, OuterRef, QuerySet, Subquery, Sum, Value
from django.db.models.functions import NullIf
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
    share = ExpressionWrapper(F("most") / F("within_quota"), FloatField())
    return rows.filter(minute__isnull=False).annotate(within_quota=within_quota).annotate(share=share)


def near() -> QuerySet[Any]:
    """Those of them of which requests may soon be refused, or are."""
    return used().filter(share__gte=NEAR)


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
    rows = KeyDay.objects.filter(tenant=tenant, day=datetime.now(UTC).date())
    return dict(rows.values_list("key_id", "events"))
