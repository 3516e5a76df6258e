"""Statistics by the day on which events occurred, kept in each commit beside those by the minute of arrival."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from scoring.consumer import counts
from scoring.engine import document
from scoring.lake import delta
from scoring.lake.events import Events, places_of
from scoring.models import DayStatistics

_DAY = 86_400_000_000
_MINUTES = 1_440


class Day(msgspec.Struct, forbid_unknown_fields=False):
    """Events that occurred on one day (counted from 1970) and that one transform answered.

    `thresholds`: the score at which the alerts of each were counted.
    """

    day: int
    transform: int
    events: int
    alerts: dict[str, int]
    thresholds: dict[str, float]

    @property
    def key(self) -> tuple[date, int]:
        return datetime.fromtimestamp(self.day * 86_400, UTC).date(), self.transform


def summarise(events: Events, intent_of: Callable[[int], document.Intent]) -> list[dict[str, object]]:
    """The notes of a batch's commit: one `Day` for each day, transform and release. intent_of: by release."""
    of = (events.occurred_at // _DAY).tolist(), events.transform.tolist(), events.release.tolist()
    return [
        msgspec.to_builtins(_day(day, transform, events.score[own], intent_of(release).thresholds))
        for (day, transform, release), own in sorted(places_of(zip(*of, strict=True), len(events)).items())
    ]


def noted(notes: Mapping[str, Any]) -> list[Day]:
    """Return the days that a commit notes; those of former versions tell only the minute of arrival."""
    if "days" in notes:
        return msgspec.convert(notes["days"], list[Day])
    return [
        Day(each["minute"] // _MINUTES, each["transform"], each["events"], each["alerts"], each.get("thresholds", {}))
        for each in notes["minutes"]
    ]


def add(name: delta.TableName, days: Sequence[Day]) -> None:
    """Count them, in the caller's transaction."""
    place = {"tenant_id": name.tenant, "intent": name.intent}
    known = DayStatistics.objects.filter(**place, day__in={each.key[0] for each in days})
    rows = {(row.day, row.transform): row for row in known}
    for each in days:
        day, transform = each.key
        row = rows.setdefault(each.key, DayStatistics(**place, day=day, transform=transform))
        counts.add(row, each)
        row.thresholds |= each.thresholds
    counts.store(DayStatistics, rows.values(), ["day", "transform"], ["thresholds"])


def _day(day: int, transform: int, scores: NDArray[np.float64], thresholds: Sequence[document.Threshold]) -> Day:
    return Day(day, transform, len(scores), *counts.alerts_at(scores, thresholds))
