"""Scores the events of one batch by one release, column by column, and gathers one result for each, in order.

A batch is scored in slices, between which others have their turn. It is all one to its scores.
"""

from collections.abc import Mapping
from typing import cast

from msgspec import UNSET

from scoring.engine.compiled import CompiledIntent, ScoredBatch, ScoredRows
from scoring.engine.faults import Fault
from scoring.serving.admission import slices
from scoring.serving.recording import EventRecorder
from scoring.serving.requests import Event, EventRefused, EventScore, FaultInBatch, occurrences
from scoring.serving.uuid7 import uuid7s

Faulty = Mapping[int, list[Fault]]
Results = list[EventScore | EventRefused]


def score_events(
    intent: CompiledIntent, recorder: EventRecorder, events: list[Event], faults: Faulty, now: int
) -> tuple[Results, list[bytes]]:
    """A result for each event, and the records of those that were scored. Events with `faults` are refused."""
    occurred, faults = occurrences([event.occurred_at for event in events], now, faults)
    batch = _Batch(intent, recorder, events, occurred)
    for places in slices(len(events)):
        batch.score([row for row in places if row not in faults])
    for row, found in faults.items():
        batch.refuse(row, found)
    return batch.results, batch.records


class _Batch:
    """What comes of the events: `results` in their order, and `records` of those that were scored."""

    def __init__(
        self, intent: CompiledIntent, recorder: EventRecorder, events: list[Event], occurred: list[int]
    ) -> None:
        self._intent = intent
        self._recorder = recorder
        self._events = events
        self._occurred = occurred
        self.results = cast(Results, [None] * len(events))
        self.records: list[bytes] = []

    def score(self, rows: list[int]) -> None:
        """Score these rows."""
        scored = self._run([self._events[row] for row in rows])
        for group in scored.groups:
            self._keep(group, [rows[index] for index in group.rows])
        for index, found in scored.faults.items():
            self.refuse(rows[index], found)

    def refuse(self, row: int, faults: list[Fault]) -> None:
        self.results[row] = EventRefused(row, [FaultInBatch(**each) for each in faults])

    def _run(self, events: list[Event]) -> ScoredBatch:
        return self._intent.score_batch([event.features for event in events], [event.context for event in events])

    def _keep(self, group: ScoredRows, rows: list[int]) -> None:
        """Take over what was scored in these rows."""
        events, results, predictor, transform = self._events, self.results, group.predictor, group.transform
        occurred = [self._occurred[row] for row in rows]
        ids = [events[row].event_id or made for row, made in zip(rows, uuid7s(occurred), strict=True)]
        record = self._recorder.of(group.route, predictor, transform, group.degraded)
        degraded = group.degraded or UNSET
        columns = (rows, ids, occurred, group.outputs.tolist(), group.probability.tolist(), group.score.tolist())
        for row, event_id, at, outputs, probability, score in zip(*columns, strict=True):
            self.records.append(record(events[row], event_id, at, outputs, probability, score))
            results[row] = EventScore(event_id, score, probability, predictor, transform, degraded)
