"""Asking for looks: one of each intent after every hour in which it was scored; a periodic task does."""

from datetime import UTC, datetime, timedelta

from django.utils import timezone

from models_app.monitors.models import Look
from models_app.work.workers import give_out_after_commit
from scoring.models import HourProfile
from tenants.models import Intent
from tenants.scope import platform_scope, tenant_scope

SETTLED = timedelta(minutes=3)  # events are counted a little after they were scored
LOOKED_BACK = timedelta(hours=26)  # what was not scored for so long, nobody looks at
KEPT = timedelta(days=7)
PROFILES_KEPT = timedelta(days=60)


def order_looks(*, now: datetime | None = None) -> int:
    """Ask for the looks that the latest whole hour lacks; how many. Two at once ask for each look once."""
    until = last_hour(now or timezone.now())
    with platform_scope():
        places = set(_scored_since(until - LOOKED_BACK))
        known = Intent.objects.filter(tenant__in={tenant for tenant, _ in places})
        intents = [each for each in known if (each.tenant_id, each.name) in places]
        done = set(Look.objects.filter(until=until).values_list("intent", flat=True))
    return sum(_order(intent, until) for intent in intents if intent.pk not in done)


def forget_looks(*, now: datetime | None = None) -> int:
    """Delete looks that are over for long, and profiles that no look needs any more; how many looks."""
    at = now or timezone.now()
    with platform_scope():
        HourProfile.objects.filter(hour__lt=at - PROFILES_KEPT).delete()
        HourProfile.objects.filter(hour__lt=at - KEPT).exclude(signatures=[]).update(signatures=[])
        return Look.objects.filter(until__lt=at - KEPT).exclude(state__in=Look.ACTIVE).delete()[0]


def last_hour(now: datetime) -> datetime:
    """The end of the latest hour whose events have been counted by now."""
    return (now - SETTLED).astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def _scored_since(since: datetime) -> "list[tuple[int, str]]":
    rows = HourProfile.objects.filter(hour__gte=since)
    return list(rows.values_list("tenant_id", "intent").distinct())


def _order(intent: Intent, until: datetime) -> bool:
    """Whether it was asked for here."""
    with tenant_scope(intent.tenant_id):
        look, is_new = Look.objects.get_or_create(intent=intent, until=until, defaults={"tenant_id": intent.tenant_id})
        if is_new:
            give_out_after_commit(look)
    return is_new
