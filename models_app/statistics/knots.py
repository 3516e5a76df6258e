"""Knots on their way to a mapping: where they are placed, and that they end up strictly increasing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Knot:
    """Probability `x` goes to score `y`; `declared` says that `y` is a threshold, which no other knot displaces."""

    x: float
    y: float
    declared: bool = False


def assemble(knots: Iterable[Knot]) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """The knots x and y of a QuantileMapping: (0, 0), those given that fit strictly between, and (1, 1).

    Where two are too close to tell apart in floating point, a declared one stays, else the lower one.
    """
    kept = [Knot(0.0, 0.0, declared=True)]
    for knot in sorted(knots, key=lambda knot: (knot.x, knot.y)):
        if knot.declared:
            while not kept[-1].declared and not _follows(knot, kept[-1]):
                kept.pop()
        if _follows(knot, kept[-1]) and knot.x < 1.0 and knot.y < 1.0:
            kept.append(knot)
    kept.append(Knot(1.0, 1.0))
    return tuple(knot.x for knot in kept), tuple(knot.y for knot in kept)


def place_in_gap(below: float, above: float, knots: Sequence[tuple[float, bool]]) -> list[Knot]:
    """Place (y, declared) with increasing y evenly in a gap: every x is above `below`, at most `above`, below 1.

    One knot comes to the middle, so that rounding a probability to float32 does not carry it over. In a gap with
    too few floats for all, one is placed: the first that is declared, if any is.
    """
    shares = np.arange(1, len(knots) + 1) / (len(knots) + 1)
    x = below + (above - below) * shares
    if np.all(np.diff(x, prepend=below) > 0.0) and x[-1] <= above and x[-1] < 1.0:
        return [Knot(float(place), y, declared) for place, (y, declared) in zip(x, knots, strict=True)]
    y, declared = next((knot for knot in knots if knot[1]), knots[0])
    return [Knot(_between(below, above), y, declared)]


def _between(below: float, above: float) -> float:
    middle = below + (above - below) / 2.0
    return middle if below < middle < 1.0 else min(above, float(np.nextafter(1.0, 0.0)))


def _follows(knot: Knot, before: Knot) -> bool:
    return knot.x > before.x and knot.y > before.y
