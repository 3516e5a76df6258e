"""How scores are counted into rows of statistics, whatever span of time a row is of."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from scoring.engine import bins, document
from scoring.models import DayStatistics, HourProfile, HourStatistics, MinuteStatistics

LATE = 3_600_000_000  # microseconds after which an event is no part of what happens now


class Counted(Protocol):
    """A number of events, and of alerts by threshold."""

    @property
    def events(self) -> int: ...

    @property
    def alerts(self) -> Mapping[str, int]: ...


def alerts_at(
    scores: NDArray[np.float64], thresholds: Sequence[document.Threshold]
) -> tuple[dict[str, int], dict[str, float]]:
    """How many of the scores reach each threshold, and the score that each was counted at, by its name."""
    alerts = {each.name: int(np.count_nonzero(scores >= each.score)) for each in thresholds}
    return alerts, {each.name: each.score for each in thresholds}


def add(row: MinuteStatistics | HourStatistics | DayStatistics | HourProfile, more: Counted) -> None:
    """Count more events and alerts into a row."""
    row.events += more.events
    row.alerts = bins.together(row.alerts, more.alerts)


def store(model: Any, rows: Iterable[Any], key: Sequence[str], more: Sequence[str]) -> None:
    """Write rows, new or counted into. `key`: what tells them apart; `more`: fields beside those that `add` counts."""
    model.objects.bulk_create(
        rows,
        batch_size=1000,
        update_conflicts=True,
        unique_fields=["tenant", "intent", *key],
        update_fields=["events", "alerts", *more],
    )
