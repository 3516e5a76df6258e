"""Requests that scoring refused, by hour and reason: of a tenant, or of one of its intents."""

from collections import Counter
from datetime import timedelta

from django.db.models import QuerySet
from django.utils import timezone

from models_app.monitoring import traffic
from scoring.models import RefusedRequests
from tenants.models import Tenant

KEPT = timedelta(days=90)  # so far back it is told


def refused_requests(tenant: Tenant) -> QuerySet[RefusedRequests]:
    """The newest hours first."""
    return RefusedRequests.objects.filter(tenant=tenant, hour__gte=timezone.now() - KEPT)


def last_day(tenant: Tenant, intent: str | None = None) -> tuple[Counter[str], list[int]]:
    """How many requests of the last day were refused, by reason and by hour (24, oldest first)."""
    rows = refused_requests(tenant).filter(hour__gte=traffic.since())
    if intent is not None:
        rows = rows.filter(intent=intent)
    found = list(rows.values_list("hour", "reason", "requests"))
    reasons: Counter[str] = Counter()
    for _, reason, requests in found:
        reasons[reason] += requests
    return reasons, traffic.by_hour((hour, requests) for hour, _, requests in found)
