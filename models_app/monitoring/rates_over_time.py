"""Alert rates of one intent over time, a point for each bucket: two queries, however long the time is.

Buckets of hours are of events that were scored as they occurred, by arrival; those of days and weeks count by when
events occurred, as evidence does. Degraded events are in neither.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from functools import cache
from typing import NamedTuple

from models_app.changes.models import ReviewPolicy
from models_app.monitoring.alert_rates import policy_selected, references
from models_app.statistics.evidence.gates import tolerance_of
from models_app.statistics.evidence.paired import score_interval
from scoring.models import DayStatistics, HourProfile
from tenants.models import Intent

_MONDAY = datetime(1970, 1, 5, tzinfo=UTC)  # weeks begin on Mondays
_QUANTILE = 1.959964  # of 95 %
_LEAST_BUCKETS = 4  # of a time, however few its alerts are
_FEW = 5  # alerts that are due in a bucket: with fewer, chance hides how the rate moves


class Bucket(StrEnum):
    HOUR = "hour"
    SIX_HOURS = "six-hours"
    DAY = "day"
    WEEK = "week"


LENGTH = {
    Bucket.HOUR: timedelta(hours=1),
    Bucket.SIX_HOURS: timedelta(hours=6),
    Bucket.DAY: timedelta(days=1),
    Bucket.WEEK: timedelta(weeks=1),
}
# The longest time that can be asked for. Hours are kept for sixty days, days for 520 weeks.
LONGEST = {
    Bucket.HOUR: timedelta(days=31),
    Bucket.SIX_HOURS: timedelta(days=62),
    Bucket.DAY: timedelta(days=400),
    Bucket.WEEK: timedelta(weeks=520),
}
OF_HOURS = (Bucket.HOUR, Bucket.SIX_HOURS)


@dataclass(frozen=True)
class Point:
    """A bucket that begins `at`. `target`: of the transforms that answered, by their events; None where not known."""

    at: datetime
    events: int
    alerts: int
    target: float | None

    @property
    def rate(self) -> float:
        return self.alerts / self.events

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's, of 95 %: what sampling alone leaves open."""
        return score_interval(self.alerts, self.events, _QUANTILE)

    @property
    def low(self) -> float:
        return self.interval[0]

    @property
    def high(self) -> float:
        return self.interval[1]


@dataclass(frozen=True)
class Series:
    """Of one threshold: a point for each `bucket` with events, oldest first. `tolerance`: a share of the target."""

    threshold: str
    bucket: Bucket
    points: Sequence[Point]
    tolerance: float


class _Row(NamedTuple):
    at: datetime
    transform: int
    events: int
    alerts: Mapping[str, int]
    thresholds: Mapping[str, float]


Target = Callable[[int, float], float | None]  # by transform and score


def series_of(
    intent: Intent, start: datetime, end: datetime, bucket: Bucket, *, widen: bool = False
) -> Sequence[Series]:
    """Of each threshold that events of [start, end) were counted at, those that are declared first, in their order.

    With `widen`, a threshold whose alerts are few has wider buckets. A tenant with its `review_policy` selected saves
    a query.
    """
    rows = _rows(intent, start, end, bucket)
    known = references({row.transform for row in rows})

    @cache
    def target(transform: int, score: float) -> float | None:
        return float(known[transform].alert_rate(score)) if transform in known else None

    policy = policy_selected(intent.tenant)
    widest = (end - start) / _LEAST_BUCKETS if widen else LENGTH[bucket]
    return [_series(intent, name, rows, bucket, target, policy, widest) for name in _names(intent, rows)]


def floor(at: datetime, bucket: Bucket) -> datetime:
    """When the bucket begins that a moment is in (UTC)."""
    return _MONDAY + (at - _MONDAY) // LENGTH[bucket] * LENGTH[bucket]


def _rows(intent: Intent, start: datetime, end: datetime, bucket: Bucket) -> list[_Row]:
    own = {"tenant": intent.tenant_id, "intent": intent.name}
    start = floor(start, bucket)
    what = ("transform", "events", "alerts", "thresholds")
    if bucket in OF_HOURS:
        hours = HourProfile.objects.filter(**own, hour__gte=start, hour__lt=end).order_by("hour", "transform")
        return [_Row(*row) for row in hours.values_list("hour", *what)]
    last = (end - timedelta(microseconds=1)).astimezone(UTC).date()
    days = DayStatistics.objects.filter(**own, day__gte=start.date(), day__lte=last).order_by("day", "transform")
    return [_Row(datetime.combine(day, time(), UTC), *rest) for day, *rest in days.values_list("day", *what)]


def _names(intent: Intent, rows: Iterable[_Row]) -> Sequence[str]:
    found = {name for row in rows for name in row.alerts}
    declared = [each["name"] for each in intent.thresholds if each["name"] in found]
    return [*declared, *sorted(found - set(declared))]


def _series(
    intent: Intent,
    name: str,
    rows: Sequence[_Row],
    bucket: Bucket,
    target: Target,
    policy: ReviewPolicy,
    widest: timedelta,
) -> Series:
    own = [row for row in rows if name in row.alerts and row.events]
    points = _points(own, name, bucket, target)
    while _are_few(points) and (wider := _wider(bucket)) and LENGTH[wider] <= widest:
        bucket, points = wider, _points(own, name, wider, target)
    return Series(name, bucket, points, _tolerance(policy, intent.name, name, points, LENGTH[bucket]))


def _points(rows: Iterable[_Row], name: str, bucket: Bucket, target: Target) -> list[Point]:
    by_bucket: dict[datetime, list[_Row]] = {}
    for row in rows:
        by_bucket.setdefault(floor(row.at, bucket), []).append(row)
    return [_point(at, own, name, target) for at, own in sorted(by_bucket.items())]


def _point(at: datetime, rows: Sequence[_Row], name: str, target: Target) -> Point:
    events, alerts = sum(row.events for row in rows), sum(row.alerts[name] for row in rows)
    due: float | None = 0.0
    for row in rows:
        rate = target(row.transform, row.thresholds[name]) if name in row.thresholds else None
        due = None if due is None or rate is None else due + rate * row.events
    return Point(at, events, alerts, None if due is None else due / events)


def _are_few(points: Sequence[Point]) -> bool:
    due = sum(point.alerts if point.target is None else point.target * point.events for point in points)
    return due < _FEW * len(points)


def _wider(bucket: Bucket) -> Bucket | None:
    return {Bucket.HOUR: Bucket.SIX_HOURS, Bucket.SIX_HOURS: Bucket.DAY, Bucket.DAY: Bucket.WEEK}.get(bucket)


def _tolerance(policy: ReviewPolicy, intent: str, name: str, points: Sequence[Point], length: timedelta) -> float:
    """As evidence has it: a share, or what so many alerts a day are of it, where that is more."""
    share, events = policy.tolerance_of(intent, name), sum(point.events for point in points)
    due = [point.target * point.events for point in points if point.target is not None]
    if not sum(due) or len(due) < len(points):
        return share
    days = len(points) * length / timedelta(days=1)
    return tolerance_of(share, policy.alerts_a_day, events / days, sum(due) / events)
