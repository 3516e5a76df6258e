"""Scores the events of one batch by one release, column by column, and gathers one result for each, in order.

A batch is scored in slices, between which others have their turn. It is all one to its scores.
"""

from collections.abc import Mapping
from typing import cast

from scoring.engine.compiled import CompiledIntent, Scored, ScoredRows
from scoring.engine.faults import Fault, fault
from scoring.serving.admission import SLICE, pause
from scoring.serving.recording import EventRecorder
from scoring.serving.requests import Event, EventRefused, EventScore, FaultInBatch, microseconds
from scoring.serving.uuid7 import uuid7

Faulty = Mapping[int, list[Fault]]
Results = list[EventScore | EventRefused]


def score_events(
    intent: CompiledIntent, recorder: EventRecorder, events: list[Event], faults: Faulty, now: int
) -> tuple[Results, list[bytes]]:
    """A result for each event, and the records of those that were scored. Events with `faults` are refused."""
    occurred, faults = _occurrences(events, now, faults)
    results = cast(Results, [None] * len(events))
    records: list[bytes] = []
    for start in range(0, len(events), SLICE):
        some = range(start, min(start + SLICE, len(events)))
        _score_rows(intent, recorder, events, occurred, [row for row in some if row not in faults], results, records)
        pause(len(some))
    for row, found in faults.items():
        results[row] = _refused(row, found)
    return results, records


def _score_rows(
    intent: CompiledIntent,
    recorder: EventRecorder,
    events: list[Event],
    occurred: list[int],
    rows: list[int],
    results: Results,
    records: list[bytes],
) -> None:
    """Score these rows, into their places in `results`, and at the end of `records`."""
    good = [events[row] for row in rows]
    batch = intent.score_batch([event.features for event in good], [event.context for event in good])
    for group in batch.groups:
        for index, scored in zip(group.rows, _each(group), strict=True):
            row = rows[index]
            event_id = events[row].event_id or uuid7(occurred[row])
            records.append(recorder.record(events[row], event_id, occurred[row], scored))
            results[row] = EventScore(event_id, scored.score, scored.probability, scored.predictor, scored.transform)
    for index, found in batch.faults.items():
        results[rows[index]] = _refused(rows[index], found)


def _refused(row: int, faults: list[Fault]) -> EventRefused:
    return EventRefused(row, [FaultInBatch(**each) for each in faults])


def _each(group: ScoredRows) -> list[Scored]:
    columns = zip(group.outputs.tolist(), group.probability.tolist(), group.score.tolist(), strict=True)
    return [Scored(group.route, group.predictor, group.transform, *each) for each in columns]


def _occurrences(events: list[Event], now: int, faults: Faulty) -> tuple[list[int], Faulty]:
    """Return when each event occurred, and `faults` with those of impossible times added."""
    found, times = dict(faults), []
    for row, event in enumerate(events):
        try:
            times.append(microseconds(event.occurred_at, now))
        except ValueError as error:
            times.append(now)
            found[row] = [*found.get(row, []), fault("occurred_at", str(error), str(event.occurred_at))]
    return times, found
