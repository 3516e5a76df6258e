"""How an event is answered where predictors fail: along a path, the live one first, then what the route declares.

A well predictor costs two looks at the clock. Each of the path has a circuit breaker, so that one that fails all the
time, or takes too long, costs nothing either. What answers in place of the live one always says so.
"""

import logging
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal, Protocol

import msgspec
import numpy as np
from numpy.typing import NDArray

from scoring.engine.breaker import ERROR, NO_PROBABILITY, TOO_SLOW, Breaker, Limits, Reason
from scoring.engine.features import Columns
from scoring.engine.onnx_model import ModelError
from scoring.engine.probability import FloatArray
from scoring.engine.stopwatch import Stopwatch

PREVIOUS: Final = "previous_predictor"
FIXED: Final = "fixed_score"
Rows = NDArray[np.intp]
watch = Stopwatch()
Ends = list[float]  # when parts of the work ended, by perf_counter; asked for of a few events only


class Degraded(msgspec.Struct, frozen=True, gc=False):
    """That the live predictor did not answer: why not, and what did."""

    reason: Reason
    by: Literal["previous_predictor", "fixed_score"]


class Suspended(ModelError):
    """No predictor of a path may be tried before `wait` seconds, whole ones, have passed."""

    def __init__(self, reason: str, wait: float) -> None:
        self.wait = max(1, math.ceil(wait))
        super().__init__(f"the predictor is suspended for {self.wait} s: {_WHY[reason]}")


_WHY = {
    ERROR: "it failed several times in a row",
    NO_PROBABILITY: "it gave no probability several times in a row",
    TOO_SLOW: "it took too long",
}


class Runs(Protocol):
    """A predictor and a transform, ready to run (compiled.CompiledTarget)."""

    @property
    def predictor(self) -> str: ...

    @property
    def transform(self) -> int: ...

    def one(self, values: Mapping[str, float], *, ends: Ends | None = None) -> tuple[list[float], float, float]: ...

    def many(self, columns: Columns) -> tuple[FloatArray, FloatArray, FloatArray]: ...


@dataclass(frozen=True, slots=True)
class Part:
    """Rows of a batch that were answered alike: `outputs` (m, k), `probability` and `score` (m,)."""

    predictor: str
    transform: int
    degraded: Degraded | None
    rows: Rows
    outputs: FloatArray
    probability: FloatArray
    score: FloatArray


@dataclass(slots=True)
class Parts:
    """Every row is in one of `parts`, or in `errors`: a predictor gave no probability for it, and nothing else may."""

    parts: list[Part] = field(default_factory=list)
    errors: dict[int, ModelError] = field(default_factory=dict)


logger = logging.getLogger(__name__)

Step = tuple[Runs, Breaker]
Failure = tuple[Reason, Exception]  # why a target did not answer an event, as a word and as what was raised


class Path:
    """The live target of a route and what it falls back to: other targets, and at its end perhaps a fixed score."""

    def __init__(self, targets: Sequence[Runs], fixed: float | None, limits: Limits) -> None:
        is_alone = fixed is None and len(targets) == 1  # then nothing could answer better than it does
        self._steps: list[Step] = [(target, Breaker(limits, not is_alone)) for target in targets]
        self._fixed = fixed

    def one(
        self, values: Mapping[str, float], ends: Ends | None = None
    ) -> tuple[Runs, list[float], float, float, Degraded | None]:
        """One event: what answered, its outputs, probability and score, and whether it is degraded.

        A fixed score has no outputs, and NaN as its probability. Raises ModelError where nothing answers.
        """
        failure: Failure | None = None
        for target, breaker in self._steps:
            if breaker.reason and not breaker.may_try():
                failure = failure or _suspended(breaker)
                continue
            began = watch.start()
            try:
                outputs, probability, score = target.one(values) if ends is None else target.one(values, ends=ends)
            except Exception as error:  # whatever a predictor does, the path goes on
                _failed(target, breaker, error, watch.took(began), 1)
                failure = failure or (_why(error), error)
                continue
            breaker.ran(watch.took(began), 1)
            return target, outputs, probability, score, Degraded(failure[0], PREVIOUS) if failure else None
        return self._fixed_one(failure)

    def many(self, columns: Columns, rows: Rows) -> Parts:
        """These rows of a batch, as one by one. Raises ModelError where nothing answers, for a predictor does not run.

        Of rows for which a predictor gives no probability, and nothing else answers, there are errors.
        """
        batch = _Batch(columns)
        for step in self._steps:
            rows = batch.run(step, rows)
            if not len(rows):
                return batch.found
        self._fixed_many(batch, rows)
        return batch.found

    def _fixed_one(self, failure: Failure | None) -> tuple[Runs, list[float], float, float, Degraded | None]:
        reason, error = failure or (ERROR, ModelError("the route has no predictor"))
        if self._fixed is None:
            raise error
        return self._steps[0][0], [], math.nan, self._fixed, Degraded(reason, FIXED)

    def _fixed_many(self, batch: "_Batch", rows: Rows) -> None:
        if self._fixed is None:
            batch.refuse(rows)
            return
        live = self._steps[0][0]
        for reason, some in batch.by_reason(rows):
            count = len(rows[some])
            answer = np.empty((count, 0)), np.full(count, np.nan), np.full(count, self._fixed)
            degraded = Degraded(reason or ERROR, FIXED)
            part = Part(live.predictor, live.transform, degraded, rows[some], *answer)
            batch.found.parts.append(part)


class _Batch:
    """What comes of the rows of a batch. `failures`: the first of each row that a target did not answer."""

    def __init__(self, columns: Columns) -> None:
        self.found = Parts()
        self._columns = columns
        self._failures: dict[int, Failure] = {}

    def run(self, step: Step, rows: Rows) -> Rows:
        """Have these rows answered by a target; returns those that are left for the next."""
        left: list[int] = []
        at_once = len(rows)
        while len(rows):
            taken = rows[: 1 if step[1].reason else at_once]  # while it is open one event tries
            bad: Rows | None
            if step[1].may_try():
                bad = self._answer(step, taken)
            else:
                taken, bad = rows, self._note(rows, *_suspended(step[1]))
            if bad is None:  # it does not run, which may be because of some of them: each by itself
                at_once = 1
                continue
            left += bad.tolist()
            rows = rows[len(taken) :] if len(bad) in (0, len(taken)) else rows[~np.isin(rows, bad)]
        return np.array(sorted(left), dtype=np.intp)

    def refuse(self, rows: Rows) -> None:
        """Nothing else answers these rows. Raises where that is because a predictor does not run."""
        for row in rows.tolist():
            _, error = self._failures[row]
            if not isinstance(error, ModelError) or not error.rows:
                raise error
            self.found.errors[row] = error

    def by_reason(self, rows: Rows) -> Iterator[tuple[Reason | Literal[""], Rows]]:
        """The places among these rows by why the live target did not answer, "" where it does."""
        reasons: list[Any] = [self._failures[row][0] if row in self._failures else "" for row in rows.tolist()]
        for reason in sorted(set(reasons)):
            yield reason, np.flatnonzero(np.array(reasons) == reason)

    def _answer(self, step: Step, rows: Rows) -> Rows | None:
        """Have rows answered; returns those for which it gives no probability, None where it does not run for all."""
        target, breaker = step
        began = watch.start()
        try:
            answer = target.many(picked(self._columns, rows))
        except Exception as error:  # whatever a predictor does, the path goes on
            bad = rows[list(error.rows)] if isinstance(error, ModelError) else rows[:0]
            if not len(bad) and len(rows) > 1:
                return None
            bad = bad if len(bad) else rows
            if len(bad) == len(rows):
                _failed(target, breaker, error, watch.took(began), len(rows))
            return self._note(bad, _why(error), error)
        breaker.ran(watch.took(began), len(rows))
        self._keep(target, rows, answer)
        return rows[:0]

    def _note(self, rows: Rows, reason: Reason, error: Exception) -> Rows:
        for row in rows.tolist():
            self._failures.setdefault(row, (reason, error))
        return rows

    def _keep(self, target: Runs, rows: Rows, answer: tuple[FloatArray, FloatArray, FloatArray]) -> None:
        if not self._failures:
            self.found.parts.append(Part(target.predictor, target.transform, None, rows, *answer))
            return
        for reason, some in self.by_reason(rows):
            degraded = Degraded(reason, PREVIOUS) if reason else None
            self.found.parts.append(
                Part(target.predictor, target.transform, degraded, rows[some], *(each[some] for each in answer))
            )


def picked(columns: Columns, rows: Rows) -> Columns:
    """These rows of all columns; not copied where they are neighbours."""
    pick: Any = rows
    if len(rows) and rows[-1] - rows[0] == len(rows) - 1:
        pick = slice(rows[0], rows[-1] + 1)
    return {name: column[pick] for name, column in columns.items()}


def _failed(target: Runs, breaker: Breaker, error: Exception, seconds: float, events: int) -> None:
    breaker.failed(_why(error), seconds, events)
    if breaker.may_say():
        logger.warning("Predictor %s fails, %s: %s", target.predictor, _why(error), error)


def _why(error: Exception) -> Reason:
    return NO_PROBABILITY if isinstance(error, ModelError) and error.rows else ERROR


def _suspended(breaker: Breaker) -> Failure:
    return breaker.reason or ERROR, Suspended(breaker.reason, breaker.wait)
