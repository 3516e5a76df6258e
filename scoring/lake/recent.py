"""Which event ids an event table has had lately, and what they were answered with: what makes a repeated event one."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Int64s = NDArray[np.int64]


class Answer(NamedTuple):
    """What an event was answered with, at a time (µs). `repeat`: its id had been answered otherwise before."""

    event_id: str
    at: int
    repeat: bool
    predictor: str
    transform: int
    probability: float | None
    score: float

    @property
    def content(self) -> tuple[Hashable, ...]:
        """The parts of the answer that the client received."""
        return self.event_id, self.predictor, self.transform, self.probability, self.score


@dataclass(frozen=True)
class _Run:
    """Ids as sorted 64-bit hashes, each with the time (µs) of its event."""

    hashes: Int64s
    times: Int64s


class RecentAnswers:
    """The answers of a window of microseconds.

    A repeated id that got the same answer is nothing new. One that got another answer is no new event either, but
    somebody may have acted on it: that answer is kept too, as a repeat.
    """

    def __init__(self) -> None:
        self._ids = RecentIds()
        self._answers = RecentIds()

    def add(self, answers: Sequence[Answer], window: int) -> None:
        """Remember what is recorded."""
        first = [each for each in answers if not each.repeat]
        self._ids.add([each.event_id for each in first], [each.at for each in first], window)
        self._answers.add([each.content for each in answers], [each.at for each in answers], window)

    def repeated(self, answers: Sequence[Answer], window: int) -> tuple[set[int], set[int]]:
        """Places of those whose ids were had within the window: with the same answer, and with other ones."""
        times = [each.at for each in answers]
        ids = set(self._ids.repeated([each.event_id for each in answers], times, window))
        same = set(self._answers.repeated([each.content for each in answers], times, window))
        return ids & same, ids - same


class RecentIds:
    """Ids, or answers, within a window of microseconds, by 16 bytes each: sorted runs, merged so that there are few.

    They are compared by Python's 64-bit hash: among ten million, a new id is taken for an old one with a chance of
    5 in 10¹³.
    """

    def __init__(self) -> None:
        self._runs: list[_Run] = []

    def __len__(self) -> int:
        return sum(len(run.hashes) for run in self._runs)

    def add(self, ids: Sequence[Hashable], times: Sequence[int], window: int) -> None:
        """Remember these, and forget what is older than `window` before the newest of all."""
        if not ids:
            return
        self._runs.append(_run(_hashes(ids), np.asarray(times, dtype=np.int64)))
        while len(self._runs) > 1 and len(self._runs[-2].hashes) <= 2 * len(self._runs[-1].hashes):
            late, early = self._runs.pop(), self._runs.pop()
            merged = _run(np.concatenate([early.hashes, late.hashes]), np.concatenate([early.times, late.times]))
            self._runs.append(_since(merged, int(merged.times.max()) - window))

    def repeated(self, ids: Sequence[Hashable], times: Sequence[int], window: int) -> list[int]:
        """Places of events whose id was had less than `window` before or after, here or earlier in the list."""
        hashes, at = _hashes(ids), np.asarray(times, dtype=np.int64)
        suspects = _repeated_within(hashes)
        for run in self._runs:
            suspects |= _in_sorted(hashes, run.hashes)
        places = sorted(np.flatnonzero(suspects).tolist(), key=lambda place: (at[place], place))
        accepted: dict[int, list[int]] = {}
        found = []
        for place in places:
            value, time = int(hashes[place]), int(at[place])
            known = accepted.setdefault(value, self._times_of(value))
            if any(abs(time - other) < window for other in known):
                found.append(place)
            else:
                known.append(time)
        return sorted(found)

    def _times_of(self, value: int) -> list[int]:
        times: list[int] = []
        for run in self._runs:
            start, end = np.searchsorted(run.hashes, value, "left"), np.searchsorted(run.hashes, value, "right")
            times.extend(run.times[start:end].tolist())
        return times


def _hashes(ids: Sequence[Hashable]) -> Int64s:
    return np.fromiter(map(hash, ids), dtype=np.int64, count=len(ids))


def _run(hashes: Int64s, times: Int64s) -> _Run:
    order = np.argsort(hashes, kind="stable")
    return _Run(hashes[order], times[order])


def _since(run: _Run, time: int) -> _Run:
    kept = run.times >= time
    return _Run(run.hashes[kept], run.times[kept])


def _in_sorted(hashes: Int64s, known: Int64s) -> NDArray[np.bool_]:
    places = np.minimum(np.searchsorted(known, hashes), len(known) - 1)
    return np.asarray(known[places] == hashes)


def _repeated_within(hashes: Int64s) -> NDArray[np.bool_]:
    order = np.argsort(hashes, kind="stable")
    equal = np.zeros(len(hashes), dtype=bool)
    same = hashes[order][1:] == hashes[order][:-1]
    equal[1:] |= same
    equal[:-1] |= same
    result = np.zeros(len(hashes), dtype=bool)
    result[order] = equal
    return result
