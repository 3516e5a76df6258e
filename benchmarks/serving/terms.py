"""The words of this benchmark: a service, what it is asked, and a row, which holds two answers against each other."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

MUSE = "MUSE"


@dataclass(frozen=True)
class Service:
    """`command` with {port} and {processes} in it; `env` beyond that of the folder; `most`: processes it can have."""

    name: str
    command: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)
    most: int = 64


@dataclass(frozen=True)
class Question:
    """What is asked of a running service: an address, the name of a body, and what is read from the answer."""

    service: str
    path: str
    body: str
    read: Callable[[Any], list[float]]
    events: int = 1

    @property
    def connections(self) -> int:
        """MUSE refuses more large requests of one tenant at a time than a few, and refusals are no work."""
        return 8 if self.events == 1 else 2


@dataclass(frozen=True)
class Row:
    """A line of the table: ours beside what it is held against, and the ratio that is wanted.

    `lacks`: what the other does not do.
    """

    name: str
    ours: Question
    other: Question
    goal: float
    lacks: str = ""
