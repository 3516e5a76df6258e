"""What scoring writes into its segment files, and the consumer reads: one record an event or a label."""

from datetime import timedelta
from typing import Any

import msgspec

from scoring.engine.fallback import Degraded

Value = str | int | float | bool | None
MOST_AHEAD = timedelta(days=1)  # of the time at which it comes, that what is sent may say it occurred


class EventRecord(msgspec.Struct, frozen=True, array_like=True, tag="e", gc=False):
    """One scored event, with everything that is needed to explain it and to score its shadows.

    `tenant` is its id; times are microseconds since 1970 (UTC); `outputs` are those of each model, in the
    predictor's order; `features` and `context` as the client sent them; `key` is the id of the API key. `degraded`:
    that the live predictor failed. A fixed score then has no outputs, and NaN as its probability.
    """

    tenant: int
    intent: str
    event_id: str
    occurred_at: int
    scored_at: int
    release: int
    route: str
    predictor: str
    transform: int
    outputs: list[float]
    probability: float
    score: float
    context: dict[str, Value]
    features: dict[str, Value]
    key: int
    degraded: Degraded | None = None


class LabelRecord(msgspec.Struct, frozen=True, array_like=True, tag="l"):
    """What an event turned out to be: `label` 0 or 1, known at `labelled_at`, reported at `reported_at`."""

    tenant: int
    intent: str
    event_id: str
    label: int
    labelled_at: int
    reported_at: int
    key: int


Record = EventRecord | LabelRecord

_encoder = msgspec.msgpack.Encoder()
_decoder: msgspec.msgpack.Decoder[Any] = msgspec.msgpack.Decoder(Record)


def encode(record: Record) -> bytes:
    return _encoder.encode(record)


def decode(payload: bytes) -> Record:
    """Raises msgspec.DecodeError for what is no record."""
    record: Record = _decoder.decode(payload)
    return record
