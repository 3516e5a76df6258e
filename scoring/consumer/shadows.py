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
import structlog

from scoring.consumer.shadow_job import Answer, Job
from scoring.consumer.shadow_worker import serve
from scoring.queue.record import EventRecord

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

    def score(
        self, records: Sequence[EventRecord], document: str, predictor: str, transform: int
    ) -> list[dict[str, Any]]:
        """One shadow entry for each event; all must be of one tenant, intent and release. Never raises."""
        entries: list[dict[str, Any]] = []
        for start in range(0, len(records), CHUNK):
            some = records[start : start + CHUNK]
            first = some[0]
            features = [record.features for record in some]
            job = Job(first.tenant, first.release, document, first.intent, predictor, transform, features)
            answer = self._answer(job)
            entries.extend(_entry(job, answer, row) for row in range(len(some)))
        return entries

    def close(self) -> None:
        """End the child process."""
        if self._child is not None:
            self._child.kill()
            self._child.join()
            self._child = None

    def _answer(self, job: Job) -> Answer:
        key = (job.tenant, job.release, job.predictor, job.transform)
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
            log.error("A shadow fails; its events are kept without it.", tenant=job.tenant, intent=job.intent,
                      release=job.release, predictor=job.predictor, reason=answer.error)  # fmt: skip
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


def _entry(job: Job, answer: Answer, row: int) -> dict[str, Any]:
    """Return one entry of an event's `shadows`, as the lake stores it."""
    entry: dict[str, Any] = {"predictor": job.predictor, "transform": job.transform}
    if error := answer.error or answer.errors.get(row, ""):
        return entry | {"error": error}
    return entry | {
        "probability": answer.probability[row],
        "score": answer.score[row],
        "outputs": answer.outputs[row],
    }
