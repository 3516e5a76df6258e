"""Events that have something in common, a day or a context value: how many, how many alert, and which segments move."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from models_app.statistics.drift import DAY
from models_app.statistics.evidence import segments
from models_app.statistics.evidence.beside import Clustered
from models_app.statistics.evidence.findings import Group
from models_app.statistics.evidence.observations import Observations, Question, ThresholdQuestion
from models_app.statistics.evidence.segments import Segment
from models_app.statistics.evidence.sides import Sides
from scoring.engine.probability import FloatArray

_CONTEXT_VALUES = 12


@dataclass(frozen=True)
class Parts:
    """A division of n events: the `names` of its parts, and which of them each event is in, (n,)."""

    names: list[str]
    place: NDArray[np.int64]

    def counts(self, rows: NDArray[np.bool_] | None = None) -> NDArray[np.int64]:
        return np.bincount(self.place if rows is None else self.place[rows], minlength=len(self.names))


def by_day(seen: Observations) -> Parts:
    days, place = np.unique(seen.occurred_at // DAY, return_inverse=True)
    return Parts([datetime.fromtimestamp(int(day) * 86_400, UTC).date().isoformat() for day in days], place)


def by_value(values: NDArray[np.object_]) -> Parts:
    """The most frequent values, the rest together."""
    names, place, counts = np.unique(values.astype(str), return_inverse=True, return_counts=True)
    if len(names) > _CONTEXT_VALUES:
        kept = np.argsort(-counts, kind="stable")[: _CONTEXT_VALUES - 1]
        renumbered = np.full(len(names), len(kept))
        renumbered[kept] = np.arange(len(kept))
        names, place = np.append(names[kept], "others"), renumbered[place]
    return Parts([str(name) for name in names], place)


def groups(seen: Observations, parts: Parts, thresholds: Sequence[ThresholdQuestion]) -> list[Group]:
    """How many alert in each part, at each threshold, each side at its own score."""

    def alerts(scores: FloatArray, at: Sequence[float]) -> list[list[int]]:
        return np.array([parts.counts(scores >= score) for score in at]).T.tolist() or [[] for _ in parts.names]

    n, after = parts.counts(), alerts(seen.after, [each.score for each in thresholds])
    before = None if seen.before is None else alerts(seen.before, [each.score_before for each in thresholds])
    return [
        Group(name, int(n[j]), None if before is None else before[j], after[j]) for j, name in enumerate(parts.names)
    ]


def segments_of(
    seen: Observations,
    contexts: dict[str, Parts],
    asked: Sequence[tuple[ThresholdQuestion, Sides, float]],
    question: Question,
) -> list[list[Segment]]:
    """At each threshold, with its tolerance, how the segments of all attributes change; all are asked at once."""
    clustered = Clustered((int(np.max(seen.occurred_at)) - seen.occurred_at) // DAY, seen.entities)
    a_day = seen.of / seen.drawn / seen.days

    def at(
        threshold: ThresholdQuestion, alerted: NDArray[np.bool_], alerts: NDArray[np.bool_], tolerance: float
    ) -> Iterable[tuple[Segment, float]]:
        for attribute, parts in contexts.items():
            allowed = _tolerances(threshold, tolerance, parts.counts(alerted) * a_day)
            of = (attribute, parts.names, parts.place, alerted, alerts)
            yield from segments.of_attribute(*of, clustered, allowed, question.confidence)

    return segments.judged(
        [
            [] if side.alerted is None else list(at(threshold, side.alerted, side.alerts, tolerance))
            for threshold, side, tolerance in asked
        ]
    )


def _tolerances(threshold: ThresholdQuestion, tolerance: float, alerts_a_day: NDArray[np.floating]) -> list[float]:
    """No segment is held closer than the intent, nor than the alerts a day that a rate may always move by."""
    share = max(threshold.segment_tolerance, tolerance)
    return [max(share, threshold.alerts_a_day / each) if each else share for each in alerts_a_day.tolist()]
