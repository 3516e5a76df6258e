"""Predictors and reference distributions."""

from typing import Any

import pytest
from django.db import ProgrammingError, transaction

from models_app.catalog.models import ModelVersion, PredictorVersion, ReferenceDistribution
from tests.factories import make_model
from tests.models_app.conftest import Api, fields


@pytest.fixture
def models(db: None) -> tuple[ModelVersion, ModelVersion]:
    return make_model("old", beta=0.05), make_model("new", weights=[0.001, 0.02], beta=0.5)


def body(*members: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {"name": "cards", "members": list(members), **changes}


def test_create_predictor__usable_models__takes_beta_from_them(admin: Api, models: object) -> None:
    response = admin.post("predictors", body({"model": "old@1"}, {"model": "new@1", "beta": 0.4, "weight": 3}))
    assert response.status_code == 201, response.content
    predictor = response.json()
    assert (predictor["key"], predictor["aggregation"]) == ("cards@1", "mean")
    assert predictor["members"] == [
        {"model": "old@1", "beta": 0.05, "weight": 1.0},
        {"model": "new@1", "beta": 0.4, "weight": 3.0},
    ]
    assert admin.get("predictors/cards/1").json() == predictor
    assert admin.post("predictors", body({"model": "new@1"})).json()["key"] == "cards@2"


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        (body(), "members"),
        (body({"model": "old@9"}), "members[0].model"),
        (body({"model": "old"}), "members[0].model"),
        (body({"model": "old@1"}, {"model": "old@1"}), "members[1].model"),
        (body({"model": "old@1", "beta": 0}), "members[0].beta"),
        (body({"model": "old@1", "beta": 1.5}), "members[0].beta"),
        (body({"model": "old@1", "weight": 0}), "members[0].weight"),
        (body({"model": "old@1", "share": 1}), "members[0].share"),
        (body({"model": "old@1"}, aggregation="median"), "aggregation"),
        (body({"model": "old@1"}, name="No Slug"), "name"),
        (body({"model": "broken@1"}), "members[0].model"),
        (body({"model": "old@1"}, {"model": "other@1"}), "members[1].model"),
    ],
)
def test_create_predictor__bad_input__names_the_field(
    admin: Api, models: object, sent: dict[str, Any], field: str
) -> None:
    broken = make_model("broken")
    ModelVersion.objects.filter(pk=broken.pk).update(state="unusable", reason="features: 5 found")
    other = [{"name": "amount", "type": "category", "categories": ["a"]}]
    ModelVersion.objects.create(
        name="other", version=1, file_format="onnx", features=other, uploaded_digest="f" * 64, uploaded_bytes=1,
        state="usable", digest="f" * 64, parity={"inputs": [], "outputs": []},
    )  # fmt: skip
    assert fields(admin.post("predictors", sent)) == [field]
    assert not PredictorVersion.objects.exists()


def test_predictor__in_the_database__cannot_be_changed(admin: Api, models: object) -> None:
    admin.post("predictors", body({"model": "old@1"}))
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        PredictorVersion.objects.update(aggregation="max")


@pytest.mark.parametrize(
    ("kind", "parameters"),
    [("beta", {"a": 1.0, "b": 12.0}), ("curve", {"points": [{"score": 0.5, "alert_rate": 0.1}]})],
)
def test_create_reference__good_parameters__is_the_next_version(
    admin: Api, kind: str, parameters: dict[str, Any]
) -> None:
    sent = {"name": "standard", "kind": kind, "parameters": parameters}
    response = admin.post("references", sent)
    assert response.status_code == 201, response.content
    assert (response.json()["key"], response.json()["parameters"]) == ("standard@1", parameters)
    assert admin.post("references", sent).json()["key"] == "standard@2"
    assert admin.get("references/standard/1").json() == response.json()
    assert admin.get("references", name="standard").json()["count"] == 2


@pytest.mark.parametrize(
    ("kind", "parameters", "field"),
    [
        ("gamma", {}, "kind"),
        ("beta", {"a": 1}, "parameters.b"),
        ("beta", {"a": -1, "b": 1}, "parameters.a"),
        ("beta", {"a": 1, "b": 1, "c": 1}, "parameters.c"),
        ("beta", [], "parameters"),
        ("beta", {"a": 10**400, "b": 1}, "parameters.a"),
        ("beta", {"a": 1e4, "b": 0.5}, "parameters"),
        ("beta", {"a": 1e5, "b": 0.5}, "parameters.b"),
        ("curve", {"points": [{"score": 1 - 1e-15, "alert_rate": 0.5}]}, "parameters"),
        ("curve", {"points": []}, "parameters.points"),
        ("curve", {"points": [{"score": 2, "alert_rate": 0.1}]}, "parameters.points[0].score"),
    ],
)
def test_create_reference__bad_parameters__names_the_field(admin: Api, kind: str, parameters: Any, field: str) -> None:
    assert fields(admin.post("references", {"name": "standard", "kind": kind, "parameters": parameters})) == [field]
    assert not ReferenceDistribution.objects.exists()
