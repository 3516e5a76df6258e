"""Cold starts from what a predictor gave for other tenants' events."""

import time
from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pytest

from models_app.transforms import pooling
from models_app.transforms.cold_start import create_default_transform
from models_app.transforms.models import Transform
from scoring.engine import document
from scoring.engine.mapping import QuantileMapping
from scoring.lake.routed import Routed
from scoring.services import publish_document
from tenants.models import Tenant
from tenants.scope import platform_scope, tenant_scope
from tests.documents import CHANNEL, FEATURES
from tests.factories import (
    World,
    intent_part,
    make_document,
    make_intent,
    make_reference,
    make_tenant,
    make_transform,
    serve,
    text_of,
)
from tests.models_app.conftest import Api
from tests.recorded import record_events

pytestmark = pytest.mark.django_db


@pytest.fixture
def other() -> World:
    return serve("other", quantiles=[[0.1, 0.01], [0.5, 0.2], [0.9, 0.4]])


def start(world: World, tenant: Tenant, name: str = "cards", **intent: object) -> Transform:
    intent_of_tenant = make_intent(tenant, name, thresholds=[{"name": "review", "score": 0.7}], **intent)
    with tenant_scope(tenant.pk):
        return create_default_transform(
            actor=None,
            tenant=tenant,
            intent=intent_of_tenant,
            predictor=world.predictor,
            reference=make_reference(2.0, 2.0),
        )


def recorded(world: World, folder: Path, count: int = 2000, **changes: object) -> np.ndarray:
    an_hour_ago = int((time.time() - 3600) * 1e6)
    return record_events(world, folder / world.tenant.slug, count, occurred_at=an_hour_ago, **changes)


def beside(world: World) -> World:
    """Another tenant that is served with the same predictor."""
    tenant = make_tenant()
    intent = make_intent(tenant)
    transform = make_transform(intent, world.predictor)
    content = make_document(intent, transform)
    with platform_scope():
        release = publish_document(tenant=tenant, document=text_of(content), actor=None, reason="for tests")
    return replace(world, tenant=tenant, intent=intent, transform=transform, document=content, release=release)


def test_default_transform__others_events_of_equal_features__is_fitted_on_them(other: World, tmp_path: Path) -> None:
    values = recorded(other, tmp_path)
    transform = start(other, make_tenant())
    assert transform.report["source"] == {"kind": "pooled", "tenants": 1, "events": 2000, "days": 28}
    scores = QuantileMapping(transform.x, transform.y).many(values)
    assert np.mean(scores >= 0.7) == pytest.approx(0.216, abs=1 / 2000)  # Beta(2, 2) above 0.7
    assert transform.kind == "default"


def test_default_transform__others_events_of_other_features__is_of_validation_scores(
    other: World, tmp_path: Path
) -> None:
    recorded(other, tmp_path)
    transform = start(other, make_tenant(), features=FEATURES[:2])
    assert transform.report["source"] == {"kind": "validation"}


def test_default_transform__only_its_own_events__is_of_validation_scores(other: World, tmp_path: Path) -> None:
    recorded(other, tmp_path)
    assert start(other, other.tenant).report["source"] == {"kind": "validation"}


def test_default_transform__too_few_events_of_others__is_of_validation_scores(other: World) -> None:
    assert start(other, make_tenant()).report["source"] == {"kind": "validation"}


def test_default_transform__first_tenant_with_most_events__is_not_the_pool(
    other: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pooling, "MOST_OF_A_TENANT", 400)
    recorded(other, tmp_path, 3000, probability=0.9)
    for number in range(3):
        recorded(beside(other), tmp_path, 400, machine=f"m{number}")
    transform = start(other, make_tenant())
    source = transform.report["source"]
    assert source["tenants"] == 4
    assert 1500 < source["events"] < 1700  # of the first, about 400 drawn by their ids
    assert transform.report["atoms"][0]["mass"] < 0.3


def test_default_transform__more_tenants_than_are_read__says_how_many(
    other: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pooling, "MOST_TENANTS", 2)
    recorded(other, tmp_path, 400)
    for number in range(3):
        recorded(beside(other), tmp_path, 400, machine=f"m{number}")
    transform = start(other, make_tenant())
    assert transform.report["source"]["tenants"] == 2
    assert "Of 2 more such tenants nothing was read." in transform.report["stands_on"]


def test_default_transform__tenants_without_events__take_nobodys_place(
    other: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pooling, "MOST_TENANTS", 1)
    for _ in range(3):
        beside(other)
    recorded(other, tmp_path)
    assert start(other, make_tenant()).report["source"]["tenants"] == 1


def test_pooled__asked_twice__draws_the_same_events(
    other: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pooling, "MOST_OF_A_TENANT", 300)
    recorded(other, tmp_path)
    intent = make_intent(make_tenant())
    first, second = (pooling.pooled(intent, other.predictor).probabilities for _ in range(2))
    assert sorted(first) == sorted(second)
    assert 200 < len(first) < 400


def test_default_transform__tenants_that_differ__tells_how_far_through_rest(
    other: World, tmp_path: Path, admin: Api
) -> None:
    for number, probability in enumerate((0.02, 0.2, 0.6)):
        recorded(beside(other), tmp_path, 400, machine=f"m{number}", probability=probability)
    tenant = make_tenant()
    intent = make_intent(tenant, thresholds=[{"name": "review", "score": 0.7}])
    sent = {"intent": intent.name, "predictor": other.predictor.key, "reference": make_reference(2.0, 2.0).key}
    body = admin.post(f"tenants/{tenant.slug}/transforms", sent).json()
    (threshold,) = body["report"]["thresholds"]
    assert (threshold["low"], threshold["high"]) == (0.0, 1.0)
    assert body["report"]["spread"][0]["rates"] == [0.0, 0.0, 1.0]
    assert body["report"]["stands_on"].startswith("The 3 tenants are the sample, however many events they have")
    assert "would have had 0 % to 100 % of alerts instead of 21.6 %" in body["report"]["stands_on"]


def test_default_transform__predictor_on_some_routes_of_others__is_not_of_their_events(
    other: World, tmp_path: Path
) -> None:
    web = document.Condition(CHANNEL.name, any_of=("web",))
    second = serve("second")
    live = document.Target(second.predictor.key, second.transform.pk)
    (route,) = other.document.intents["card-payments"].routes
    routes = (document.Route("web", route.live, (web,)), document.Route("rest", live))
    both = {
        part: getattr(other.document, part) | getattr(second.document, part)
        for part in ("predictors", "transforms", "models")
    }
    content = msgspec.structs.replace(
        other.document, intents={"card-payments": intent_part(other.intent, *routes)}, **both
    )
    recorded(other, tmp_path)
    with platform_scope():
        publish_document(tenant=other.tenant, document=text_of(content), actor=None, reason="for tests")
    assert start(other, make_tenant()).report["source"] == {"kind": "validation"}
    intent = make_intent(make_tenant())
    part = intent_part(intent, *routes)
    for names, events in (({"rest"}, 2000), ({"web"}, 0)):  # of what was recorded nothing is of the web
        pool = pooling.pooled(intent, other.predictor, Routed(part, frozenset(names)))
        assert len(pool.probabilities) == events
