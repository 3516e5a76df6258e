"""Turns what was scored, and labels, into records of the event log."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

import msgspec

from scoring.engine.fallback import Degraded
from scoring.engine.faults import Faults, fault
from scoring.queue.record import EventRecord, LabelRecord, encode
from scoring.serving.keyring import Key
from scoring.serving.requests import Event, Label, microseconds

_INT64 = 2**63


class EventLog(Protocol):
    """What scoring needs of a SegmentWriter: False where the records could not be kept; it counts them itself."""

    def append(self, records: list[bytes], events: int | None = None) -> bool: ...


class EventRecorder:
    """Makes the records of one request: all by one `release`, at one time `now` (microseconds since 1970)."""

    def __init__(self, key: Key, intent: str, release: int, now: int) -> None:
        self._key = key
        self._intent = intent
        self._release = release
        self._now = now

    def of(self, route: str, predictor: str, transform: int, degraded: Degraded | None = None) -> Callable[..., bytes]:
        """What makes the records of events that took this route and were answered alike.

        It is called with the event, its id, when it occurred, the models' outputs, probability and score.
        """
        tenant, intent, now, release, key = self._key.tenant, self._intent, self._now, self._release, self._key.id

        def record(
            event: Event, event_id: str, occurred: int, outputs: list[float], probability: float, score: float
        ) -> bytes:
            """One event as bytes. JSON integers may be longer than the log's: they are kept as floats."""
            made = EventRecord(
                tenant, intent, event_id, occurred, now, release, route, predictor, transform,
                outputs, probability, score, event.context, event.features, key, degraded,
            )  # fmt: skip
            try:
                return encode(made)
            except OverflowError:
                return encode(_with_floats(made))

        return record


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
    plain = isinstance(record.features, msgspec.Struct)  # which was found to be within the log's integers
    features = record.features if plain else floats(record.features)
    return msgspec.structs.replace(record, context=floats(record.context), features=features)


def floats(values: Mapping[str, Any]) -> dict[str, Any]:
    """These values, with integers that are longer than the log's as floats."""
    return {name: float(value) if _is_long(value) else value for name, value in values.items()}


def _is_long(value: Any) -> bool:
    return isinstance(value, int) and not -_INT64 <= value < _INT64
