"""Faults of what is served: releases whose model files are missing or damaged, or whose models crash, hang or fail."""

from collections.abc import Callable
from pathlib import Path

import msgspec
from django.conf import settings

from scoring.engine import document
from scoring.services import publish_document
from scoring.store import artifacts
from tenants.scope import platform_scope
from tests.crashing import crashing_onnx, hanging_onnx
from tests.documents import CHANNEL, FEATURES
from tests.factories import World, make_document, make_model, make_predictor, make_transform, text_of
from tests.failing import OLD, failing_documents, store
from tests.faults.fault import Fault
from tests.faults.hurting import Hurt

BAD_SECONDS = 10.0
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
        predictor = make_predictor(make_model())
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


def _release(what: str, hurt: Callable[[Hurt], None], *, is_short: bool = False) -> Fault:
    return Fault(f"A release {what}", hurt, _publish_good, seconds=BAD_SECONDS, is_short=is_short)


MODELS = [
    _release("whose model file is missing", _damaged(_remove)),
    _release("whose model file is truncated", _damaged(_truncate)),
    _release("whose model file is altered", _damaged(_alter)),
    _release("whose model crashes", _of_model(crashing_onnx), is_short=True),
    _release("whose model never ends", _of_model(hanging_onnx)),
    _release("whose predictor fails for every event, with a fallback", _failing_predictor, is_short=True),
    Fault(
        "The model file that is served truncated for ten seconds",
        _damage_what_is_served,
        _mend_what_is_served,
        seconds=BAD_SECONDS,
    ),
]
