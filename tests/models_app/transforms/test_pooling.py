"""Cold starts from what a predictor gave for other tenants' events."""

import time
from pathlib import Path

import numpy as np
import pytest

from models_app.transforms.cold_start import create_default_transform
from models_app.transforms.models import Transform
from scoring.engine.mapping import QuantileMapping
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tests.documents import FEATURES
from tests.factories import World, make_intent, make_reference, make_tenant, serve
from tests.recorded import record_events

pytestmark = pytest.mark.django_db


@pytest.fixture
def other() -> World:
    return serve("other", quantiles=[[0.1, 0.01], [0.5, 0.2], [0.9, 0.4]])


def start(world: World, tenant: Tenant, name: str = "cards", **intent: object) -> Transform:
    made = make_intent(tenant, name, thresholds=[{"name": "review", "score": 0.7}], **intent)
    with tenant_scope(tenant.pk):
        return create_default_transform(
            actor=None, tenant=tenant, intent=made, predictor=world.predictor, reference=make_reference(2.0, 2.0)
        )


def recorded(world: World, folder: Path) -> np.ndarray:
    an_hour_ago = int((time.time() - 3600) * 1e6)
    return record_events(world, folder / "segments", 2000, occurred_at=an_hour_ago)


def test_default_transform__others_events_of_equal_features__is_fitted_on_them(other: World, tmp_path: Path) -> None:
    values = recorded(other, tmp_path)
    made = start(other, make_tenant())
    assert made.report["source"] == {"kind": "pooled", "tenants": 1, "events": 2000, "days": 28}
    scores = QuantileMapping(made.x, made.y).many(values)
    assert np.mean(scores >= 0.7) == pytest.approx(0.216, abs=1 / 2000)  # Beta(2, 2) above 0.7
    assert made.kind == "default"


def test_default_transform__others_events_of_other_features__is_of_validation_scores(
    other: World, tmp_path: Path
) -> None:
    recorded(other, tmp_path)
    made = start(other, make_tenant(), features=FEATURES[:2])
    assert made.report["source"] == {"kind": "validation"}


def test_default_transform__only_its_own_events__is_of_validation_scores(other: World, tmp_path: Path) -> None:
    recorded(other, tmp_path)
    assert start(other, other.tenant).report["source"] == {"kind": "validation"}


def test_default_transform__too_few_events_of_others__is_of_validation_scores(other: World) -> None:
    assert start(other, make_tenant()).report["source"] == {"kind": "validation"}
