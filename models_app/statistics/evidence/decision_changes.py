"""Which events a change puts on the other side of a threshold, one by one."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models_app.statistics.evidence.observations import Observations, ThresholdQuestion
from models_app.statistics.evidence.paired import PairedChange

MOST = 10_000  # that are listed of a threshold: those whose score moves farthest

Alerts = NDArray[np.bool_]


@dataclass(frozen=True)
class DecisionChanges:
    """Rows of observations, (m,), that alert at a threshold before or after, but not both; the farthest moved first.

    `is_new`, (m,): whether it alerts after.
    """

    threshold: ThresholdQuestion
    rows: NDArray[np.int64]
    is_new: Alerts


def alerting(seen: Observations, asked: ThresholdQuestion) -> tuple[Alerts | None, Alerts]:
    """Which events alert before, and which after, (n,): each side at its own score; no before where none was live."""
    return None if seen.before is None else seen.before >= asked.score_before, seen.after >= asked.score


def decision_changes(
    seen: Observations, thresholds: Iterable[ThresholdQuestion], most: int = MOST
) -> list[DecisionChanges]:
    """Of each threshold, `most` of them at the most; none where nothing was live."""
    return [_of(seen, asked, most) for asked in thresholds if seen.before is not None]


def listed(change: PairedChange | None) -> int | None:
    """How many of those that a threshold has are listed; None where nothing was live."""
    return None if change is None else min(MOST, change.only_before + change.only_after)


def _of(seen: Observations, asked: ThresholdQuestion, most: int) -> DecisionChanges:
    alerted, alerts = alerting(seen, asked)
    assert alerted is not None
    assert seen.before is not None
    rows = np.flatnonzero(alerted != alerts)
    moves = np.abs(seen.after[rows] - seen.before[rows])
    farthest = rows[np.argsort(-moves, kind="stable")[:most]]
    return DecisionChanges(asked, farthest, alerts[farthest])
