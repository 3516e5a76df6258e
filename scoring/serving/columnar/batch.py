"""Scores events in columns by one release, and makes the one record of them for the event log."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from scoring.engine import arrays
from scoring.engine.arrays import RoutedRows
from scoring.engine.compiled import CompiledIntent
from scoring.engine.features import RowFaults
from scoring.queue import columnar
from scoring.queue.columnar import EventsRecord, Taken
from scoring.serving.admission import slices
from scoring.serving.columnar.events import EventArrays
from scoring.serving.keyring import Key
from scoring.serving.recording import floats

_EASE = 2  # to run the models takes about half of what an event takes in all, by which turns go


@dataclass(frozen=True, slots=True)
class BatchArrays:
    """The answer to n events, in columns: each of them is in one of `groups` or in `faults`. `ids`: of all (n,)."""

    release: int
    ids: pa.Array
    groups: list[RoutedRows]
    faults: RowFaults

    @property
    def scored(self) -> int:
        return len(self.ids) - len(self.faults)


def score(intent: CompiledIntent, events: EventArrays, release: int) -> BatchArrays:
    """Score events in slices, between which others have their turn."""
    scored = arrays.score(intent, *events.features, events.contexts, events.faults, lambda count: slices(count, _EASE))
    return BatchArrays(release, events.ids, scored.groups, scored.faults)


def record(key: Key, name: str, intent: CompiledIntent, events: EventArrays, scored: BatchArrays, now: int) -> bytes:
    """What the event log keeps of the events that were scored, of which there is at least one; in their order."""
    groups = scored.groups
    found = np.concatenate([group.rows for group in groups])
    order = np.argsort(found, kind="stable")
    core = {
        "taken": np.repeat(np.arange(len(groups), dtype=np.int32), [len(group.rows) for group in groups]),
        "outputs": columnar.lists([group.outputs for group in groups]),
        "probability": np.concatenate([group.probability for group in groups]),
        "score": np.concatenate([group.score for group in groups]),
    }
    if len(groups) > 1:
        core = {each: pa.array(column).take(pa.array(order)) for each, column in core.items()}
    rows = found[order]
    used, contexts = np.unique(events.contexts.places[rows], return_inverse=True)
    core |= {"occurred_at": events.occurred[rows], "context": contexts.astype(np.int32)}
    core["event_id"] = _picked(events.ids, rows)
    content = columnar.stream(core, {each: _picked(column, rows) for each, column in events.sent.items()})
    taken = [Taken(group.route, group.predictor, group.transform, group.degraded) for group in groups]
    optional = [each.name for each in intent.document.features if not each.nullable]
    shared = (taken, [floats(events.contexts.occurring[each]) for each in used], optional, content)
    return columnar.encode(EventsRecord(key.tenant, name, now, scored.release, key.id, *shared))


def _picked(column: pa.Array, rows: np.ndarray) -> pa.Array:
    return column if len(rows) == len(column) else column.take(pa.array(rows))
