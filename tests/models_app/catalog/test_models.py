"""Registering model files and checking them."""

import json
from collections.abc import Callable
from typing import Any, NoReturn

import msgspec
import numpy as np
import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import ProgrammingError, transaction
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings
from skl2onnx import to_onnx
from sklearn.linear_model import LogisticRegression

from models_app import tasks
from models_app.catalog.lease import CheckWork
from models_app.catalog.models import ModelCheck, ModelVersion
from models_app.catalog.register import register_model
from models_app.inputs import uploads
from models_app.modelfiles import CheckReport
from models_app.work import heartbeat
from models_app.work.lease import Stopped
from scoring.engine import document
from scoring.engine.onnx_model import OnnxModel
from scoring.serving.trial import Trials
from scoring.store import artifacts
from tests.documents import AMOUNT, HOUR, sigmoid_onnx
from tests.models_app.conftest import Api, fields, run_check, stored

FEATURES = [msgspec.to_builtins(AMOUNT), msgspec.to_builtins(HOUR)]
ONNX = sigmoid_onnx([0.002, 0.01], bias=-2.0)


def form(content: bytes = ONNX, **changes: Any) -> dict[str, Any]:
    sent = {"name": "old", "format": "onnx", "features": json.dumps(FEATURES), "beta": "0.05"}
    return {**sent, "file": SimpleUploadedFile("old.onnx", content), **changes}


def text_labels() -> bytes:
    """A classifier of fraud and legit; higher amounts are riskier."""
    x = np.random.default_rng(2).normal(size=(200, 2)).astype(np.float32)
    fitted = LogisticRegression().fit(x, np.where(x[:, 0] > 0, "fraud", "legit"))
    content: bytes = to_onnx(fitted, x[:1], options={"zipmap": False}).SerializeToString()
    return content


def scores_file(count: int = 2000) -> SimpleUploadedFile:
    values = np.random.default_rng(1).beta(1, 9, count)
    return SimpleUploadedFile("scores.csv", ("y\n" + "\n".join(map(str, values))).encode())


def registered(content: bytes = ONNX, **changes: Any) -> ModelVersion:
    arguments = {"actor": None, "name": "old", "file_format": "onnx", "features": FEATURES, **changes}
    return register_model(upload=ContentFile(content, "old.onnx"), **arguments)


def test_register_model__onnx_file__is_checked_and_usable(
    admin: Api, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    response = admin.upload("models", **form(validation_scores=scores_file()))
    assert response.status_code == 201, response.content
    assert response.json()["key"] == "old@1"
    assert response.json()["state"] == "checking"
    assert response.json()["has_validation_scores"] is True
    run_check(ModelVersion.objects.get())
    model = admin.get("models/old/1").json()
    assert (model["state"], model["reason"]) == ("usable", "")
    assert model["created_by"] == admin.person.email
    assert model["validation_quantiles"][-1][0] > 0.999
    assert {"name", "found"} == set(model["checks"][0])
    content, parity = artifacts.load(model["digest"])
    assert len(parity["outputs"]) > 10
    assert len(content) > 100


def test_register_model__text_labels__asks_which_is_the_risk_and_serves_it(admin: Api, settings: Settings) -> None:
    for answer in ({}, {"risk_label": "theft"}):
        refused = admin.upload("models", **form(text_labels(), **answer))
        assert fields(refused) == ["risk_label"]
        assert "fraud, legit" in str(refused.json()["errors"])
    assert stored(settings.MEDIA_ROOT) == []
    for version, (answer, riskier) in enumerate({"fraud": 1, "legit": 0}.items(), start=1):
        assert admin.upload("models", **form(text_labels(), risk_label=answer)).status_code == 201
        run_check(ModelVersion.objects.get(version=version))
        model = admin.get(f"models/old/{version}").json()
        assert (model["state"], model["reason"], model["risk_label"]) == ("usable", "", answer)
        sentence = next(each["found"] for each in model["checks"] if each["name"] == "labels")
        assert f"served is the probability of {answer}" in sentence
        content, _ = artifacts.load(model["digest"])
        served = OnnxModel(content, 2, model["single_rows"]).many(np.array([[3.0, 0.0], [-3.0, 0.0]]))
        assert served.argmax() == 1 - riskier


@pytest.mark.parametrize("file_format", ["onnx", "lightgbm"])
def test_register_model__answer_for_a_file_without_labels__is_422(admin: Api, file_format: str) -> None:
    assert fields(admin.upload("models", **form(risk_label="fraud", format=file_format))) == ["risk_label"]


def test_register_model__committed__gives_the_check_to_a_worker(
    admin: Api, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[Any] = []
    monkeypatch.setattr("celery.current_app.send_task", lambda name, **options: sent.append((name, options["args"])))
    with django_capture_on_commit_callbacks(execute=True):
        admin.upload("models", **form())
    assert sent == [("models_app.tasks.run_work", ("model check", 0, ModelCheck.objects.get(model__name="old").pk))]


def test_check_model__good_file__has_been_tried_for_scoring_on_this_machine(db: None, settings: Settings) -> None:
    model = registered()
    run_check(model)
    model.refresh_from_db()

    def never(digest: str) -> NoReturn:
        raise AssertionError(f"{digest} is tried again")

    trials = Trials(settings.SERVING_CACHE_DIR / "tried", never, seconds=60.0, memory_bytes=1 << 32)
    served = document.Model(model.digest, ("amount", "hour"), model.single_rows)
    assert trials.passed({model.key: served}, wait_for_them=True)


@pytest.mark.parametrize("content", [ONNX[: len(ONNX) // 2], b"\x80\x04\x95\x10\x00\x00\x00", sigmoid_onnx([0.1] * 5)])
def test_check_model__bad_file__is_unusable_and_says_why(db: None, settings: Settings, content: bytes) -> None:
    model = registered(content)
    run_check(model)
    model.refresh_from_db()
    assert model.state == "unusable"
    assert model.reason
    assert model.checks[-1]["found"] == model.reason
    assert not [name for name in stored(settings.MEDIA_ROOT) if name.startswith("models/")]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"features": "[]"}, "features"),
        ({"features": "{"}, "features"),
        ({"features": '[{"name": "amount", "typ": "number"}]'}, "features[0].typ"),
        ({"features": '[{"name": "a"}, {"name": "a"}]'}, "features[1].name"),
        ({"features": '[{"name": "a", "type": "category"}]'}, "features[0].categories"),
        ({"features": '[{"name": "a", "minimum": 2, "maximum": 1}]'}, "features[0].maximum"),
        ({"features": '[{"name": "a\\u0000"}]'}, "features[0].name"),
        ({"features": '[{"name": "a", "minimum": 1e999}]'}, "features[0].minimum"),
        ({"features": '[{"name": "a", "minimum": 1' + "0" * 400 + "}]"}, "features[0].minimum"),
        ({"beta": "0"}, "beta"),
        ({"beta": "nan"}, "beta"),
        ({"format": "pickle"}, "format"),
        ({"name": "Old Model"}, "name"),
        ({"surprise": "1"}, "surprise"),
        ({"file": SimpleUploadedFile("empty.onnx", b"")}, "file"),
        ({"validation_scores": SimpleUploadedFile("s.csv", b"y\n0.1\nabc\n")}, "validation_scores"),
        ({"validation_scores": SimpleUploadedFile("s.csv", b"y,z\n0.1,1\n")}, "validation_scores"),
    ],
)
def test_register_model__bad_input__names_the_field_and_keeps_nothing(
    admin: Api, settings: Settings, changes: dict[str, Any], field: str
) -> None:
    assert fields(admin.upload("models", **form(**changes))) == [field]
    assert not ModelVersion.objects.exists()
    assert stored(settings.MEDIA_ROOT) == []


def test_register_model__too_large__is_413(admin: Api, settings: Settings) -> None:
    settings.ENV = {**settings.ENV, "MUSE_MODEL_MAX_BYTES": 100}
    assert admin.upload("models", **form()).status_code == 413
    assert stored(settings.MEDIA_ROOT) == []


def test_register_model__same_file_again__is_409_and_names_it(admin: Api) -> None:
    assert admin.upload("models", **form()).status_code == 201
    response = admin.upload("models", **form())
    assert response.status_code == 409
    assert "old@1" in response.json()["detail"]
    other_beta = admin.upload("models", **form(beta="0.1"))
    assert other_beta.json()["key"] == "old@2"


def test_register_model__same_file_after_it_failed__is_a_new_version(db: None) -> None:
    first = registered(b"not a model")
    run_check(first)
    assert registered(b"not a model").version == 2


def test_check_model__another_worker_at_it__is_left_alone(db: None) -> None:
    model = registered()
    ModelCheck.objects.update(state="running", alive_at=timezone.now(), attempt=1)
    run_check(model)
    model.refresh_from_db()
    assert (model.state, model.model_check.attempt) == ("checking", 1)


def test_check_model__older_attempt__writes_nothing(db: None) -> None:
    model = registered()
    first = CheckWork.take_up(*model.model_check.arguments[1:])
    assert first is not None
    ModelCheck.objects.update(attempt=2)
    with pytest.raises(Stopped):
        first.finish(CheckReport(ok=False, failed="x", reason="late"))
    model.refresh_from_db()
    assert model.state == "checking"


def test_check_model__storage_away__is_taken_up_again(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*arguments: object) -> NoReturn:
        raise OSError("no route to host")

    model = registered()
    with monkeypatch.context() as patched:
        patched.setattr(artifacts, "store", away)
        with pytest.raises(OSError, match="no route"):
            run_check(model)
    ModelCheck.objects.update(alive_at=heartbeat.ago(heartbeat.DEAD_AFTER_SECONDS + 1))
    run_check(model)
    model.refresh_from_db()
    assert (model.state, model.model_check.state, model.model_check.attempt) == ("usable", "succeeded", 2)


def test_resume_stalled_work__check_of_a_dead_worker__is_sent_again(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[Any] = []
    monkeypatch.setattr("celery.current_app.send_task", lambda name, **options: sent.append(options["args"]))
    model = registered()
    assert tasks.resume_stalled_work() == 0
    dead = heartbeat.ago(heartbeat.DEAD_AFTER_SECONDS + 1)
    ModelCheck.objects.update(state="running", alive_at=dead, attempt=1)
    assert tasks.resume_stalled_work() == 1
    assert sent == [("model check", 0, model.model_check.pk)]


def test_check_model__died_too_often__gives_up(db: None) -> None:
    model = registered()
    ModelCheck.objects.update(state="running", attempt=heartbeat.MAX_ATTEMPTS, alive_at=heartbeat.ago(60))
    run_check(model)
    model.refresh_from_db()
    assert model.state == "unusable"
    assert "5 times" in model.reason


def test_model__in_the_database__only_its_outcome_can_change(db: None) -> None:
    registered()
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        ModelVersion.objects.update(beta=0.9)


def test_models__list__is_filtered_by_name(admin: Api, api: Callable[..., Api]) -> None:
    registered()
    registered(name="new")
    found = admin.get("models", name="new").json()
    assert (found["count"], found["results"][0]["key"]) == (1, "new@1")


def test_files_keep__interrupted__leaves_nothing(settings: Settings) -> None:
    class Broken(ContentFile):
        def chunks(self, chunk_size: int | None = None) -> Any:
            yield b"half"
            raise OSError("the disk is full")

    with pytest.raises(OSError, match="disk is full"):
        uploads.keep(Broken(b"content"), "uploads/abc")
    assert stored(settings.MEDIA_ROOT) == []
