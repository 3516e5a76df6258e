"""Uploaded samples, and cold starts from registered validation scores."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from pytest_django import Settings

from models_app.catalog.models import ModelVersion
from models_app.statistics.cold_start import validation_quantiles
from models_app.transforms.models import Sample, Transform
from models_app.transforms.samples import read_sample
from scoring.engine.mapping import QuantileMapping
from tenants.models import Tenant
from tenants.scope import platform_scope, tenant_scope
from tests.factories import make_intent, make_model, make_predictor, make_reference, make_tenant
from tests.models_app.conftest import Api, fields, stored


def csv(text: str) -> SimpleUploadedFile:
    return SimpleUploadedFile("scores.csv", text.encode())


def test_upload_sample__good_file__is_kept_by_digest_under_the_tenant(
    admin: Api, tenant: Tenant, settings: Settings
) -> None:
    response = admin.upload(f"tenants/{tenant.slug}/samples", file=csv("p,q\n0.1,x\n0.2,y\n"), column="p")
    assert response.status_code == 201, response.content
    sample = response.json()
    assert (sample["name"], sample["column"], sample["rows"], sample["size"]) == ("scores.csv", "p", 2, 16)
    assert stored(settings.MEDIA_ROOT) == [f"samples/{tenant.pk}/{sample['digest']}"]
    with platform_scope():
        assert read_sample(Sample.objects.get()).tolist() == [0.1, 0.2]
    assert admin.get(f"tenants/{tenant.slug}/samples").json()["results"] == [sample]


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"file": csv("p,q\n0.1,1\n"), "column": "z"}, "column"),
        ({"file": csv("p,q\n0.1,1\n")}, "column"),
        ({"file": csv("p,q\n0.1,1\nabc,1\n"), "column": "p"}, "file"),
        ({"file": csv("")}, "file"),
        ({"file": csv("p" * 201 + "\n0.1\n")}, "column"),
        ({"column": "p"}, "file"),
        ({"file": csv("p\n0.1\n"), "colum": "p"}, "colum"),
    ],
)
def test_upload_sample__bad_file__names_the_field_and_keeps_nothing(
    admin: Api, tenant: Tenant, settings: Settings, form: dict[str, Any], field: str
) -> None:
    assert fields(admin.upload(f"tenants/{tenant.slug}/samples", **form)) == [field]
    assert stored(settings.MEDIA_ROOT) == []
    with platform_scope():
        assert not Sample.objects.exists()


def test_upload_sample__viewer__is_403(api: Callable[..., Api], tenant: Tenant) -> None:
    response = api("viewer", tenant).upload(f"tenants/{tenant.slug}/samples", file=csv("p\n0.1\n"))
    assert response.status_code == 403


def cold_start(admin: Api, tenant: Tenant, quantiles: list[list[float]] | None, a: float = 2, b: float = 8) -> Any:
    intent = make_intent(tenant, thresholds=[{"name": "review", "score": 0.5}, {"name": "decline", "score": 0.9}])
    model = make_model("old", beta=0.05)
    new_model = ModelVersion.objects.create(
        **{field.attname: getattr(model, field.attname) for field in ModelVersion._meta.fields if field.name != "id"}
        | {"name": "scored", "validation_quantiles": quantiles}
    )
    predictor, reference = make_predictor(new_model), make_reference(a, b)
    sent = {"intent": intent.name, "predictor": predictor.key, "reference": reference.key}
    return admin.post(f"tenants/{tenant.slug}/transforms", sent)


def test_create_default_transform__registered_quantiles__has_thresholds_as_knots(admin: Api, tenant: Tenant) -> None:
    values = np.random.default_rng(1).beta(1, 9, 20_000)
    response = cold_start(admin, tenant, validation_quantiles(values))
    assert response.status_code == 201, response.content
    transform = response.json()
    assert (transform["kind"], transform["fit"], transform["verdict"]) == ("default", None, None)
    assert {0.5, 0.9} <= set(transform["y"])
    assert [each["names"] for each in transform["report"]["thresholds"]] == [["review"], ["decline"]]
    corrected = 0.05 * values / (1 - 0.95 * values)
    scores = QuantileMapping(tuple(transform["x"]), tuple(transform["y"])).many(corrected)
    target = transform["report"]["thresholds"][0]["target"]
    assert (scores >= 0.5).mean() == pytest.approx(target, rel=0.05)
    assert admin.get(f"tenants/{tenant.slug}/transforms/{transform['id']}").json() == transform
    (listed,) = admin.get(f"tenants/{tenant.slug}/transforms", intent="card-payments").json()["results"]
    assert "x" not in listed
    assert admin.get(f"tenants/{tenant.slug}/transforms", intent="other").json()["count"] == 0


def test_create_default_transform__no_quantiles__says_so(admin: Api, tenant: Tenant) -> None:
    response = cold_start(admin, tenant, None)
    assert fields(response) == ["predictor"]
    assert "without validation scores" in response.json()["errors"][0]["expected"]


@pytest.mark.parametrize(("a", "b", "score"), [(2, 400, 0.5), (400, 0.6, 0.5), (2, 20, 0.9)])
def test_create_default_transform__threshold_beyond_the_reference__names_it(
    admin: Api, tenant: Tenant, a: float, b: float, score: float
) -> None:
    response = cold_start(admin, tenant, validation_quantiles(np.random.default_rng(1).beta(1, 9, 2_000)), a, b)
    assert fields(response) == ["reference"]
    expected = response.json()["errors"][0]["expected"]
    assert expected.startswith(f"threshold {score} is beyond what beta({a}, {b}) resolves")
    with tenant_scope(tenant.pk):
        assert not Transform.objects.exists()


def test_create_default_transform__several_models__tells_a_range_and_nothing_reached(
    admin: Api, tenant: Tenant
) -> None:
    rng = np.random.default_rng(1)
    models = [make_model(quantiles=validation_quantiles(rng.beta(1, 9, 20_000))) for _ in range(2)]
    intent = make_intent(tenant, thresholds=[{"name": "decline", "score": 0.5}])
    sent = {
        "intent": intent.name,
        "predictor": make_predictor(*models, aggregation="max").key,
        "reference": make_reference().key,
    }
    body = admin.post(f"tenants/{tenant.slug}/transforms", sent).json()
    (threshold,) = body["report"]["thresholds"]
    assert (threshold["reachable"], threshold["achieved"]) == (None, None)
    assert threshold["low"] == pytest.approx(threshold["target"], rel=0.05)
    assert threshold["high"] == pytest.approx(2 * threshold["target"], rel=0.05)
    assert "2 models were not seen on the same events" in body["report"]["stands_on"]


def test_create_default_transform__one_model__holds_for_events_like_its_validation_events(
    admin: Api, tenant: Tenant
) -> None:
    transform = cold_start(admin, tenant, validation_quantiles(np.random.default_rng(1).beta(1, 9, 2_000))).json()
    assert transform["report"]["stands_on"] == "It holds for events like those that its model was validated on."


@pytest.mark.parametrize("field", ["intent", "predictor", "reference"])
def test_create_default_transform__unknown_part__names_it(admin: Api, tenant: Tenant, field: str) -> None:
    make_intent(make_tenant(), "elsewhere")
    sent = {
        "intent": make_intent(tenant).name,
        "predictor": make_predictor(make_model()).key,
        "reference": make_reference().key,
    }
    sent[field] = {"intent": "elsewhere", "predictor": "cards@99", "reference": "none"}[field]
    assert fields(admin.post(f"tenants/{tenant.slug}/transforms", sent)) == [field]
