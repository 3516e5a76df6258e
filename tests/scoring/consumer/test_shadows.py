"""Shadows: scored beside the event, and harming nothing."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from scoring.consumer.shadow_job import Shadow
from scoring.consumer.shadow_worker import run
from scoring.consumer.shadows import ShadowRunner
from scoring.engine import document
from scoring.engine.compiled import CompiledRelease
from scoring.engine.features import FeatureEncoder
from scoring.engine.onnx_model import ModelError
from tests.documents import Documents, simple
from tests.scoring.eventlog import FEATURES, INTENT, TENANT, consume, event, ids, keep_document, rows, write, writer

WEB = {"route": "web", "predictor": "cards@2", "transform": 18, "outputs": [0.1, 0.2], "context": {"channel": "web"}}


@pytest.fixture
def stored() -> Documents:
    """The models are in the storage, where the shadows' process finds them."""
    documents = simple()
    documents.store()
    return documents


@pytest.fixture
def runner() -> Iterator[ShadowRunner]:
    runner = ShadowRunner(timeout=60)
    yield runner
    runner.close()


def score(runner: ShadowRunner, documents: Documents, names: list[str]) -> list[dict[str, Any]]:
    shadow = Shadow(TENANT, 1, document.encode(documents.build()).decode(), INTENT, "cards@1", 18)
    columns, _ = FeatureEncoder(documents.intents[INTENT].features).many([FEATURES] * len(names))
    entries = runner.score(shadow, list(columns.values())).to_pylist()
    return [{name: value for name, value in entry.items() if value is not None} for entry in entries]


def test_shadows__of_a_route__are_recorded_with_the_event(segments: Path, stored: Documents) -> None:
    write(writer(segments), event("rest"), *[event(each, **WEB) for each in ids(3)])
    consume(segments)
    found = rows("event_id, shadows")
    expected = CompiledRelease(stored.build(), 1, stored.load_model).target(document.Target("cards@1", 18))
    outputs, probability, mapped = expected.one({"amount": FEATURES["amount"], "hour": FEATURES["hour"]})
    entry = {
        "predictor": "cards@1", "transform": 18, "probability": probability, "score": mapped, "outputs": outputs,
        "error": None,
    }  # fmt: skip
    assert found == [*[(each, [entry]) for each in ids(3)], ("rest", None)]


def test_shadows__process_dies__events_are_kept_with_the_error_and_others_go_on(
    runner: ShadowRunner, stored: Documents
) -> None:
    assert ["score" in entry for entry in score(runner, stored, ["a"])] == [True]
    os.kill(runner._child.pid, signal.SIGKILL)
    runner._child.join()
    (entry,) = score(runner, stored, ["b"])  # a new process is made at once
    assert "error" not in entry
    os.kill(runner._child.pid, signal.SIGSTOP)
    runner.timeout = 0.2
    (entry,) = score(runner, stored, ["c"])
    assert entry == {"predictor": "cards@1", "transform": 18, "error": "no answer within 0.2 s"}
    assert runner.failures == 1
    (entry,) = score(runner, stored, ["d"])  # it rests, and costs no time
    assert "error" in entry
    assert runner.failures == 1


def test_shadows__model_is_not_in_the_storage__events_are_kept_with_the_error(
    segments: Path, stored: Documents
) -> None:
    documents = simple(bias=-7.25)  # of models that nobody has stored
    keep_document(documents.build())
    write(writer(segments), *[event(each, **WEB) for each in ids(3)])
    consumer = consume(segments)
    found = rows("event_id, shadows")
    assert [name for name, _ in found] == ids(3)
    assert all("is not in the storage" in shadows[0]["error"] for _, shadows in found)
    assert consumer.shadows.failures == 1


class Refusing:
    """A target that gives no probability for amounts below zero."""

    def many(self, columns: dict[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        amount = columns["amount"]
        if bad := np.flatnonzero(amount < 0).tolist():
            raise ModelError("no probability", rows=bad)
        return amount[:, None], amount, amount / 2


def test_worker__model_without_probability_for_some__others_are_scored() -> None:
    answer = run(Refusing(), {"amount": np.array([0.5, -1.0, 0.25, -2.0])}, 4)
    assert answer.errors == {1: "no probability", 3: "no probability"}
    outputs, probability, score = answer.arrays(4)
    assert (probability[0], score[0], score[2], outputs[2].tolist()) == (0.5, 0.25, 0.125, [0.25])


def test_worker__no_probability_for_any__says_so_for_each() -> None:
    assert run(Refusing(), {"amount": np.array([-1.0])}, 1).errors == {0: "no probability"}
