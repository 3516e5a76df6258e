"""A release that cannot be loaded: no request fails, it is taken back by itself, and says why."""

import time
from collections.abc import Callable

import pytest
from django.conf import settings
from django.utils import timezone

from models_app.catalog.models import ModelVersion
from models_app.changes import drafting, reviewing
from models_app.changes.models import ChangeRequest
from muse_site.driving.client import Console, wait
from muse_site.driving.running import Product
from scoring.models import CurrentRelease
from scoring.store import artifacts
from tenants.roles import Role
from tenants.scope import platform_scope
from tenants.services import create_personal_token
from tests.crashing import crashing_onnx, hanging_onnx
from tests.factories import World, add_evidence, make_model, make_person, make_predictor, make_transform, serve
from tests.live.clients import scoring_clients

pytestmark = pytest.mark.live

ROLLED_BACK_WITHIN = 60.0  # generous: how long it takes on a quiet machine is printed


def deleted() -> ModelVersion:
    model = make_model(weights=(0.001, 0.01))
    (settings.MEDIA_ROOT / "models" / f"{model.digest}.onnx").unlink()
    return model


def harmful(content: bytes) -> ModelVersion:
    """Registered as if it had run well where it was checked."""
    parity: artifacts.Parity = {"inputs": [[1.0]], "outputs": [0.5]}
    digest = artifacts.store(content, parity)
    return ModelVersion.objects.create(
        name="harmful",
        version=1,
        file_format="onnx",
        features=[{"name": "amount"}],
        uploaded_digest=digest,
        uploaded_bytes=len(content),
        state="usable",
        digest=digest,
        parity=parity,
        checked_at=timezone.now(),
    )


def approved(world: World, model: ModelVersion) -> ChangeRequest:
    """A change request for this model, published by its approval."""
    author, approver = (make_person(role=Role.APPROVER, tenant=world.tenant) for _ in range(2))
    transform = make_transform(world.intent, make_predictor(model))
    live = {"predictor": transform.predictor.key, "transform": transform.pk}
    with platform_scope():
        change = drafting.create_change(
            actor=author,
            tenant=world.tenant,
            title="A new model",
            reason="it is better",
            routes={world.intent.name: [{"name": "all", "live": live}]},
        )
        evidence = add_evidence(change)
        reviewing.submit(actor=author, change=change)
        seen = {"document_digest": change.digest, "evidence_digest": evidence.digest}
        return reviewing.approve(actor=approver, change=change, **seen)


def live_number(world: World) -> int:
    with platform_scope():
        return CurrentRelease.objects.get(tenant=world.tenant).release.number


@pytest.mark.parametrize(
    ("make", "why"),
    [
        pytest.param(deleted, "is not in the storage", id="deleted"),
        pytest.param(lambda: harmful(crashing_onnx()), "SIGSEGV", id="crashes"),
        pytest.param(lambda: harmful(hanging_onnx()), "it took more than", id="hangs"),
    ],
)
def test_release_that_cannot_be_loaded__under_traffic__is_taken_back_and_says_why(
    product: Product, make: Callable[[], ModelVersion], why: str
) -> None:
    world = serve()
    person = make_person(role=Role.VIEWER, tenant=world.tenant)
    token = create_personal_token(person=person, name="tests", actor=None)[1]
    with scoring_clients(product.scoring, world) as answers:
        with platform_scope():
            model = make()
        change = approved(world, model)
        since = time.monotonic()
        wait(lambda: live_number(world) == 3, "the rollback", ROLLED_BACK_WITHIN, pause=0.05)
        print(f"rolled back after {time.monotonic() - since:.1f} s")
        wait(lambda: 3 in answers.releases, "release 3 to be served", ROLLED_BACK_WITHIN)
    assert answers.failures == []
    assert set(answers.releases) == {1, 3}
    with Console(product.console, token) as console:
        answer = console.get(f"tenants/{world.tenant.slug}/changes/{change.number}")
        assert answer["state"] == "rolled back"
        assert why in answer["failure"]
        release = console.get(f"tenants/{world.tenant.slug}/releases/3")
        assert (release["published_by"], release["republishes"]) == (None, 1)
        assert why in release["reason"]
