"""What the consumer asks of the process that runs shadows, and what that answers; both are sent as msgpack."""

from collections.abc import Sequence

import msgspec
import numpy as np

from scoring.engine.features import Columns
from scoring.engine.probability import FloatArray


class Shadow(msgspec.Struct, frozen=True, array_like=True):
    """One target of a release, for an intent; `document` is the release's text."""

    tenant: int
    release: int
    document: str
    intent: str
    predictor: str
    transform: int


class Job(msgspec.Struct, frozen=True, array_like=True):
    """Score `count` events by a shadow; `features` are those of its intent as float64, one after the other."""

    shadow: Shadow
    count: int
    features: bytes

    @classmethod
    def of(cls, shadow: Shadow, columns: Sequence[FloatArray]) -> "Job":
        """columns: (n,) of each feature, as the encoder of features gives them."""
        return cls(shadow, len(columns[0]), np.concatenate(columns).tobytes())

    def columns(self, names: Sequence[str]) -> Columns:
        """By the features' names."""
        values = np.frombuffer(self.features).reshape(len(names), self.count)
        return dict(zip(names, values, strict=True))


class Answer(msgspec.Struct, frozen=True, array_like=True):
    """n probabilities and scores, and n rows of outputs, as float64.

    `errors` by row for events that the model gives no probability for, whose numbers mean nothing; `error` if all
    failed.
    """

    outputs: bytes = b""
    probability: bytes = b""
    score: bytes = b""
    errors: dict[int, str] = {}
    error: str = ""

    def arrays(self, count: int) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Outputs (n, k), probability (n,) and score (n,)."""
        outputs, probability, score = map(np.frombuffer, (self.outputs, self.probability, self.score))
        return outputs.reshape(count, -1), probability, score
