"""Models in the console: taken up with the features that the file names, checked before one's eyes, and followed."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from models_app.catalog.models import ModelVersion
from models_app.modelfiles.names import features_named, is_lightgbm
from tests.documents import sigmoid_onnx
from tests.factories import World, make_model, make_predictor
from tests.models_app.catalog.test_models import text_labels
from tests.models_app.catalog.test_validation import RISK, classifier, events
from tests.models_app.conftest import run_check
from tests.models_app.modelfiles.builders import booster, payments

Visit = Callable[..., Client]
ONNX = sigmoid_onnx([0.002, 0.01], bias=-2.0)
FEATURES = {
    "features-0-name": "amount", "features-0-type": "number", "features-1-name": "hour", "features-1-type": "integer",
}  # fmt: skip


def text(answer: Any, status: int = 200) -> str:
    assert answer.status_code == status
    return " ".join(answer.content.decode().split())


def sent(content: bytes = ONNX, **changes: Any) -> dict[str, Any]:
    form = {"act": "register", "called": "cards", "file_format": "onnx", "beta": "0.1"}
    return form | FEATURES | {"file": SimpleUploadedFile("model", content)} | changes


def lightgbm_file() -> bytes:
    x, y, _ = payments(400)
    content: bytes = booster(x, y, ["amount", "channel", "seconds", "cents"], [1]).model_to_string().encode()
    return content


def test_new_model__uploaded__is_watched_and_then_usable(visit: Visit) -> None:
    client = visit("analyst")
    assert client.post("/models/new", sent())["Location"] == "/models/cards/1"
    page = text(client.get("/models/cards/1"))
    assert "waiting for a worker" in page
    assert "every 2s" in page
    run_check(ModelVersion.objects.get())
    page = text(client.get("/models/cards/1"))
    assert "Usable: 5 checks passed." in page
    assert "trained on 10 % of negatives" in page
    assert "/predictors/new?model=cards@1" in page
    assert "<code>hour</code>" in page


def test_new_model__with_text_labels__offers_them_and_serves_the_chosen_one(visit: Visit) -> None:
    client, content = visit("analyst"), text_labels()
    chosen = {"act": "infer", "file": SimpleUploadedFile("m", content)}
    assert '<option value="fraud">fraud</option>' in text(client.post("/models/new", chosen))
    page = text(client.post("/models/new", sent(content)), 422)
    assert "one of the file&#x27;s own: fraud, legit" in page
    assert '<option value="legit">legit</option>' in page
    assert client.post("/models/new", sent(content, risk_label="fraud"))["Location"] == "/models/cards/1"
    run_check(ModelVersion.objects.get())
    page = text(client.get("/models/cards/1"))
    assert "Its labels are fraud, legit; served is the probability of fraud, column 1 of 2." in page


@pytest.mark.parametrize(
    ("answer", "words"), [("fraud", "Usable: 8 checks passed."), ("legit", "ranks upside down: AUC")]
)
def test_new_model__with_validation_events__shows_what_came_of_them(visit: Visit, answer: str, words: str) -> None:
    client, content = visit("analyst"), classifier()[0]
    scores = classifier()[1] if answer == "fraud" else 1 - classifier()[1]
    columns = {"label_column": "is_fraud", "score_column": "p"}
    form = sent(content, risk_label=answer, validation_events=events(is_fraud=RISK, p=scores), **columns)
    assert client.post("/models/new", form | {"features-1-type": "number"})["Location"] == "/models/cards/1"
    run_check(ModelVersion.objects.get())
    page = text(client.get("/models/cards/1"))
    assert words in page
    assert "800; scores differ by" in page
    assert "95 % interval" in page
    assert ("what the file gives on its validation events" in page) == (answer == "fraud")
    assert ("Unusable" in page) == (answer == "legit")


def test_model__that_failed_its_check__says_which_and_why(visit: Visit) -> None:
    client = visit("analyst")
    client.post("/models/new", sent(**{"features-1-name": ""}))
    run_check(ModelVersion.objects.get())
    page = text(client.get("/models/cards/1"))
    assert "Unusable" in page
    assert page.count(">failed<") == 1
    assert "/models/new?name=cards" in page
    assert "/predictors/new?model" not in page


def test_new_model__from_a_lightgbm_file__has_the_features_that_it_names(visit: Visit) -> None:
    answer = visit("analyst").post("/models/new", {"act": "infer", "file": SimpleUploadedFile("m", lightgbm_file())})
    page = text(answer)
    assert 'value="amount"' in page
    assert 'value="channel"' in page
    assert "The file names its 4 features" in page
    assert '<option value="lightgbm" selected>' in page


def test_new_model__version_of_a_model_that_is_there__begins_with_its_features(world: World, visit: Visit) -> None:
    make_model("cards", features=("amount", "hour"))
    page = text(visit("analyst").get("/models/new?name=cards"))
    assert 'value="hour"' in page
    assert 'value="hour"' not in text(visit("analyst").get("/models/new?name=other"))


def test_new_model__whose_file_names_what_is_declared__keeps_what_is_declared_of_it(visit: Visit) -> None:
    declared = {"features-0-name": "channel", "features-0-type": "category", "features-0-categories": "web, app"}
    sent = {"act": "infer", "file": SimpleUploadedFile("m", lightgbm_file()), **declared}
    page = text(visit("analyst").post("/models/new", sent))
    assert 'value="web, app"' in page
    assert 'value="amount"' in page


@pytest.mark.parametrize(
    ("content", "status", "message"),
    [
        (ONNX, 200, "An ONNX file names no features"),
        (b"amount,hour\n1.5,3\n", 200, 'value="hour"'),
        (b"", 422, "empty"),
        (b"\x93\xff\x00\x00", 422, "file"),
    ],
)
def test_new_model__features_of_a_file__are_read_or_it_is_said_why_not(
    visit: Visit, content: bytes, status: int, message: str
) -> None:
    answer = visit("analyst").post("/models/new", {"act": "infer", "file": SimpleUploadedFile("m", content)})
    assert message in text(answer, status)
    assert answer.headers.get("HX-Reswap") == ("none" if content == ONNX else None)  # then what was typed stays


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"beta": "0"}, "expected a share of negatives above 0"),
        ({"features-0-type": "text"}, "Feature 1, Type: Select a valid choice"),
        ({"features-1-minimum": "x"}, "Feature 2, Minimum: Enter a number"),
        ({"features-1-type": "category"}, "Feature 2, Categories: expected the known values"),
        ({"features-0-name": "", "features-1-name": ""}, "Add at least one feature"),
        ({"called": "No Slug"}, "lower-case letters"),
        ({"file_format": "pickle"}, "Select a valid choice"),
        ({"validation_scores": SimpleUploadedFile("s", b"y\n2\n")}, "expected a probability in [0, 1]"),
        ({"validation_events": SimpleUploadedFile("e", b"amount\n2\n3\n")}, "missing or twice: hour"),
        ({"label_column": "fraud"}, "without events; send them"),
    ],
)
def test_new_model__with_bad_input__says_so_at_its_field(visit: Visit, changes: dict[str, Any], message: str) -> None:
    assert message in text(visit("analyst").post("/models/new", sent(**changes)), 422)
    assert not ModelVersion.objects.exists()


def test_model__shows_its_validation_scores_and_where_it_is_used(world: World, visit: Visit) -> None:
    model = make_model("scored", quantiles=[[0.1, 0.01], [0.5, 0.02], [0.99, 0.5]])
    make_predictor(model, name="made-of-it")
    client = visit("viewer")
    page = text(client.get("/models/scored/1"))
    assert "Output by percentile of validation events" in page
    assert "/predictors/made-of-it/1" in page
    assert "New version" not in page  # a viewer uploads nothing
    assert f"/predictors/{world.predictor.name}/1" in text(client.get(f"/models/{world.model.name}/1"))


def test_models__narrowed_and_sorted__show_use_in_few_queries(world: World, visit: Visit) -> None:
    client, counts = visit("viewer"), []
    client.get("/models")
    for _ in range(2):
        with CaptureQueriesContext(connection) as captured:
            page = text(client.get("/models", {"state": "usable", "format": "onnx", "sort": "-predictors"}))
        counts.append(len(captured))
        make_predictor(make_model())
    assert counts[0] == counts[1]
    assert world.model.key in page
    assert "Nothing matches" in text(client.get("/models", {"state": "unusable"}))


def test_names__of_a_file_with_pandas_categories__have_them(tmp_path: Path) -> None:
    path = tmp_path / "model"
    tail = '\npandas_categorical:[["app", "web"]]\n'
    path.write_text(f"tree\nfeature_names=amount channel unused\nfeature_infos=[0:9.5] 0:1 none\n\nTree=0\n{tail}")
    assert is_lightgbm(path)
    assert features_named(path) == [
        {"name": "amount", "type": "number"},
        {"name": "channel", "type": "category", "categories": ["app", "web"]},
        {"name": "unused", "type": "number"},
    ]
    path.write_text("tree\n")
    assert features_named(path) == []
    path.write_text("tree\nfeature_names=a b\n\npandas_categorical:[[")
    assert [each["name"] for each in features_named(path)] == ["a", "b"]
