import hashlib
import re
from codecs import BOM_UTF8
from pathlib import Path

import lightgbm as lgb
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from models_app.modelfiles import FeatureSpec, lightgbm_onnx, lightgbm_text
from models_app.modelfiles.names import features_named, is_lightgbm
from models_app.modelfiles.report import Refusal
from scoring.engine.onnx_model import OnnxModel
from tests.models_app.modelfiles.builders import EPOCH, booster, check_bytes, features, payments

NAMES = ["amount", "channel", "seconds", "cents"]


@pytest.fixture(scope="module")
def trained() -> tuple[lgb.Booster, list[FeatureSpec]]:
    x, y, specs = payments()
    return booster(x, y, NAMES, ["channel"]), specs


def served(model: lgb.Booster) -> OnnxModel:
    content = lightgbm_onnx.convert(lightgbm_text.read(model.model_to_string().encode()))
    return OnnxModel(content, model.num_feature())


def test_check__good_file__passes_with_all_that_the_registry_stores(trained, tmp_path):
    model, specs = trained
    content = model.model_to_string().encode()
    report = check_bytes(tmp_path, content, specs, "lightgbm")
    written = (tmp_path / "model.onnx").read_bytes()
    assert report.ok, report.reason
    assert report.digest == hashlib.sha256(written).hexdigest()
    assert report.file_digest == hashlib.sha256(content).hexdigest()
    names = [check.name for check in report.checks]
    assert names == ["readable", "features", "interface", "probability", "equal", "same bits"]
    assert OnnxModel(written, 4, report.single_rows).check_parity(report.parity) == 0.0
    assert any(value is None for row in report.parity["inputs"] for value in row)


def test_check__same_file_twice__gives_the_same_report(trained, tmp_path):
    model, specs = trained
    content = model.model_to_string().encode()
    first, second = (check_bytes(tmp_path, content, specs, "lightgbm") for _ in range(2))
    assert first == second


@pytest.mark.parametrize("name", ["a\u00a0b", "a\u3000b", "a\tb", "a\u2028b", "a\x85b", "Tree=0", "=amount", "a=b"])
def test_check__odd_name_of_a_feature__is_read_as_one_name(tmp_path: Path, name: str) -> None:
    x, y, specs = payments(400)
    named = [structs.replace(specs[0], name=name), *specs[1:]]
    content = booster(x, y, [name, *NAMES[1:]], ["channel"], 3).model_to_string().encode()
    report = check_bytes(tmp_path, content, named, "lightgbm")
    assert report.ok, report.reason
    assert len(features_named(tmp_path / "upload")) == 4


@pytest.mark.parametrize(("mark", "line_end"), [(b"", b"\r\n"), (BOM_UTF8, b"\n"), (BOM_UTF8, b"\r\n")])
def test_check__file_as_another_system_saves_it__is_the_same_model(trained, tmp_path, mark, line_end):
    model, specs = trained
    content = model.model_to_string().encode()
    saved = mark + content.replace(b"\n", line_end)
    report = check_bytes(tmp_path, saved, specs, "lightgbm")
    assert report.ok, report.reason
    assert report.digest == check_bytes(tmp_path, content, specs, "lightgbm").digest
    (tmp_path / "saved").write_bytes(saved)
    assert is_lightgbm(tmp_path / "saved")
    assert [each["name"] for each in features_named(tmp_path / "saved")] == NAMES


OPTIONS = {
    "nulls": {},
    "zero as missing": {"zero_as_missing": True},
    "no missing values": {"use_missing": False},
    "steep sigmoid": {"sigmoid": 2.5},
    "cross entropy": {"objective": "cross_entropy"},
    "random forest": {"boosting": "rf", "bagging_freq": 1, "bagging_fraction": 0.5},
    "dart": {"boosting": "dart", "drop_rate": 0.5},
    "stumps": {"num_leaves": 2},
    "no split at all": {"min_data_in_leaf": 1500},
}


@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS.keys())
def test_check__kind_of_model__is_converted_right(options, tmp_path):
    x, y, specs = payments()
    content = booster(x, y, NAMES, ["channel"], **options).model_to_string().encode()
    report = check_bytes(tmp_path, content, specs, "lightgbm")
    assert report.ok, report.reason


@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS.keys())
def test_convert__values_as_clients_send_them__equal_to_the_last_digits(options):
    x, y, _ = payments()
    model = booster(x, y, NAMES, ["channel"], **options)
    probe = payments(seed=2)[0]
    rng = np.random.default_rng(3)
    probe[rng.random(probe.shape) < 0.1] = np.nan
    probe[rng.random(probe.shape) < 0.1] = 0
    probe[:300, 1] = rng.integers(-3, 400, 300)
    assert served(model).many(probe) == pytest.approx(model.predict(probe), abs=1e-12)


def test_convert__seconds_one_apart__fall_on_their_side():
    seconds = np.arange(EPOCH, EPOCH + 1000, dtype=float).reshape(-1, 1)
    model = booster(seconds, (seconds[:, 0] > EPOCH + 500).astype(int), ["seconds"], rounds=3)
    sides = served(model).many(np.array([[EPOCH + 500.0], [EPOCH + 501.0]]))
    assert sides.tolist() == pytest.approx(model.predict([[EPOCH + 500.0], [EPOCH + 501.0]]).tolist(), abs=1e-12)
    assert sides[1] > 1.05 * sides[0]


def test_convert__many_categories__sets_are_kept_whole():
    rng = np.random.default_rng(0)
    channel = rng.integers(0, 300, 6000).astype(float).reshape(-1, 1)
    model = booster(channel, (channel[:, 0] * 7 % 11 > 5).astype(int), ["channel"], ["channel"], max_cat_threshold=250)
    everything = np.arange(-2, 700, dtype=float).reshape(-1, 1)
    assert served(model).many(everything) == pytest.approx(model.predict(everything), abs=1e-12)


STUMP = booster(np.array([[0.0], [1.0]] * 50), np.array([0, 1] * 50), ["x"], rounds=1, num_leaves=2).model_to_string()
NUMBERS = st.sampled_from([0.0, -0.0, 1e-36, -1e-36, 1e-35, 2e-35, 1.79e9, 0.1]) | st.floats(-1e12, 1e12)


def edited(threshold: float, decision: int) -> str:
    """The stump with another threshold and another way for what is missing; the header knows the size of the tree."""
    text = re.sub("threshold=.*", f"threshold={threshold!r}", STUMP)
    text = re.sub("decision_type=.*", f"decision_type={decision}", text)
    grown = len(text) - len(STUMP)
    return re.sub("tree_sizes=(.*)", lambda found: f"tree_sizes={int(found[1]) + grown}", text)


@settings(max_examples=60, deadline=None)
@given(NUMBERS, st.sampled_from([0, 2, 4, 6, 8, 10]), st.lists(NUMBERS, max_size=5))
def test_convert__any_threshold_and_missing_type__decides_as_lightgbm(threshold, decision, values):
    model = lgb.Booster(model_str=edited(threshold, decision))
    near = [threshold, np.nextafter(threshold, np.inf), np.nextafter(threshold, -np.inf)]
    rows = np.array([*values, *near, np.nan, 0.0, 1e-36, -1e-36]).reshape(-1, 1)
    assert served(model).many(rows) == pytest.approx(model.predict(rows), abs=1e-12)


def test_features__spaces_in_names__are_lightgbm_underscores(tmp_path):
    x, y, _ = payments(300)
    content = booster(x[:, :1], y, ["card amount"]).model_to_string().encode()
    assert check_bytes(tmp_path, content, features("card amount", nullable=True), "lightgbm").ok


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["channel", "amount", "seconds", "cents"], "in another order: amount, channel, seconds, cents"),
        (["amount", "channel", "seconds"], "4 features and 3 are declared; only in the file: cents"),
        (["amount", "channel", "seconds", "euros"], "only in the file: cents; only declared: euros"),
    ],
)
def test_features__other_than_declared__are_named(trained, tmp_path, names, expected):
    report = check_bytes(tmp_path, trained[0].model_to_string().encode(), features(*names), "lightgbm")
    assert (report.ok, report.failed) == (False, "features")
    assert expected in report.reason
    assert not (tmp_path / "model.onnx").exists()


def test_features__number_used_as_category__is_refused(trained, tmp_path):
    report = check_bytes(tmp_path, trained[0].model_to_string().encode(), features(*NAMES), "lightgbm")
    assert report.reason.startswith("channel: the model takes it as a category")


def pandas_model() -> bytes:
    """A model as LightGBM writes it after training on a pandas column of type category."""
    rng = np.random.default_rng(0)
    x = np.column_stack([rng.integers(0, 3, 600), rng.normal(size=600)])
    y = ((x[:, 0] == 2) & (x[:, 1] > 0)).astype(int)
    text = booster(x, y, ["channel", "amount"], ["channel"], rounds=5).model_to_string()
    return text.replace("pandas_categorical:null", 'pandas_categorical:[["app", "pos", "web"]]').encode()


def channel_and_amount(*categories: str) -> list[FeatureSpec]:
    return [FeatureSpec(name="channel", type="category", categories=categories), FeatureSpec(name="amount")]


def test_features__pandas_categories_as_trained__pass(tmp_path):
    report = check_bytes(tmp_path, pandas_model(), channel_and_amount("app", "pos", "web"), "lightgbm")
    assert report.ok, report.reason


def test_features__pandas_categories_in_another_order__are_refused(tmp_path):
    report = check_bytes(tmp_path, pandas_model(), channel_and_amount("web", "pos", "app"), "lightgbm")
    assert "channel: the model was trained with the categories app, pos, web" in report.reason


def test_features__pandas_category_declared_as_integer__is_refused(tmp_path):
    specs = [FeatureSpec(name="channel", type="integer"), FeatureSpec(name="amount")]
    report = check_bytes(tmp_path, pandas_model(), specs, "lightgbm")
    assert "1 pandas columns of type category, and 0 features" in report.reason


@pytest.mark.parametrize("objective", ["regression", "cross_entropy_lambda", "poisson"])
def test_objective__gives_no_probability__is_refused(objective, tmp_path):
    x, y, specs = payments(300)
    content = booster(x, y, NAMES, ["channel"], objective=objective).model_to_string().encode()
    report = check_bytes(tmp_path, content, specs, "lightgbm")
    assert report.failed == "probability"
    assert f"found {objective}" in report.reason


def test_objective__several_classes__is_refused(tmp_path):
    x, _, specs = payments(300)
    y = np.arange(300) % 3
    content = booster(x, y, NAMES, ["channel"], objective="multiclass", num_class=3).model_to_string().encode()
    assert check_bytes(tmp_path, content, specs, "lightgbm").failed == "probability"


def test_trees__linear__are_refused(tmp_path):
    x, y, specs = payments(600)
    model = booster(np.nan_to_num(x), y, NAMES, ["channel"], linear_tree=True)
    report = check_bytes(tmp_path, model.model_to_string().encode(), specs, "lightgbm")
    assert "linear_tree=false" in report.reason


@pytest.mark.parametrize("share", [0.02, 0.3, 0.5, 0.7])
def test_file__cut_short__is_refused(trained, tmp_path, share):
    content = trained[0].model_to_string().encode()
    cut = content[: int(len(content) * share)]
    report = check_bytes(tmp_path, cut, trained[1], "lightgbm")
    assert (report.ok, report.failed) == (False, "readable")
    assert "cut short" in report.reason


@pytest.mark.parametrize(
    ("pattern", "replacement", "expected"),
    [
        ("left_child=-?[0-9]+", "left_child=0", "do not form a tree"),
        ("leaf_value=[^ ]+ ", "leaf_value=", "leaf_value has 14 values, expected 15"),
        ("threshold=[^ ]+", "threshold=much", "tree 0 is damaged"),
        ("\n\nTree=1\n", "\n\nShrub=1\n", "announces 15 trees, the file has 14"),
        ("split_feature=[0-9]+", "split_feature=99", "feature 99 of 4"),
        ("sigmoid:1", "sigmoid:flat", "sigmoid"),
    ],
)
def test_file__damaged__says_where(trained, pattern, replacement, expected):
    text = re.sub(pattern, replacement, trained[0].model_to_string(), count=1)
    with pytest.raises(Refusal, match=expected):
        lightgbm_text.read(text.encode())


@pytest.mark.parametrize("content", [b"\x80\x04\x95\x00\xff", b"tree of life", b"{}"])
def test_file__something_else__is_refused(content):
    with pytest.raises(Refusal, match=r"no text|begins with the line 'tree'"):
        lightgbm_text.read(content)
