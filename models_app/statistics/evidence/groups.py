"""Events that have something in common: how many, how many alert, and which segments move."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from models_app.statistics.drift import DAY
from models_app.statistics.evidence import segments
from models_app.statistics.evidence.beside import Clustered
from models_app.statistics.evidence.findings import Group
from models_app.statistics.evidence.observations import Observations, Question, ThresholdQuestion
from models_app.statistics.evidence.parts import Parts
from models_app.statistics.evidence.segments import Segment
from models_app.statistics.evidence.sides import Sides
from scoring.engine.probability import FloatArray


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
    divisions: Sequence[tuple[str, Parts]],
    asked: Sequence[tuple[ThresholdQuestion, Sides, float]],
    question: Question,
) -> list[list[Segment]]:
    """At each threshold, with its tolerance, how the segments of all attributes change; all are asked at once."""
    clustered = Clustered((int(np.max(seen.occurred_at)) - seen.occurred_at) // DAY, seen.entities)
    a_day = seen.of / seen.drawn / seen.days

    def at(
        threshold: ThresholdQuestion, alerted: NDArray[np.bool_], alerts: NDArray[np.bool_], tolerance: float
    ) -> Iterable[tuple[Segment, float]]:
        for attribute, parts in divisions:
            allowed = _tolerances(threshold, tolerance, parts.counts(alerted) * a_day)
            of = (attribute, parts.names, parts.place, alerted, alerts)
            for found, p_value in segments.of_attribute(*of, clustered, allowed, question.confidence):
                yield replace(found, source=parts.source, is_band=parts.are_bands), p_value

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
