"""Statistics by minute, hour and day: made with each batch, kept in its commit, counted into Postgres from there.

The commit is the event table's, so statistics are exactly once where the events are. Postgres holds the version
counted last, in the same transaction as the counts; while it is away nothing is missed, and it catches up.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
import numpy as np
import structlog
from numpy.typing import NDArray

from scoring.consumer import counts, days, profiles
from scoring.engine import document
from scoring.lake import delta
from scoring.lake.events import Events, places_of
from scoring.models import HourStatistics, MinuteStatistics, StatisticsCursor
from tenants.scope import tenant_scope

BINS = 50
MORE = ("histogram", "degraded")
_MINUTE = 60_000_000

log = structlog.get_logger(__name__)


class Minute(msgspec.Struct, forbid_unknown_fields=False):
    """Events scored in one minute (counted from 1970) by one predictor and transform of a release.

    `thresholds`: the score at which the alerts of each were counted. `late`: how many had occurred more than an hour
    before. `degraded`: how many of the events the live predictor did not answer.
    """

    minute: int
    release: int
    predictor: str
    transform: int
    events: int
    alerts: dict[str, int]
    histogram: list[int]
    thresholds: dict[str, float] = {}
    late: int = 0
    degraded: int = 0

    @property
    def key(self) -> tuple[datetime, int, str, int]:
        return datetime.fromtimestamp(self.minute * 60, UTC), self.release, self.predictor, self.transform

    @property
    def hour(self) -> tuple[datetime, int]:
        return datetime.fromtimestamp(self.minute // 60 * 3600, UTC), self.transform


def summarise(events: Events, intent_of: Callable[[int], document.Intent]) -> list[dict[str, object]]:
    """The notes of a batch's commit: one `Minute` for each minute and target. intent_of: by release."""
    of = (events.scored_at // _MINUTE).tolist(), events.release.tolist(), events.predictor, events.transform.tolist()
    late, degraded = events.scored_at - events.occurred_at > counts.LATE, events.is_degraded
    return [
        msgspec.to_builtins(Minute(*key, **_counted(events.score[own], intent_of(key[1]).thresholds),
                                   late=int(late[own].sum()), degraded=int(degraded[own].sum())))
        for key, own in sorted(places_of(zip(*of, strict=True), len(events)).items())
    ]  # fmt: skip


def _counted(scores: NDArray[np.float64], thresholds: Sequence[document.Threshold]) -> dict[str, Any]:
    bins = np.minimum((scores * BINS).astype(np.int64), BINS - 1)
    alerts, at = counts.alerts_at(scores, thresholds)
    histogram = np.bincount(bins, minlength=BINS).tolist()
    return {"events": len(scores), "alerts": alerts, "thresholds": at, "histogram": histogram}


def count(name: delta.TableName) -> int:
    """Count the commits of an event table that Postgres has not counted yet; returns how many events that were.

    Raises DatabaseError when Postgres does not answer, OSError when the lake does not.
    """
    with tenant_scope(name.tenant):
        cursor = _locked_cursor(name)
        versions = delta.log_versions(name, after=cursor.version)
        if not versions:
            return 0
        if versions[0] > cursor.version + 1:
            log.warning("Statistics of commits that are no longer in the log are missing.", table=name.path,
                        counted=cursor.version, next=versions[0])  # fmt: skip
        notes = [found for version in versions if (found := delta.commit_notes(name, version))]
        minutes = msgspec.convert([each for found in notes for each in found["minutes"]], list[Minute])
        _add_minutes(name, minutes)
        _add_hours(name, minutes)
        days.add(name, [day for found in notes for day in days.noted(found)])
        profiles.add(name, [profile for found in notes for profile in profiles.noted(found)])
        cursor.version = versions[-1]
        cursor.save(update_fields=["version"])
    return sum(minute.events for minute in minutes)


def _locked_cursor(name: delta.TableName) -> StatisticsCursor:
    """The cursor's row, locked until the transaction ends: several consumers may follow one table."""
    place = {"tenant_id": name.tenant, "intent": name.intent}
    StatisticsCursor.objects.bulk_create([StatisticsCursor(**place)], ignore_conflicts=True)
    return StatisticsCursor.objects.select_for_update().get(**place)


def _add_minutes(name: delta.TableName, minutes: Sequence[Minute]) -> None:
    place = {"tenant_id": name.tenant, "intent": name.intent}
    known = MinuteStatistics.objects.filter(**place, minute__in={minute.key[0] for minute in minutes})
    rows = {(row.minute, row.release, row.predictor, row.transform): row for row in known}
    for minute in minutes:
        at, release, predictor, transform = minute.key
        fresh = MinuteStatistics(**place, minute=at, release=release, predictor=predictor, transform=transform)
        _add_to(rows.setdefault(minute.key, fresh), minute)
    counts.store(MinuteStatistics, rows.values(), ["minute", "release", "predictor", "transform"], MORE)


def _add_hours(name: delta.TableName, minutes: Sequence[Minute]) -> None:
    place = {"tenant_id": name.tenant, "intent": name.intent}
    known = HourStatistics.objects.filter(**place, hour__in={minute.hour[0] for minute in minutes})
    rows = {(row.hour, row.transform): row for row in known}
    for minute in minutes:
        at, transform = minute.hour
        row = rows.setdefault(minute.hour, HourStatistics(**place, hour=at, transform=transform))
        _add_to(row, minute)
        row.late += minute.late
        row.thresholds |= minute.thresholds
    counts.store(HourStatistics, rows.values(), ["hour", "transform"], [*MORE, "late", "thresholds"])


def _add_to(row: MinuteStatistics | HourStatistics, minute: Minute) -> None:
    counts.add(row, minute)
    row.degraded += minute.degraded
    row.histogram = [had + more for had, more in zip(row.histogram or [0] * BINS, minute.histogram, strict=True)]
