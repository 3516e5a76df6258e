"""Writing down what came of what was foretold, once it is over: a periodic task looks for it."""

from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from models_app.changes.evidence.run import changed_intents
from models_app.changes.track_record.models import WEEK, TrackRecord
from scoring.engine import document as documents
from scoring.models import Release
from tenants.scope import platform_scope, tenant_scope

AT_ONCE = 200  # intents of releases, each time that the task runs
SETTLED = timedelta(hours=1)  # events reach the statistics a little after they were scored

_COUNTED = """
SELECT key, sum(events), sum(value::bigint) FROM scoring_minutestatistics, jsonb_each_text(alerts)
WHERE tenant_id = %s AND intent = %s AND release >= %s AND minute >= %s AND minute < %s GROUP BY key
"""


def write_down_what_came(*, now: datetime | None = None) -> int:
    """Close the records of releases whose week is over, or that serve the intent no more; how many intents of them."""
    settled = (now or timezone.now()) - SETTLED
    with platform_scope():
        found = list(_due(settled)[:AT_ONCE])
    return sum(_write_down(*each, settled) for each in found)


def _due(settled: datetime) -> "QuerySet[TrackRecord, tuple[int, int, str]]":
    """Open ones of (tenant, release, intent), oldest first: whose week is over, or after which there was a release."""
    after = Release.objects.filter(
        tenant=OuterRef("tenant"), number__gt=OuterRef("release__number"), published_at__lte=settled
    )
    rows = TrackRecord.objects.filter(Q(since__lte=settled - WEEK) | Exists(after), until=None)
    return rows.order_by("since", "release", "intent").values_list("tenant_id", "release_id", "intent").distinct()


def _write_down(tenant_id: int, release_id: int, intent: str, settled: datetime) -> bool:
    """Whether it was over; a worker that is at it already is left alone."""
    with tenant_scope(tenant_id):
        release = Release.objects.get(pk=release_id)
        until = _until(release, intent)
        if until > settled:
            return False
        rows = TrackRecord.objects.filter(release=release, intent=intent, until=None)
        held = list(rows.select_for_update(of=("self",), skip_locked=True))
        counted = _counted(release, intent, until)
        for row in held:
            _close(row, until, *counted.get(row.threshold, (0, 0)))
        TrackRecord.objects.bulk_update(held, ["until", "events", "alerts", "inside"])
        return bool(held)


def _until(release: Release, intent: str) -> datetime:
    """When it served the intent no more as it did, a week after it was published at the latest."""
    over, before = release.published_at + WEEK, documents.decode(release.document)
    after = Release.objects.filter(tenant=release.tenant_id, number__gt=release.number, published_at__lt=over)
    for each in after.order_by("number").iterator(5):
        if intent in changed_intents(before, documents.decode(each.document)):
            return each.published_at
    return over


def _counted(release: Release, intent: str, until: datetime) -> dict[str, tuple[int, int]]:
    """Events and alerts by threshold, minute by minute of arrival, without the minutes that it shares with another."""
    first = (release.published_at + timedelta(seconds=59)).replace(second=0, microsecond=0)
    where = (release.tenant_id, intent, release.number, first, until.replace(second=0, microsecond=0))
    with connection.cursor() as cursor:
        cursor.execute(_COUNTED, where)
        return {name: (int(events), int(alerts)) for name, events, alerts in cursor.fetchall()}


def _close(row: TrackRecord, until: datetime, events: int, alerts: int) -> None:
    row.until, row.events, row.alerts = until, events, alerts
    rate, is_whole = row.rate, until >= row.since + WEEK
    row.inside = row.low <= rate <= row.high if rate is not None and is_whole else None
