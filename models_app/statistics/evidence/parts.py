"""Divisions of events into parts that have something in common: a day, a context value, or a feature's value."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from models_app.statistics.clusters import Codes
from models_app.statistics.drift import DAY
from models_app.statistics.evidence.bands import in_bands
from models_app.statistics.evidence.segments import CONTEXT, LEAST_EVENTS
from scoring.engine.probability import FloatArray

_CONTEXT_VALUES = 12
_FEATURE_VALUES = 20
OTHERS = "others"


@dataclass(frozen=True)
class Parts:
    """A division of n events: the `names` of its parts, and which of them each event is in, (n,).

    A place beyond the names: it is not known. `source`: what it is a division by; `are_bands`: of numbers.
    """

    names: list[str]
    place: NDArray[np.int64]
    source: str = CONTEXT
    are_bands: bool = False

    def counts(self, rows: NDArray[np.bool_] | None = None) -> NDArray[np.int64]:
        place = self.place if rows is None else self.place[rows]
        return np.bincount(place, minlength=len(self.names))[: len(self.names)]


@dataclass(frozen=True)
class Values:
    """What n events have of a feature, or of a context attribute: `source` says which.

    Either `numbers` (n,), NaN where an event has none, or `codes` (n,), each the place of a text in `names`, and -1.
    `may_be_none`: that an event has none says something of the event; else it was not recorded.
    """

    source: str
    numbers: FloatArray | None = None
    names: tuple[str, ...] = ()
    codes: Codes | None = None
    may_be_none: bool = False

    def of(self, rows: NDArray[np.bool_]) -> "Values":
        """Of these events alone."""
        return replace(
            self,
            numbers=None if self.numbers is None else self.numbers[rows],
            codes=None if self.codes is None else self.codes[rows],
        )

    def parts(self, alerts: FloatArray) -> Parts:
        """Numbers in bands; of texts those with the most of the `alerts` (n,) of both sides, the rest together.

        Alerts of both sides together do not tell which way they change: so those picked are not those that moved by
        chance.
        """
        if self.numbers is not None:
            names, place = in_bands(self.numbers)
        else:
            assert self.codes is not None
            names, place = _most(self.names, self.codes, alerts)
        if self.may_be_none and (place == len(names)).any():
            names = [*names, ""]
        return Parts(names, place, self.source, are_bands=self.numbers is not None)


def _most(names: tuple[str, ...], codes: Codes, alerts: FloatArray) -> tuple[list[str], NDArray[np.int64]]:
    known = codes >= 0
    n = np.bincount(codes[known], minlength=len(names))
    weight = np.bincount(codes[known], alerts[known], minlength=len(names))
    enough = np.flatnonzero(n >= LEAST_EVENTS)
    kept = enough[np.lexsort((enough, -n[enough], -weight[enough]))][: _FEATURE_VALUES - 1]
    renumbered = np.full(len(names) + 1, len(kept))
    renumbered[kept] = np.arange(len(kept))
    found = [names[each] for each in kept]
    if np.count_nonzero(n) > len(kept):
        found.append(OTHERS)
    renumbered[-1] = len(found)  # which is where the code -1 points to
    return found, renumbered[codes]


def by_day(occurred_at: NDArray[np.int64]) -> Parts:
    """By the day, UTC, of these times (µs since 1970)."""
    days, place = np.unique(occurred_at // DAY, return_inverse=True)
    return Parts([datetime.fromtimestamp(int(day) * 86_400, UTC).date().isoformat() for day in days], place)


def by_value(values: NDArray[np.object_]) -> Parts:
    """The most frequent values, the rest together."""
    names, place, counts = np.unique(values.astype(str), return_inverse=True, return_counts=True)
    if len(names) > _CONTEXT_VALUES:
        kept = np.argsort(-counts, kind="stable")[: _CONTEXT_VALUES - 1]
        renumbered = np.full(len(names), len(kept))
        renumbered[kept] = np.arange(len(kept))
        names, place = np.append(names[kept], OTHERS), renumbered[place]
    return Parts([str(name) for name in names], place)
