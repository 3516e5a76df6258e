"""What the shadows' own process does with a job."""

import signal
from collections import OrderedDict
from multiprocessing.connection import Connection

import msgspec
import numpy as np

from scoring.consumer.shadow_job import Answer, Job, Shadow
from scoring.engine import document
from scoring.engine.compiled import CompiledRelease, CompiledTarget
from scoring.engine.features import Columns
from scoring.engine.onnx_model import ModelError
from scoring.store.artifacts import ModelSessions

RELEASES = 16
Floats = np.ndarray


class Worker:
    """Keeps the last releases compiled; only what shadows ask for is loaded of them."""

    def __init__(self) -> None:
        self._sessions = ModelSessions()
        self._releases: OrderedDict[tuple[int, int], tuple[document.ReleaseDocument, CompiledRelease]] = OrderedDict()

    def answer(self, job: Job) -> Answer:
        """Score a job. Never raises: what goes wrong is in the answer."""
        try:
            content, release = self._release(job.shadow)
            target = release.target(document.Target(job.shadow.predictor, job.shadow.transform))
            names = [feature.name for feature in content.intents[job.shadow.intent].features]
            return run(target, job.columns(names), job.count)
        except Exception as error:  # whatever it is, it is the shadow's fault and must stop nobody
            return Answer(error=f"{type(error).__name__}: {error}")

    def _release(self, shadow: Shadow) -> tuple[document.ReleaseDocument, CompiledRelease]:
        key = (shadow.tenant, shadow.release)
        if key not in self._releases:
            content = document.decode(shadow.document)
            bare = msgspec.structs.replace(content, intents={})  # else all live models would be loaded as well
            self._releases[key] = (content, CompiledRelease(bare, shadow.release, self._sessions.load))
        self._releases.move_to_end(key)
        if len(self._releases) > RELEASES:
            self._releases.popitem(last=False)
        return self._releases[key]


def run(target: CompiledTarget, columns: Columns, count: int) -> Answer:
    """Score `count` events; those for which a model gives no probability are left out, and the others run again."""
    rows = np.arange(count)
    errors: dict[int, str] = {}
    while len(rows):
        try:
            outputs, probability, score = target.many({name: column[rows] for name, column in columns.items()})
        except ModelError as error:
            if not error.rows:
                raise
            errors |= {int(rows[row]): str(error) for row in error.rows}
            rows = np.delete(rows, error.rows)
            continue
        return _spread(rows, count, outputs, probability, score, errors)
    return Answer(errors=errors)


def _spread(
    rows: Floats, count: int, outputs: Floats, probability: Floats, score: Floats, errors: dict[int, str]
) -> Answer:
    """Results of some rows as those of all; rows in `errors` are filled up."""
    full = np.zeros((count, outputs.shape[1])), np.zeros(count), np.zeros(count)
    for target, found in zip(full, (outputs, probability, score), strict=True):
        target[rows] = found
    return Answer(full[0].tobytes(), full[1].tobytes(), full[2].tobytes(), errors)


def serve(pipe: Connection) -> None:
    """The child process: answers jobs until its parent is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which ends us
    worker = Worker()
    while True:
        try:
            job = msgspec.msgpack.decode(pipe.recv_bytes(), type=Job)
        except EOFError:
            return
        pipe.send_bytes(msgspec.msgpack.encode(worker.answer(job)))
