"""The page of a transform that was made without events of its tenant: what is assumed is not said to be reached."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from django.test import Client

from models_app.statistics.cold_start import validation_quantiles
from models_app.transforms.cold_start import create_default_transform
from models_app.transforms.models import Transform
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tests.factories import make_intent, make_model, make_predictor, make_reference, make_tenant

Visit = Callable[..., Client]


@pytest.fixture
def tenant(db: None) -> Tenant:
    return make_tenant("acme")


def started(tenant: Tenant, models: int) -> Transform:
    rng = np.random.default_rng(1)
    new_models = [make_model(quantiles=validation_quantiles(rng.beta(1, 9, 20_000))) for _ in range(models)]
    intent = make_intent(tenant, thresholds=[{"name": "decline", "score": 0.5}])
    with tenant_scope(tenant.pk):
        return create_default_transform(
            actor=None,
            tenant=tenant,
            intent=intent,
            predictor=make_predictor(*new_models, aggregation="max"),
            reference=make_reference(),
        )


def text(visit: Visit, tenant: Tenant, transform: Transform) -> str:
    page = visit("viewer", tenant).get(f"/tenants/acme/transforms/{transform.pk}").content.decode()
    return " ".join(page.split())


def with_report(transform: Transform, report: dict[str, Any]) -> Transform:
    """The same with another report: none is ever changed."""
    transform.pk, transform.report = None, report
    with tenant_scope(transform.tenant_id):
        transform.save(force_insert=True)
    return transform


def test_transform__cold_start_of_several_models__shows_a_range_as_assumed(tenant: Tenant, visit: Visit) -> None:
    transform = started(tenant, 2)
    (threshold,) = transform.report["thresholds"]
    page = text(visit, tenant, transform)
    low, high = (f"{100 * threshold[side]:.3g} %" for side in ("low", "high"))
    assert f"{low} to {high}" in page
    assert "2 models were not seen on the same events" in page
    assert "assumed" in page
    assert ">reached<" not in page


def test_transform__cold_start_of_one_model__holds_for_events_like_its_validation_events(
    tenant: Tenant, visit: Visit
) -> None:
    page = text(visit, tenant, started(tenant, 1))
    assert "It holds for events like those that its model was validated on." in page
    assert "reached" in page


def test_transform__cold_start_of_a_pool__shows_how_far_its_tenants_differ(tenant: Tenant, visit: Visit) -> None:
    transform = started(tenant, 1)
    threshold = transform.report["thresholds"][0] | {"low": 0.003, "high": 0.024}
    source = {"kind": "pooled", "tenants": 9, "events": 180_000, "days": 28}
    report = transform.report | {"source": source, "thresholds": [threshold], "stands_on": "They differ."}
    page = text(visit, tenant, with_report(transform, report))
    assert "0.3 % to 2.4 %" in page
    assert "180,000 events of 9 other tenants with the same predictor and features. They differ." in page


def test_transform__cold_start_of_former_times__is_not_called_reached(tenant: Tenant, visit: Visit) -> None:
    transform = started(tenant, 1)
    before = {name: value for name, value in transform.report.items() if name != "stands_on"}
    page = text(visit, tenant, with_report(transform, before))
    assert "assumed" in page
    assert ">reached<" not in page
