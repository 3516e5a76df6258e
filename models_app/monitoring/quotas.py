"""How near a tenant is to its quota of events a second, told before requests are refused for it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Sum
from django.utils import timezone

from scoring.models import MinuteStatistics
from tenants.models import Tenant

LATELY = timedelta(hours=1)
NEAR = 0.8  # of a quota: within a minute seconds differ, so that some may already be beyond it


@dataclass(frozen=True)
class Use:
    """Of a quota, in events a second, the part that was used in the busiest minute of the last hour."""

    quota: int
    share: float
    minute: datetime | None

    @property
    def is_near(self) -> bool:
        """Whether requests may soon be refused, or are."""
        return self.share >= NEAR


def use(tenant: Tenant) -> Use | None:
    """None for a tenant that has no quota."""
    quota = tenant.quota_per_second
    if quota is None:
        return None
    minutes = MinuteStatistics.objects.filter(tenant=tenant, minute__gte=timezone.now() - LATELY)
    busiest = minutes.values_list("minute").annotate(sum=Sum("events")).order_by("-sum").first()
    minute, events = busiest or (None, 0)
    return Use(quota, events / (60 * quota), minute)
