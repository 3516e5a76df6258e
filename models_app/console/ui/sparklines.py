"""Small drawings inside a cell or a number: a line of numbers, and a rate against its target."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Spark:
    """Numbers as a small line, oldest first; `words` tell it to those who don't see it."""

    values: Sequence[float]
    words: str

    @property
    def points(self) -> str:
        """Return the points of the line in a box of 100 by 20, the largest number on top."""
        top, last = max([*self.values, 1e-12]), max(1, len(self.values) - 1)
        return " ".join(f"{100 * j / last:.1f},{19 - 18 * value / top:.1f}" for j, value in enumerate(self.values))


class Interval(Protocol):
    """A rate, and the ends of its interval."""

    @property
    def rate(self) -> float: ...
    @property
    def low(self) -> float: ...
    @property
    def high(self) -> float: ...


@dataclass(frozen=True)
class Scale:
    """A rate with its interval, drawn against its target; all of them shares of events."""

    rate: float
    low: float
    high: float
    target: float | None = None

    @property
    def span(self) -> float:
        """How far from the middle the drawing reaches."""
        return 1.25 * max(abs(self.low - self.middle), abs(self.high - self.middle), 0.2 * self.middle, 1e-9)

    @property
    def middle(self) -> float:
        return self.rate if self.target is None else self.target

    def place(self, rate: float) -> str:
        """Along a line of 100."""
        return f"{50 + 50 * (rate - self.middle) / self.span:.1f}"

    @property
    def places(self) -> dict[str, str]:
        return {name: self.place(getattr(self, name)) for name in ("rate", "low", "high")}

    @property
    def words(self) -> str:
        return f"{100 * self.rate:.3g} % [{100 * self.low:.3g}, {100 * self.high:.3g}]"
