"""Running a model file on its validation events, and comparing what it gives with what came with them."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from pytest_django import Settings
from skl2onnx import to_onnx
from sklearn.linear_model import LogisticRegression

from models_app.catalog import check, validation_file
from models_app.catalog.models import ModelCheck, ModelVersion
from models_app.catalog.validation import compare
from models_app.catalog.validation_file import Columns, Events, columns_of, count_events, read_events
from models_app.transforms.cold_start import create_default_transform
from models_app.work import heartbeat
from scoring.engine.document import Feature
from tenants.scope import platform_scope
from tests.factories import make_intent, make_predictor, make_reference, make_tenant
from tests.models_app.conftest import Api, fields, run_check, stored

FEATURES = [{"name": "amount"}, {"name": "hour"}]
X = np.random.default_rng(5).normal(size=(800, 2)).astype(np.float32)
RISK = np.random.default_rng(6).random(800) < 1 / (1 + np.exp(2 - 2 * X[:, 0]))


@cache
def classifier() -> tuple[bytes, np.ndarray]:
    """A file of fraud and legit, and scikit-learn's own probabilities of fraud on X."""
    fitted = LogisticRegression().fit(X, np.where(RISK, "fraud", "legit"))
    content = to_onnx(fitted, X[:1], options={"zipmap": False}).SerializeToString()
    return content, fitted.predict_proba(X)[:, 0]


def events(**columns: Any) -> SimpleUploadedFile:
    """X as a CSV file, with further columns."""
    table: dict[str, Any] = {"hour": X[:, 1], "amount": X[:, 0], **columns}
    rows = zip(*(map(str, values) for values in table.values()), strict=True)
    return SimpleUploadedFile("events.csv", "\n".join([",".join(table), *map(",".join, rows)]).encode())


def parquet(**columns: Any) -> SimpleUploadedFile:
    file = pa.BufferOutputStream()
    pa.parquet.write_table(pa.table(columns), file)
    return SimpleUploadedFile("events.parquet", file.getvalue().to_pybytes())


def scores_file(values: np.ndarray) -> SimpleUploadedFile:
    return SimpleUploadedFile("scores.csv", ("y\n" + "\n".join(map(str, values))).encode())


def form(**changes: Any) -> dict[str, Any]:
    sent = {"name": "cards", "format": "onnx", "features": json.dumps(FEATURES), "risk_label": "fraud"}
    return {**sent, "file": SimpleUploadedFile("cards.onnx", classifier()[0]), **changes}


def checked(admin: Api, **changes: Any) -> dict[str, Any]:
    """The newest version of the model, registered over REST and checked as a worker does it."""
    answer = admin.upload("models", **form(**changes))
    assert answer.status_code == 201, answer.content
    run_check(ModelVersion.objects.get(version=answer.json()["version"]))
    found: dict[str, Any] = admin.get(f"models/cards/{answer.json()['version']}").json()
    return found


def test_model__right_risk_label__ranks_and_is_usable(admin: Api) -> None:
    model = checked(admin, validation_events=events(label=RISK, score=classifier()[1]))
    assert (model["state"], model["reason"]) == ("usable", "")
    assert model["validation_events"] | {"digest": ""} == {
        "digest": "", "events": 800, "label_column": "label", "score_column": "score",
    }  # fmt: skip
    found = model["validation"]
    assert found["events"] == 800
    assert found["scores"]["differing"] == 0
    assert found["scores"]["largest_difference"] < 1e-6
    ranking = found["ranking"]
    assert (ranking["positive"], ranking["negative"]) == (RISK.sum(), (~RISK).sum())
    assert 0.7 < ranking["low"] < ranking["auc"] < ranking["high"] < 0.95
    findings = {each["name"]: each["found"] for each in model["checks"]}
    assert "On 800 events equal within 1e-05" in findings["scores"]
    assert findings["ranking"].startswith(f"AUC {ranking['auc']:.3f} (95 % interval")


def test_model__wrong_risk_label__ranks_upside_down_and_is_not_usable(admin: Api, settings: Settings) -> None:
    model = checked(admin, risk_label="legit", validation_events=events(label=RISK.astype(int)))
    assert model["state"] == "unusable"
    auc, high = model["validation"]["ranking"]["auc"], model["validation"]["ranking"]["high"]
    assert high < 0.5
    assert f"it ranks upside down: AUC {auc:.3f} (95 % interval" in model["reason"]
    assert "register it with the other one of the file's labels as its risk, which is now legit" in model["reason"]
    assert model["checks"][-1] == {"name": "ranking", "found": model["reason"]}
    assert not model["has_validation_scores"]
    assert not [name for name in stored(settings.MEDIA_ROOT) if name.startswith("models/")]
    assert checked(admin, validation_events=events(label=RISK.astype(int)))["state"] == "usable"


def test_model__scores_of_the_other_class__says_so(admin: Api) -> None:
    model = checked(admin, risk_label="legit", validation_events=events(score=classifier()[1]))
    assert model["state"] == "unusable"
    assert "one minus what the file gives, so it is of the other class" in model["reason"]


def test_model__scores_of_another_model__is_not_usable_and_names_the_first_rows(admin: Api) -> None:
    others, own = 1 / (1 + np.exp(1 - X[:, 0])), classifier()[1]
    model = checked(admin, validation_events=events(score=others))
    assert model["state"] == "unusable"
    assert model["checks"][-1]["name"] == "scores"
    assert "the file gives other probabilities than the column 'score': " in model["reason"]
    assert f"(row 1: {own[0]:.6g} and {others[0]:.6g}; row 2: " in model["reason"]
    assert model["validation"]["scores"]["largest_difference"] == pytest.approx(np.abs(others - own).max(), abs=1e-6)


def test_model__validation_scores_of_another_model__is_not_usable(admin: Api) -> None:
    others = 1 / (1 + np.exp(1 - X[:, 0]))
    model = checked(admin, validation_events=events(), validation_scores=scores_file(others))
    assert model["state"] == "unusable"
    assert "the validation scores are not distributed as what the file gives" in model["reason"]
    assert model["validation"]["validation_scores"]["distance"] > model["validation"]["validation_scores"]["by_chance"]


def test_model__validation_scores_of_its_own__agree_and_stay_what_a_cold_start_goes_by(admin: Api) -> None:
    own = classifier()[1]
    model = checked(admin, validation_events=events(), validation_scores=scores_file(own))
    assert model["state"] == "usable", model["reason"]
    assert model["validation"]["validation_scores"]["distance"] == 0
    assert model["validation_quantiles"][-1] == pytest.approx([1 - 1 / 800, np.sort(own)[-2:].mean()])


def test_model__events_alone__are_what_a_cold_start_is_made_of(admin: Api) -> None:
    model = checked(admin, validation_events=events())
    assert (model["state"], model["has_validation_scores"]) == ("usable", True)
    assert model["validation"] == {"events": 800}
    assert model["validation_quantiles"][-1][1] == pytest.approx(np.sort(classifier()[1])[-2:].mean(), abs=1e-6)
    with platform_scope():
        tenant = make_tenant()
        transform = create_default_transform(
            actor=None,
            tenant=tenant,
            intent=make_intent(tenant),
            predictor=make_predictor(ModelVersion.objects.get()),
            reference=make_reference(),
        )
    assert transform.report["source"] == {"kind": "validation"}


@pytest.mark.parametrize(
    ("labels", "message", "judged"),
    [
        (np.where(np.arange(800) < 9, 1.0, np.where(np.arange(800) < 400, 0.0, np.nan)), "9 events labelled 1", False),
        (np.zeros(800), "0 events labelled 1 and 800 labelled 0: it takes 10 of each", False),
        ((np.random.default_rng(8).random(800) < 0.3) * 1.0, "cannot be told from guessing", True),
    ],
)
def test_compare__labels_that_tell_nothing__is_a_remark(labels: np.ndarray, message: str, judged: bool) -> None:
    found = compare(ModelVersion(), Columns("label", None), Events(X, labels, None), classifier()[1])
    assert found.fault is None
    assert message in found.passed[-1].found
    assert found.passed[-1].remark
    assert (found.stored()["ranking"]["auc"] is not None) == judged


def test_model__columns_called_otherwise__are_named(admin: Api) -> None:
    sent = events(is_fraud=np.where(RISK, "True", "False"), p=classifier()[1], note=["x"] * 800)
    model = checked(admin, validation_events=sent, label_column="is_fraud", score_column="p")
    assert model["state"] == "usable"
    assert model["validation_events"]["score_column"] == "p"
    assert set(model["validation"]) == {"events", "scores", "ranking"}


KINDS = (
    Feature("label"),
    Feature("b", "boolean"),
    Feature("c", "category", categories=("1", "NA")),
    Feature("d", "integer", nullable=True),
    Feature("e", required=False),
)


def test_read_events__parquet__is_read_by_the_features_types(tmp_path: Path) -> None:
    """As pandas writes them: whole numbers with nulls as floats, booleans as numbers, categories in a dictionary."""
    table = {
        "e": [0.5, np.nan], "d": [1.0, None], "c": pa.array(["NA", "1"]).dictionary_encode(), "b": [1.0, 0.0],
        "label": pa.array([0.5, 1.5], pa.float32()), "score": pa.array([0.25, 0.5], pa.float32()),
        "y": pa.array([True, None]),
    }  # fmt: skip
    found = read_file(tmp_path, parquet(**table), "y")
    assert np.array_equal(found.rows, [[0.5, 1, 1, 1, 0.5], [1.5, 0, 0, np.nan, np.nan]], equal_nan=True)
    assert np.array_equal(found.scores, [0.25, 0.5])
    assert np.array_equal(found.labels, [1, np.nan], equal_nan=True)


def test_read_events__csv__is_read_by_the_features_types(tmp_path: Path) -> None:
    text = "c,b,d,e,label,score\n1,TRUE,7,,0.5,0.25\nNA,0, NaN,null, 2e3,1\n"
    found = read_file(tmp_path, SimpleUploadedFile("e", text.encode()), "")
    assert np.array_equal(found.rows, [[0.5, 1, 0, 7, np.nan], [2000, 0, 1, np.nan, np.nan]], equal_nan=True)
    assert found.labels is None  # the feature of this name is none
    assert np.array_equal(found.scores, [0.25, 1])


def read_file(folder: Path, upload: SimpleUploadedFile, label: str) -> Events:
    path = folder / "events"
    path.write_bytes(upload.read())
    columns = columns_of(path, KINDS, label, "")
    assert count_events(path, KINDS, columns) == 2
    return read_events(path, KINDS, columns)


@pytest.mark.parametrize(
    ("changes", "field", "message"),
    [
        ({"validation_events": SimpleUploadedFile("e.csv", b"")}, "validation_events", "empty"),
        ({"validation_events": SimpleUploadedFile("e.csv", b"\x1f\x8b123")}, "validation_events", "gzip"),
        ({"validation_events": SimpleUploadedFile("e.csv", b"amount\n1\n2\n")}, "validation_events", "twice: hour"),
        ({"validation_events": SimpleUploadedFile("e.csv", b"amount,hour\n1,2\n")}, "validation_events", "at least 2"),
        ({"validation_events": SimpleUploadedFile("e.csv", b"amount,hour\n1,2\n3,x\n")}, "validation_events", "row 2"),
        ({"validation_events": SimpleUploadedFile("e.csv", b"amount,hour\n1,2\n,3\n")}, "validation_events", "null"),
        ({"validation_events": events(label=["2"] * 800)}, "validation_events", "found '2'"),
        ({"validation_events": events(score=["1.5"] * 800)}, "validation_events", "a probability in [0, 1]"),
        ({"validation_events": events(score=[""] * 800)}, "validation_events", "found nothing"),
        ({"validation_events": parquet(amount=[[1.0]] * 2, hour=[1.0] * 2)}, "validation_events", "holds list"),
        ({"validation_events": events(), "label_column": "fraud"}, "label_column", "it has hour, amount"),
        ({"validation_events": events(), "score_column": "hour"}, "score_column", "no feature"),
        ({"validation_events": events(label=RISK), "score_column": "label"}, "score_column", "again"),
        ({"label_column": "fraud"}, "label_column", "without events"),
        ({"score_column": "p"}, "score_column", "without events"),
    ],
)
def test_register_model__bad_validation_events__names_the_field_and_keeps_nothing(
    admin: Api, settings: Settings, changes: dict[str, Any], field: str, message: str
) -> None:
    refused = admin.upload("models", **form(**changes))
    assert fields(refused) == [field]
    assert message in str(refused.json()["errors"])
    assert not ModelVersion.objects.exists()
    assert stored(settings.MEDIA_ROOT) == []


def test_register_model__too_many_events__asks_for_a_sample(admin: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(validation_file, "MOST_ROWS", 700)
    refused = admin.upload("models", **form(validation_events=events()))
    assert fields(refused) == ["validation_events"]
    assert "more than the 700 events" in str(refused.json()["errors"])


def test_register_model__for_those_who_may_not__is_403(api: Any, settings: Settings) -> None:
    assert api("viewer").upload("models", **form(validation_events=events())).status_code == 403
    assert api("admin", make_tenant()).upload("models", **form(validation_events=events())).status_code in (403, 404)
    assert stored(settings.MEDIA_ROOT) == []


def test_register_model__same_file_with_events_that_it_came_without__is_a_new_version(admin: Api) -> None:
    assert checked(admin)["state"] == "usable"
    assert admin.upload("models", **form()).status_code == 409
    assert checked(admin, validation_events=events())["key"] == "cards@2"
    assert admin.upload("models", **form(validation_events=events())).status_code == 409
    assert checked(admin, validation_events=events(label=RISK))["key"] == "cards@3"


def test_check_model__worker_died__the_next_one_has_the_events_and_then_they_are_gone(
    admin: Api, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert admin.upload("models", **form(validation_events=events(label=RISK))).status_code == 201
    model = ModelVersion.objects.get()

    def die(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(check, "compare", die)
    with pytest.raises(KeyboardInterrupt):
        run_check(model)
    monkeypatch.undo()
    assert [name for name in stored(settings.MEDIA_ROOT) if name.startswith(f"validation/{model.pk}/")]
    ModelCheck.objects.update(alive_at=heartbeat.ago(heartbeat.DEAD_AFTER_SECONDS + 1))
    run_check(model)
    model.refresh_from_db()
    assert model.state == "usable"
    assert not (Path(settings.MEDIA_ROOT) / f"validation/{model.pk}").exists()


def test_check_model__overtaken_by_another_worker__leaves_the_events_to_it(
    admin: Api, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    admin.upload("models", **form(validation_events=events()))
    model = ModelVersion.objects.get()
    real = check.compare

    def overtaken(*arguments: Any) -> Any:
        ModelCheck.objects.update(attempt=2)
        return real(*arguments)

    monkeypatch.setattr(check, "compare", overtaken)
    run_check(model)
    assert [name for name in stored(settings.MEDIA_ROOT) if name.startswith(f"validation/{model.pk}/")]


def test_check_model__events_of_another_model_were_left__removes_them(admin: Api, settings: Settings) -> None:
    admin.upload("models", **form(validation_events=events()))
    ModelVersion.objects.update(state="unusable", checked_at=timezone.now())
    assert [name for name in stored(settings.MEDIA_ROOT) if name.startswith("validation/")]
    checked(admin, name="cards", beta="0.5")
    assert not [name for name in stored(settings.MEDIA_ROOT) if name.startswith("validation/")]
