"""Shadows are scored here, in a process of their own: what they do to it, they do to nothing else.

A target that kills the process, or keeps it busy for too long, is let rest for a while; its events are kept all the
same, with the error in place of a score. Messages are msgpack, and a worker whose parent dies ends.
"""

import multiprocessing
import time
from collections.abc import Sequence
from multiprocessing.connection import Connection
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import structlog

from scoring.consumer.shadow_job import Answer, Job, Shadow
from scoring.consumer.shadow_worker import serve
from scoring.engine.probability import FloatArray
from scoring.lake.columns import SHADOW

_NUMBERS = ("probability", "score", "outputs")
CHUNK = 10_000
REST_SECONDS = 60.0

log = structlog.get_logger(__name__)


class ShadowRunner:
    """Runs jobs in a child process, which is made when first needed, and again when it has died."""

    def __init__(self, timeout: float = 120.0) -> None:
        self.timeout = timeout
        self.failures = 0
        self._child: Any = None
        self._pipe: Connection | None = None
        self._resting: dict[tuple[int, int, str, int], tuple[float, str]] = {}

    def score(self, shadow: Shadow, columns: Sequence[FloatArray]) -> pa.Array:
        """The entries of n events; columns: (n,) of each of the intent's features, in its order. Never raises."""
        pieces = []
        for start in range(0, len(columns[0]), CHUNK):
            job = Job.of(shadow, [column[start : start + CHUNK] for column in columns])
            pieces.append(_entries(shadow, self._answer(job), job.count))
        return pa.concat_arrays(pieces)

    def close(self) -> None:
        """End the child process."""
        if self._child is not None:
            self._child.kill()
            self._child.join()
            self._child = None

    def _answer(self, job: Job) -> Answer:
        shadow = job.shadow
        key = (shadow.tenant, shadow.release, shadow.predictor, shadow.transform)
        until, reason = self._resting.get(key, (0.0, ""))
        if time.monotonic() < until:
            return Answer(error=reason)
        try:
            answer = self._ask(job)
        except (OSError, EOFError, TimeoutError, msgspec.MsgspecError) as error:
            self.close()
            answer = Answer(error=str(error) or "the process that ran the shadow has died")
        if answer.error:
            self.failures += 1
            self._resting[key] = (time.monotonic() + REST_SECONDS, answer.error)
            log.error("A shadow fails; its events are kept without it.", tenant=shadow.tenant, intent=shadow.intent,
                      release=shadow.release, predictor=shadow.predictor, reason=answer.error)  # fmt: skip
        return answer

    def _ask(self, job: Job) -> Answer:
        pipe = self._connected()
        pipe.send_bytes(msgspec.msgpack.encode(job))
        if not pipe.poll(self.timeout):
            raise TimeoutError(f"no answer within {self.timeout:g} s")
        return msgspec.msgpack.decode(pipe.recv_bytes(), type=Answer)

    def _connected(self) -> Connection:
        if self._pipe is None or self._child is None or not self._child.is_alive():
            context = multiprocessing.get_context("spawn")
            self._pipe, theirs = context.Pipe()
            self._child = context.Process(target=serve, args=(theirs,), daemon=True, name="shadows")
            self._child.start()
            theirs.close()
        return self._pipe


def _entries(shadow: Shadow, answer: Answer, count: int) -> pa.Array:
    """One entry of `shadows`, as the lake stores it, for each of `count` events."""
    if answer.error:
        numbers: list[pa.Array] = [pa.nulls(count, SHADOW.field(name).type) for name in _NUMBERS]
        errors = pa.repeat(answer.error, count)
    else:
        failed = np.isin(np.arange(count), list(answer.errors))
        outputs, probability, score = answer.arrays(count)
        ends = pa.array(np.arange(count + 1, dtype=np.int32) * outputs.shape[1])
        lists = pa.ListArray.from_arrays(ends, pa.array(outputs.ravel()), mask=pa.array(failed))
        numbers = [pa.array(probability, mask=failed), pa.array(score, mask=failed), lists]
        errors = pa.array([answer.errors.get(row) for row in range(count)], pa.string())
    names = [pa.repeat(shadow.predictor, count), pa.repeat(pa.scalar(shadow.transform, pa.int64()), count)]
    return pa.StructArray.from_arrays([*names, *numbers, errors], fields=list(SHADOW))
