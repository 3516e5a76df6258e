"""Turns what was scored, and labels, into records of the event log."""

from collections.abc import Mapping
from typing import Any, Protocol

from scoring.engine.compiled import Scored
from scoring.engine.faults import Faults, fault
from scoring.queue.record import EventRecord, LabelRecord, encode
from scoring.serving.keyring import Key
from scoring.serving.requests import Event, Label, microseconds

_INT64 = 2**63


class EventLog(Protocol):
    """What scoring needs of a SegmentWriter: False where the records could not be kept; it counts them itself."""

    def append(self, records: list[bytes]) -> bool: ...


class EventRecorder:
    """Makes the records of one request: all by one `release`, at one time `now` (microseconds since 1970)."""

    def __init__(self, key: Key, intent: str, release: int, now: int) -> None:
        self._key = key
        self._intent = intent
        self._release = release
        self._now = now

    def record(self, event: Event, event_id: str, occurred: int, scored: Scored) -> bytes:
        """One event as bytes. JSON integers may be longer than the log's: they are kept as floats."""
        event_record = EventRecord(
            tenant=self._key.tenant,
            intent=self._intent,
            event_id=event_id,
            occurred_at=occurred,
            scored_at=self._now,
            release=self._release,
            route=scored.route,
            predictor=scored.predictor,
            transform=scored.transform,
            outputs=scored.outputs,
            probability=scored.probability,
            score=scored.score,
            context=event.context,
            features=event.features,
            key=self._key.id,
        )
        try:
            return encode(event_record)
        except OverflowError:
            return encode(_with_floats(event_record))


def label_record(key: Key, intents: Mapping[str, Any], label: Label, now: int) -> bytes:
    """A label as bytes. Raises Faults for an intent that is not served, or a time that cannot be."""
    if label.intent not in intents:
        raise Faults([fault("intent", "one of " + ", ".join(sorted(intents)), label.intent)])
    try:
        labelled = microseconds(label.labelled_at, now)
    except ValueError as error:
        raise Faults([fault("labelled_at", str(error), str(label.labelled_at))]) from error
    return encode(LabelRecord(key.tenant, label.intent, label.event_id, label.label, labelled, now, key.id))


def _with_floats(record: EventRecord) -> EventRecord:
    fields = {name: getattr(record, name) for name in record.__struct_fields__}
    return EventRecord(**fields | {"context": _floats(record.context), "features": _floats(record.features)})


def _floats(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: float(value) if _is_long(value) else value for name, value in values.items()}


def _is_long(value: Any) -> bool:
    return isinstance(value, int) and not -_INT64 <= value < _INT64
