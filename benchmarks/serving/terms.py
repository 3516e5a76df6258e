"""The words of this benchmark: a service, what it is asked, and a row, which holds two answers against each other."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

MUSE = "MUSE"
JSON, ARROW, DOUBLES = "application/json", "application/vnd.apache.arrow.stream", "application/octet-stream"


@dataclass(frozen=True)
class Service:
    """`command` with {port} and {processes} in it; `env` beyond that of the folder; `most`: processes it can have."""

    name: str
    command: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)
    most: int = 64


@dataclass(frozen=True)
class Question:
    """What is asked of a running service: an address, the name of a body, and what is read from the answer.

    `outputs`: the name of what the model gives for these events. `kind`: the media type of the body. `key`: the file of
    the key that asks.
    """

    service: str
    path: str
    body: str
    read: Callable[[Any], list[float]]
    events: int = 1
    outputs: str = "outputs"
    kind: str = JSON
    key: str = "key"

    @property
    def file(self) -> str:
        """The file of the body."""
        return f"{self.body}.json" if self.kind == JSON else f"{self.body}.arrow"

    @property
    def connections(self) -> int:
        """MUSE refuses more large requests of one tenant at a time than a few, and refusals are no work."""
        return 8 if self.events == 1 else 2


Kind = Literal["peak", "delay", "shadows", "sustained", "consumer"]


@dataclass(frozen=True)
class Row:
    """A line of the table: ours beside what it is held against, and the ratio that is wanted, if one is.

    `lacks`: what the other does not do. `kind`: how it is measured. `at_most`: the ratio is to be no greater.
    """

    name: str
    ours: Question
    other: Question
    goal: float | None
    lacks: str = ""
    kind: Kind = "peak"
    at_most: bool = False

    @property
    def wanted(self) -> str:
        """The goal in words."""
        if self.goal is None:
            return "–"
        return f"at most {self.goal:g}" if self.at_most else f"{self.goal:g}"
