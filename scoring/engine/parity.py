"""What binds a model's registration to every process that serves it."""

from typing import TypedDict


class Parity(TypedDict):
    """Events with the probabilities that the registry got for them; in `inputs`, a row an event, null is NaN."""

    inputs: list[list[float | None]]
    outputs: list[float]
