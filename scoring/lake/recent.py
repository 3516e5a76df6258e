"""Which event ids an event table has had lately, and what they were answered with: what makes a repeated event one."""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Int64s = NDArray[np.int64]
Mask = NDArray[np.bool_]


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


@dataclass(frozen=True, slots=True)
class Answers:
    """n answers: hashes of their ids and of all that the client received, their times (µs), and which are repeats."""

    ids: Int64s
    contents: Int64s
    times: Int64s
    repeats: Mask

    @classmethod
    def of(cls, event_ids: Sequence[str], times: Int64s, *received: Iterable[Hashable]) -> "Answers":
        """received: n predictors, transforms, probabilities and scores, as in Answer. None is a repeat, so far."""
        contents = zip(event_ids, *received, strict=True)
        count = len(event_ids)
        return cls(hashes(event_ids), hashes(contents, count), times, np.zeros(count, dtype=bool))

    def only(self, kept: Mask, repeats: Mask) -> "Answers":
        """Those that are kept, of which some are repeats; both are (n,)."""
        return Answers(self.ids[kept], self.contents[kept], self.times[kept], repeats[kept])


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

    def add(self, answers: Answers, window: int) -> None:
        """Remember what is recorded."""
        first = ~answers.repeats
        self._ids.add(answers.ids[first], answers.times[first], window)
        self._answers.add(answers.contents, answers.times, window)

    def repeated(self, answers: Answers, window: int) -> tuple[Mask, Mask]:
        """Whose ids were had within the window: with the same answer, and with other ones; both are (n,)."""
        ids = self._ids.repeated(answers.ids, answers.times, window)
        same = self._answers.repeated(answers.contents, answers.times, window)
        return ids & same, ids & ~same


class RecentIds:
    """Ids, or answers, within a window of microseconds, by 16 bytes each: sorted runs, merged so that there are few.

    They are compared by Python's 64-bit hash: among ten million, a new id is taken for an old one with a chance of
    5 in 10¹³.
    """

    def __init__(self) -> None:
        self._runs: list[_Run] = []

    def __len__(self) -> int:
        return sum(len(run.hashes) for run in self._runs)

    def add(self, hashed: Int64s, times: Int64s, window: int) -> None:
        """Remember these, and forget what is older than `window` before the newest of all."""
        if not len(hashed):
            return
        self._runs.append(_run(hashed, times))
        while len(self._runs) > 1 and len(self._runs[-2].hashes) <= 2 * len(self._runs[-1].hashes):
            late, early = self._runs.pop(), self._runs.pop()
            merged = _run(np.concatenate([early.hashes, late.hashes]), np.concatenate([early.times, late.times]))
            self._runs.append(_since(merged, int(merged.times.max()) - window))

    def repeated(self, hashed: Int64s, times: Int64s, window: int) -> Mask:
        """Which of them were had less than `window` before or after, here or earlier in the list."""
        suspects = _repeated_within(hashed)
        for run in self._runs:
            suspects |= _in_sorted(hashed, run.hashes)
        places = sorted(np.flatnonzero(suspects).tolist(), key=lambda place: (times[place], place))
        accepted: dict[int, list[int]] = {}
        found = np.zeros(len(hashed), dtype=bool)
        for place in places:
            value, time = int(hashed[place]), int(times[place])
            known = accepted.setdefault(value, self._times_of(value))
            if any(abs(time - other) < window for other in known):
                found[place] = True
            else:
                known.append(time)
        return found

    def _times_of(self, value: int) -> list[int]:
        times: list[int] = []
        for run in self._runs:
            start, end = np.searchsorted(run.hashes, value, "left"), np.searchsorted(run.hashes, value, "right")
            times.extend(run.times[start:end].tolist())
        return times


def hashes(values: Iterable[Hashable], count: int = -1) -> Int64s:
    """Python's hashes; they are the same within one process only. count: of the values, where that is known."""
    return np.fromiter(map(hash, values), dtype=np.int64, count=count)


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
