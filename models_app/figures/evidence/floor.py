"""Which days and segments a figure shows: a stray event or two, which may have any rate, never set its axis."""

import math
from collections.abc import Sequence
from typing import Protocol, TypeVar

import plotly.graph_objects as go

_LEAST_EVENTS = 100
_LEAST_SHARE = 0.1  # of the largest: where all are small, those are shown that say as much as any


class Counted(Protocol):
    """Something of `n` events."""

    @property
    def n(self) -> int: ...


Part = TypeVar("Part", bound=Counted)


def shown(parts: Sequence[Part]) -> list[Part]:
    """Without those of fewer than a hundred events that are not a tenth of the largest either."""
    least = _least(parts)
    return [each for each in parts if each.n >= least]


def told(figure: go.Figure, parts: Sequence[Part], noun: str) -> go.Figure:
    """The figure, which says of itself how many of its `parts`, days or values, are left out, and why."""
    left = len(parts) - len(shown(parts))
    if left:
        are = f"1 {noun} is" if left == 1 else f"{left} {noun}s are"
        says = f"{are} left out, of fewer than {math.ceil(_least(parts))} events each."
        figure.update_layout(meta={"says": says})
    return figure


def _least(parts: Sequence[Part]) -> float:
    return min(_LEAST_EVENTS, _LEAST_SHARE * max((each.n for each in parts), default=0))
