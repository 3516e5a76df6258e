"""Faults of what is served: releases whose model files are missing or damaged, or whose models crash, hang or fail.

Others pass their trial, and fail on clients' events alone: they take five seconds for each, or give NaN.
"""

import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
from django.conf import settings
from django.utils import timezone

from muse_site.driving.client import wait
from scoring.engine import document
from scoring.engine.onnx_model import OnnxModel
from scoring.models import Release, ServingProcess
from scoring.services import publish_document
from scoring.store import artifacts
from tenants.scope import platform_scope
from tests.crashing import crashing_onnx, hanging_onnx, nan_onnx, slow_onnx
from tests.documents import CHANNEL, FEATURES
from tests.factories import World, make_document, make_model, make_predictor, make_transform, text_of
from tests.failing import OLD, failing_documents, store
from tests.faults.fault import Fault
from tests.faults.hurting import Hurt

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


def _damage_what_is_served(hurt: Hurt) -> None:
    (model,) = hurt.served.document.models.values()
    hurt.kept_file = _file(model.digest).read_bytes()
    _truncate(_file(model.digest))


def _mend_what_is_served(hurt: Hurt) -> None:
    (model,) = hurt.served.document.models.values()
    _file(model.digest).write_bytes(hurt.kept_file)


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
        _wait_until_live(world)

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


def _publish_good(hurt: Hurt) -> None:
    _publish(hurt.served, hurt.served.document)


def _publish(world: World, content: document.ReleaseDocument) -> None:
    with platform_scope():
        publish_document(tenant=world.tenant, document=text_of(content), actor=None, reason="a fault")


def _file(digest: str) -> Path:
    return Path(settings.MEDIA_ROOT) / artifacts.FOLDER / f"{digest}.onnx"


def _wait_until_live(world: World) -> None:
    """Until every scoring process has the latest release; one whose model is bad in its trial never gets there."""
    with platform_scope():
        number = Release.objects.filter(tenant=world.tenant).latest("number").number
    wait(lambda: _all_serve(world, number), f"release {number} to be served", 60.0)


def _all_serve(world: World, number: int) -> bool:
    since = timezone.now() - timedelta(seconds=15)
    with platform_scope():
        alive = ServingProcess.objects.filter(seen_at__gt=since)
        return bool(alive) and all(each.releases.get(world.tenant.slug, 0) >= number for each in alive)


def _release(what: str, hurt: Callable[[Hurt], None], **promised: Any) -> Fault:
    return Fault(f"A release {what}", hurt, _publish_good, seconds=BAD_SECONDS, **promised)


MODELS = [
    _release("whose model file is missing", _damaged(_remove)),
    _release("whose model file is truncated", _damaged(_truncate)),
    _release("whose model file is altered", _damaged(_alter)),
    _release("whose model crashes", _of_model(crashing_onnx), is_short=True),
    _release("whose model never ends", _of_model(hanging_onnx)),
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
        seconds=BAD_SECONDS,
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
