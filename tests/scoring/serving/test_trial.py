"""Models are tried in a process of their own before a scoring process loads them."""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import pytest
from django.test import Client

from scoring.engine import document
from scoring.engine.onnx_model import ModelError, Parity
from scoring.services import publish_document
from scoring.serving import trial
from scoring.serving.process import Serving, serving
from scoring.serving.trial import Trials
from scoring.store import artifacts
from tenants.scope import platform_scope
from tests.crashing import crashing_onnx, greedy_onnx, hanging_onnx
from tests.documents import digest_of, parity_of, sigmoid_onnx
from tests.factories import World, text_of
from tests.scoring.serving.test_watcher import row, score, within

HALF: Parity = {"inputs": [[1.0], [None]], "outputs": [0.5, 0.5]}


@dataclass
class Machine:
    """A storage with models of one feature, and how often each was fetched."""

    directory: Path
    contents: dict[str, tuple[bytes, Parity]] = field(default_factory=dict)
    fetched: list[str] = field(default_factory=list)

    def add(self, content: bytes, parity: Parity = HALF) -> dict[str, document.Model]:
        digest = digest_of(content)
        self.contents[digest] = (content, parity)
        return {f"m{len(self.contents)}@1": document.Model(digest, ("amount",))}

    def fetch(self, digest: str) -> tuple[bytes, Parity]:
        self.fetched.append(digest)
        if digest not in self.contents:
            raise artifacts.ArtifactError(f"{digest} is gone")
        return self.contents[digest]

    def process(self, seconds: float = 60.0, memory_bytes: int = 1 << 32) -> Trials:
        """What one of the machine's scoring processes has."""
        return Trials(self.directory, self.fetch, seconds=seconds, memory_bytes=memory_bytes)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def good() -> tuple[bytes, Parity]:
    content = sigmoid_onnx([0.5])
    return content, parity_of(content, 1)


def test_trial__good_model__passes_once_for_all_processes(machine: Machine) -> None:
    models = machine.add(*good())
    first = machine.process()
    assert first.passed(models, wait_for_them=True)
    assert first.passed(models)
    assert machine.process().passed(models, wait_for_them=True)
    assert len(machine.fetched) == 1


def test_trial__two_processes_at_once__only_one_tries(machine: Machine) -> None:
    models, processes = machine.add(*good()), [machine.process(), machine.process()]
    for each in processes:
        assert each.passed(models) is False
    assert all(each.passed(models, wait_for_them=True) for each in processes)
    assert len(machine.fetched) == 1


def test_trial__under_way__nobody_waits(machine: Machine) -> None:
    trials, models = machine.process(), machine.add(*good())
    assert trials.passed(models) is False
    assert within(30.0, lambda: trials.passed(models))


@pytest.mark.parametrize(
    ("make", "sign"),
    [(crashing_onnx, "crashed .*SIGSEGV"), (hanging_onnx, "more than 2 s"), (greedy_onnx, "alloc|memory")],
)
def test_trial__model_that_does_harm__is_a_failure_with_a_sentence(
    machine: Machine, make: Callable[[], bytes], sign: str
) -> None:
    models = machine.add(make())
    with pytest.raises(ModelError, match=f"^model m1@1: .*({sign})"):
        machine.process(seconds=2.0 if make is hanging_onnx else 60.0).passed(models, wait_for_them=True)


def test_trial__shallow_tree_of_the_same_make__passes(machine: Machine) -> None:
    assert machine.process().passed(machine.add(crashing_onnx(depth=20)), wait_for_them=True)


def test_trial__other_results_than_registered__is_a_failure(machine: Machine) -> None:
    content, parity = good()
    models = machine.add(content, {**parity, "outputs": [0.1] * len(parity["outputs"])})
    with pytest.raises(ModelError, match="other probabilities here than at its registration"):
        machine.process().passed(models, wait_for_them=True)


def test_trial__file_that_is_gone__says_so_and_passes_once_it_is_back(machine: Machine) -> None:
    models, trials = machine.add(*good()), machine.process()
    kept = machine.contents.copy()
    machine.contents.clear()
    with pytest.raises(artifacts.ArtifactError):
        trials.passed(models, wait_for_them=True)
    machine.contents.update(kept)
    assert trials.passed(models, wait_for_them=True)


def test_trial__failure__stands_a_while_for_all_processes_and_then_is_tried_again(machine: Machine) -> None:
    content, parity = good()
    models = machine.add(content, {"inputs": [[1.0]], "outputs": [0.1]})
    for _ in range(2):
        with pytest.raises(ModelError):
            machine.process().passed(models, wait_for_them=True)
    assert len(machine.fetched) == 1
    machine.add(content, parity)
    for path in machine.directory.rglob("*-1-1"):
        os.utime(path, (0, 0))
    assert machine.process().passed(models, wait_for_them=True)


def test_trial__another_version_of_onnxruntime__counts_for_nothing(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    models = machine.add(*good())
    machine.process().passed(models, wait_for_them=True)
    monkeypatch.setattr(trial.onnxruntime, "__version__", "0.0.0")
    machine.process().passed(models, wait_for_them=True)
    assert len(machine.fetched) == 2


def publish_crashing(world: World) -> None:
    """The next release, whose model crashes whoever loads it."""
    digest = artifacts.store(crashing_onnx(), HALF)
    content = msgspec.structs.replace(
        world.document,
        models={"bad@1": document.Model(digest, ("amount",))},
        predictors={world.predictor.key: document.Predictor((document.Member("bad@1"),))},
    )
    with platform_scope():
        publish_document(tenant=world.tenant, document=text_of(content), actor=None, reason="for tests")


def test_look__model_that_crashes__fails_the_release_and_nothing_else(
    client: Client, world: World, process: Serving
) -> None:
    publish_crashing(world)
    assert within(30.0, lambda: process.watcher.look() and bool(row().failures))
    assert "SIGSEGV" in row().failures[world.tenant.slug]["reason"]
    assert score(client, world).json()["release"] == 1
    assert client.get("/readyz").json()["failed_releases"] == 1
    world.publish()
    process.watcher.look()
    assert score(client, world).json()["release"] == 3
    assert row().failures == {}


def test_look__model_being_tried__keys_are_followed_meanwhile(client: Client, world: World, process: Serving) -> None:
    publish_crashing(world)
    process.watcher.look()
    assert process.watcher._loader.waiting == {world.tenant.pk}
    with platform_scope():
        type(world.key).objects.filter(pk=world.key.pk).delete()
    process.watcher.look()
    assert score(client, world).status_code == 401


def test_load_first__current_release_does_not_load__serves_what_was_served_last(
    client: Client, world: World, process: Serving
) -> None:
    publish_crashing(world)
    process.log.close()
    serving.cache_clear()
    serving().watcher.load_first()
    assert score(client, world).json()["release"] == 1
    assert row().failures[world.tenant.slug]["number"] == 2
