"""Tenants with what there is of them, counted by the database."""

from datetime import datetime
from typing import Any

from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from models_app.changes.models import ChangeRequest
from models_app.monitoring import traffic
from scoring.models import HourStatistics
from tenants.models import Intent, Tenant

Overview = Any  # a Tenant with `intent_count`, `open_changes` and `events` of the last day


def tenants() -> QuerySet[Overview]:
    """All in the scope, by slug, with their current releases."""
    own = {"tenant": OuterRef("pk")}
    changes = ChangeRequest.objects.filter(**own, state__in=ChangeRequest.OPEN)
    hours = HourStatistics.objects.filter(**own, hour__gte=traffic.since())
    rows = Tenant.objects.select_related("current__release__tenant", "review_policy").defer(
        "current__release__document"
    )
    return rows.annotate(
        intent_count=_of(Intent.objects.filter(**own), Count("pk")),
        open_changes=_of(changes, Count("pk")),
        events=_of(hours, Sum("events")),
    ).order_by("slug")


def hours(tenant: Tenant) -> list[tuple[datetime, int]]:
    """Return (hour, events) of a tenant for the last 24 hours."""
    rows = HourStatistics.objects.filter(tenant=tenant, hour__gte=traffic.since())
    return list(rows.values("hour").annotate(sum=Sum("events")).values_list("hour", "sum"))


def _of(rows: QuerySet[Any], aggregate: Any) -> Any:
    """What the aggregate says of the rows of one tenant; 0 where it has none."""
    found = rows.order_by().values("tenant").annotate(found=aggregate).values("found")
    return Coalesce(Subquery(found, output_field=IntegerField()), Value(0))
