"""Publishing and rolling back while clients score without pause."""

from collections import defaultdict
from collections.abc import Iterable

import pytest

from models_app.changes.rollback import roll_back
from muse_site.driving.client import wait
from muse_site.driving.running import Product
from scoring.engine import document as documents
from scoring.engine.compiled import CompiledRelease
from scoring.models import Release
from scoring.services import publish_document
from scoring.store.artifacts import ModelSessions
from tenants.scope import platform_scope
from tests.factories import World, make_document, make_model, make_predictor, make_transform, serve, text_of
from tests.live.clients import Answers, Json, scoring_clients

pytestmark = pytest.mark.live

SHAPES = ((0.0, 0.4, 0.7, 0.9, 1.0), (0.0, 0.6, 0.85, 0.99, 1.0))


def test_publishing__while_8_clients_score__fails_no_request_and_every_answer_is_what_its_release_says(
    product: Product,
) -> None:
    world = serve()
    with scoring_clients(product.scoring, world, count=8) as answers:
        comes(answers, world)
        for shape in SHAPES:
            world.publish(y=shape)
            comes(answers, world)
        publish_another_model(world)
        comes(answers, world)
        for number in (3, 1):
            back_to(world, number)
            comes(answers, world)
    assert answers.failures == []
    assert set(answers.releases) == {1, 2, 3, 4, 5, 6}
    assert different_from_their_release(world, answers) == []


def comes(answers: Answers, world: World) -> None:
    """Wait until the latest release has answered many times."""
    number = latest(world).number
    wait(lambda: answers.releases[number] > 200, f"release {number} to be served", 30.0, pause=0.05)


def latest(world: World) -> Release:
    with platform_scope():
        return Release.objects.filter(tenant=world.tenant).latest("number")


def publish_another_model(world: World) -> None:
    transform = make_transform(world.intent, make_predictor(make_model(weights=(0.003, 0.02), beta=0.5)))
    with platform_scope():
        content = make_document(world.intent, transform)
        publish_document(tenant=world.tenant, document=text_of(content), actor=None, reason="for tests")


def back_to(world: World, number: int) -> None:
    with platform_scope():
        earlier = Release.objects.get(tenant=world.tenant, number=number)
        roll_back(actor=None, tenant=world.tenant, release=earlier, reason="for tests")


def different_from_their_release(world: World, answers: Answers) -> list[tuple[Json, Json]]:
    """Answers that are not, bit for bit, what the document of the release that they name gives for their event."""
    by_release: dict[int, list[tuple[Json, Json]]] = defaultdict(list)
    for event, answer in answers.given:
        by_release[answer["release"]].append((event, answer))
    return [each for number, given in by_release.items() for each in _different(world, number, given)]


def _different(world: World, number: int, given: Iterable[tuple[Json, Json]]) -> Iterable[tuple[Json, Json]]:
    with platform_scope():
        text = Release.objects.get(tenant=world.tenant, number=number).document
    release = CompiledRelease(documents.decode(text), number, ModelSessions().load)
    for event, answer in given:
        again = release.score(world.intent.name, event["features"], {})
        if any(getattr(again, name) != answer[name] for name in ("score", "probability", "predictor", "transform")):
            yield event, answer
