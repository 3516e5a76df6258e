"""Faults of what is served: releases whose model files are missing or damaged, or whose models crash, hang or fail.

Others pass their trial, and fail on clients' events alone: they take five seconds for each, or give NaN.
"""

import hashlib
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
from django.conf import settings

from muse_site.driving.client import wait
from scoring.engine import document
from scoring.engine.onnx_model import OnnxModel
from scoring.services import publish_document
from scoring.store import artifacts
from tenants.scope import platform_scope
from tests.crashing import crashing_onnx, hanging_onnx, nan_onnx, slow_onnx
from tests.documents import CHANNEL, FEATURES
from tests.factories import World, make_document, make_model, make_predictor, make_transform, text_of
from tests.failing import OLD, failing_documents, store
from tests.faults.evidence import Check, TookHold, all_fail, all_serve, both, logged, replaced
from tests.faults.fault import Fault
from tests.faults.hurting import SCORING, Hurt
from tests.faults.processes import IN_HAND

BAD_SECONDS = 10.0
SLOW_SECONDS = 5.0  # that the slow model takes for an event
_OTHER_BIAS = -2.5  # makes another file than the one that is served, which stays as it is
_TRIED = 1_000  # rounds of it, to see how long one takes here
_HALF = {"inputs": [[0.0], [1.0]], "outputs": [0.5, 0.5]}


def _remove(file: Path) -> None:
    file.unlink()


def _truncate(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-20])


def _alter(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


def _damaged(damage: Callable[[Path], None]) -> Callable[[Hurt], None]:
    """Publish a release of another model, whose file has suffered meanwhile."""

    def hurt_it(hurt: Hurt) -> None:
        world = hurt.served
        predictor = make_predictor(make_model(bias=_OTHER_BIAS))
        with platform_scope():
            content = make_document(world.intent, make_transform(world.intent, predictor))
        for model in content.models.values():
            damage(_file(model.digest))
        _publish(world, content)

    return hurt_it


def _served_file(hurt: Hurt) -> Path:
    (model,) = hurt.served.document.models.values()
    return _file(model.digest)


def _damage_what_is_served(hurt: Hurt) -> None:
    hurt.kept_file = _served_file(hurt).read_bytes()
    _truncate(_served_file(hurt))


def _is_damaged(hurt: Hurt) -> Check:
    file = _served_file(hurt)
    return lambda: hashlib.sha256(file.read_bytes()).hexdigest() != file.stem


def _lose_what_is_served(hurt: Hurt) -> None:
    """And kill a scoring process, so that the one in its place has to load it."""
    hurt.kept_file = _served_file(hurt).read_bytes()
    _remove(_served_file(hurt))
    hurt.signal(signal.SIGKILL, *SCORING, first=True)


def _mend_what_is_served(hurt: Hurt) -> None:
    _served_file(hurt).write_bytes(hurt.kept_file)


def _of_model(content: Callable[[], bytes]) -> Callable[[Hurt], None]:
    """Publish a release whose model does harm when it is loaded or run."""

    def hurt_it(hurt: Hurt) -> None:
        world = hurt.served
        bad = document.Model(artifacts.store(content(), _HALF), ("amount",))  # type: ignore[arg-type]
        predictor = {world.predictor.key: document.Predictor((document.Member("bad@1"),))}
        _publish(world, msgspec.structs.replace(world.document, models={"bad@1": bad}, predictors=predictor))

    return hurt_it


def _beside_the_old(content: Callable[[], bytes], *, falls_back: bool) -> Callable[[Hurt], None]:
    """Publish a release of a new predictor that passes its trial, with the old one to fall back to or with nothing."""

    def hurt_it(hurt: Hurt) -> None:
        world = hurt.served
        digest = artifacts.store(content(), _HALF)  # type: ignore[arg-type]
        old = world.document
        intent = old.intents[world.intent.name]
        (route,) = intent.routes
        live = document.Target("harm@1", route.live.transform)
        routes = (msgspec.structs.replace(route, live=live, fallbacks=(route.live,) if falls_back else ()),)
        harmful = msgspec.structs.replace(
            old,
            models=old.models | {"harm@1": document.Model(digest, ("amount",))},
            predictors=old.predictors | {"harm@1": document.Predictor((document.Member("harm@1"),))},
            intents={world.intent.name: msgspec.structs.replace(intent, routes=routes)},
        )
        _publish(world, harmful if falls_back else _without(harmful, world.predictor.key))
        wait(all_serve(hurt), "the harmful release to be served", 60.0)

    return hurt_it


def _without(content: document.ReleaseDocument, predictor: str) -> document.ReleaseDocument:
    """The document without a predictor that nothing names any more, and without its models."""
    predictors = {key: each for key, each in content.predictors.items() if key != predictor}
    named = {member.model for each in predictors.values() for member in each.members}
    models = {key: each for key, each in content.models.items() if key in named}
    return msgspec.structs.replace(content, predictors=predictors, models=models)


def _slow() -> bytes:
    """A model that takes five seconds of a processor's time for an event; of that this test itself may have little."""
    tried = OnnxModel(slow_onnx(_TRIED), 1)
    began = time.thread_time()
    tried.one([100.0])
    return slow_onnx(int(_TRIED * SLOW_SECONDS / (time.thread_time() - began)))


def _failing_predictor(hurt: Hurt) -> None:
    """Publish a release whose predictor raises for every one of the clients' events; the one before answers then."""
    world = hurt.served
    documents = failing_documents(world.tenant.slug, OLD, intent=world.intent.name)
    store(documents)
    intent = documents.intents[world.intent.name]
    documents.intents[world.intent.name] = msgspec.structs.replace(intent, features=FEATURES, context=(CHANNEL,))
    _publish(world, documents.build())
    wait(all_serve(hurt), "the harmful release to be served", 60.0)


def _publish_good(hurt: Hurt) -> None:
    _publish(hurt.served, hurt.served.document)


def _publish(world: World, content: document.ReleaseDocument) -> None:
    with platform_scope():
        publish_document(tenant=world.tenant, document=text_of(content), actor=None, reason="a fault")


def _file(digest: str) -> Path:
    return Path(settings.MEDIA_ROOT) / artifacts.FOLDER / f"{digest}.onnx"


def _release(what: str, hurt: Callable[[Hurt], None], took_hold: TookHold = all_serve, **promised: Any) -> Fault:
    return Fault(f"A release {what}", hurt, _publish_good, took_hold=took_hold, seconds=BAD_SECONDS, **promised)


MODELS = [
    _release("whose model file is missing", _damaged(_remove), all_fail("is not in the storage")),
    _release("whose model file is truncated", _damaged(_truncate), all_fail("the file in the storage is damaged")),
    _release("whose model file is altered", _damaged(_alter), all_fail("the file in the storage is damaged")),
    _release(
        "whose model crashes",
        _of_model(crashing_onnx),
        all_fail("it crashed the process in which it was tried"),
        is_short=True,
    ),
    _release(
        "whose model never ends", _of_model(hanging_onnx), all_fail("to load and run, tried in a process of its own")
    ),
    _release(
        "whose predictor fails for every event, with a fallback", _failing_predictor, falls_back="error", is_short=True
    ),
    _release(
        "whose model gives NaN, with a fallback",
        _beside_the_old(nan_onnx, falls_back=True),
        falls_back="no_probability",
    ),
    _release(
        "whose model gives NaN, without a fallback: 422",
        _beside_the_old(nan_onnx, falls_back=False),
        well_within=60.0,
        refuses_with=422,
        is_short=True,
    ),
    Fault(
        "The model file that is served truncated for ten seconds",
        _damage_what_is_served,
        _mend_what_is_served,
        took_hold=_is_damaged,
        seconds=BAD_SECONDS,
    ),
    Fault(
        "kill -9 of a scoring process while the storage has lost the model file that is served",
        _lose_what_is_served,
        _mend_what_is_served,
        took_hold=both(replaced(SCORING, first=True), logged("This machine's copy takes its place")),
        may_fail=IN_HAND,
    ),
]
# One request is in hand for so long, and each that tries whether it is better now: who is in line behind it waits.
SLOW = [
    _release(
        "whose model takes five seconds for an event, with a fallback",
        _beside_the_old(_slow, falls_back=True),
        well_within=60.0,
        falls_back="too_slow",
    ),
    _release(
        "whose model takes five seconds for an event, without a fallback: 503",
        _beside_the_old(_slow, falls_back=False),
        well_within=60.0,
        refuses_with=503,
    ),
]
