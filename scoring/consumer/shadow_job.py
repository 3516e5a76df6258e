"""What the consumer asks of the process that runs shadows, and what that answers; both are sent as msgpack."""

import msgspec

from scoring.queue.record import Value


class Job(msgspec.Struct, frozen=True, array_like=True):
    """Score these events by one target of a release; `document` is the release's text."""

    tenant: int
    release: int
    document: str
    intent: str
    predictor: str
    transform: int
    features: list[dict[str, Value]]


class Answer(msgspec.Struct, frozen=True, array_like=True):
    """n rows each; `errors` by row for events that the model gives no probability for; `error` if all failed."""

    outputs: list[list[float]] = []
    probability: list[float] = []
    score: list[float] = []
    errors: dict[int, str] = {}
    error: str = ""
