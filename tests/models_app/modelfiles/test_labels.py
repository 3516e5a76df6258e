"""Which of two classes a file is served for: by its own labels, and an answer where they do not tell."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper
from skl2onnx import to_onnx
from sklearn.ensemble import RandomForestClassifier, StackingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from models_app.modelfiles.report import CheckReport
from scoring.engine.onnx_model import OnnxModel
from tests.models_app.modelfiles.builders import check_bytes, features, graph

NODE = helper.make_node
X = np.random.default_rng(3).normal(size=(400, 3)).astype(np.float32)
RISK = X[:, 0] + X[:, 1] * X[:, 2] > 0.6
CLASSIFIERS = {
    "regression": LogisticRegression(),
    "forest": RandomForestClassifier(8, max_depth=4, random_state=0),
    "pipeline": make_pipeline(StandardScaler(), LogisticRegression()),
    "bayes": GaussianNB(),
    "neural": MLPClassifier((4,), max_iter=30, random_state=0),
    "stacked": StackingClassifier([("a", LogisticRegression()), ("b", GaussianNB())]),
}


def fitted(kind: str, no: object, yes: object, zipmap: bool = False) -> tuple[bytes, np.ndarray]:
    """A classifier's file, and its probabilities of `yes` on X."""
    labels = np.array([yes if risk else no for risk in RISK])
    model = CLASSIFIERS[kind].fit(X, labels)
    content = to_onnx(model, X[:1], options={id(model): {"zipmap": zipmap}}).SerializeToString()
    return content, model.predict_proba(X)[:, list(model.classes_).index(yes)]


def checked(folder: Path, content: bytes, risk_label: str = "") -> CheckReport:
    return check_bytes(folder, content, features("a", "b", "c", minimum=-4, maximum=4), risk_label=risk_label)


def served(folder: Path, report: CheckReport) -> np.ndarray:
    model = OnnxModel((folder / "model.onnx").read_bytes(), 3, report.single_rows)
    return model.many(X.astype(np.float64))


@pytest.mark.filterwarnings("ignore:Stochastic Optimizer")
@pytest.mark.parametrize("kind", CLASSIFIERS)
@pytest.mark.parametrize("labels", [("legit", "fraud"), ("good", "risky"), (1, 2), (2, 1), (1, 0), (0, 1)])
def test_check__labels__serves_the_probability_of_the_answer(
    tmp_path: Path, kind: str, labels: Sequence[object]
) -> None:
    content, expected = fitted(kind, *labels)
    report = checked(tmp_path, content, str(labels[1]))
    assert report.ok, report.reason
    assert f"served is the probability of {labels[1]}, column" in report.checks[1].found
    assert np.abs(served(tmp_path, report) - expected).max() < 1e-5


@pytest.mark.parametrize("labels", [("legit", "fraud"), (1, 2)])
@pytest.mark.parametrize("answer", ["", "other"])
def test_check__labels_without_an_answer_of_them__are_named(
    tmp_path: Path, labels: Sequence[object], answer: str
) -> None:
    report = checked(tmp_path, fitted("forest", *labels)[0], answer)
    assert (report.ok, report.failed) == (False, "labels")
    assert ", ".join(sorted(map(str, labels))) in report.reason


def test_check__zeros_and_ones__need_no_answer(tmp_path: Path) -> None:
    content, expected = fitted("forest", 0, 1)
    report = checked(tmp_path, content)
    assert report.ok, report.reason
    assert "of 1, column 2 of 2" in report.checks[1].found
    assert (tmp_path / "model.onnx").read_bytes() == content
    assert np.abs(served(tmp_path, report) - expected).max() < 1e-5


@pytest.mark.parametrize("labels", [("legit", "fraud"), (0, 1)])
def test_check__maps_for_each_event__gives_the_table_in_them(tmp_path: Path, labels: Sequence[object]) -> None:
    content, expected = fitted("regression", *labels, zipmap=True)
    report = checked(tmp_path, content, str(labels[1]))
    assert report.ok, report.reason
    assert np.abs(served(tmp_path, report) - expected).max() < 1e-5


def trees(**changes: object) -> onnx.ModelProto:
    """What CatBoost writes: trees, and a map for each event at the end; without those attributes that are None."""
    attributes = {
        "nodes_treeids": [0, 0, 0], "nodes_nodeids": [0, 1, 2], "nodes_featureids": [0, 0, 0],
        "nodes_modes": ["BRANCH_GT", "LEAF", "LEAF"], "nodes_values": [0.5, 0.0, 0.0],
        "nodes_truenodeids": [1, 0, 0], "nodes_falsenodeids": [2, 0, 0],
        "class_treeids": [0, 0], "class_nodeids": [1, 2], "class_ids": [1, 1], "class_weights": [1.0, -1.0],
        "classlabels_int64s": [0, 1], "post_transform": "LOGISTIC",
    }  # fmt: skip
    kept = {name: value for name, value in (attributes | changes).items() if value is not None}
    nodes = [
        NODE("TreeEnsembleClassifier", ["x"], ["label", "probability_tensor"], domain="ai.onnx.ml", **kept),
        NODE("ZipMap", ["probability_tensor"], ["probabilities"], domain="ai.onnx.ml", classlabels_int64s=[0, 1]),
    ]
    number = helper.make_tensor_type_proto(TensorProto.FLOAT, [])
    maps = helper.make_sequence_type_proto(helper.make_map_type_proto(TensorProto.INT64, number))
    label = helper.make_tensor_value_info("label", TensorProto.INT64, [None])
    return graph(nodes, 1, output=[label, helper.make_value_info("probabilities", maps)])


def test_check__trees_that_end_in_a_map__are_served_without_it(tmp_path: Path) -> None:
    report = check_bytes(tmp_path, trees().SerializeToString(), features("a"))
    assert report.ok, report.reason
    model = OnnxModel((tmp_path / "model.onnx").read_bytes(), 1, report.single_rows)
    assert model.many(np.array([[1.0], [0.0]])) == pytest.approx([1 / (1 + np.exp(-1)), 1 / (1 + np.exp(1))], abs=1e-6)


@pytest.mark.parametrize("lacking", ["nodes_featureids", "nodes_values"])
def test_check__trees_that_lack_an_attribute__says_which(tmp_path: Path, lacking: str) -> None:
    report = check_bytes(tmp_path, trees(**{lacking: None}).SerializeToString(), features("a"))
    assert report.failed == "readable"
    assert f"TreeEnsembleClassifier lacks its {lacking}" in report.reason


def test_check__drops_the_dimension_of_a_single_event__says_so(tmp_path: Path) -> None:
    nodes = [NODE("Sigmoid", ["x"], ["p"]), NODE("Squeeze", ["p"], ["y"])]
    report = check_bytes(tmp_path, graph(nodes, 1).SerializeToString(), features("a"))
    assert not report.ok
    assert "has the shape () for 1 events" in report.reason
    assert "Squeeze" in report.reason


def test_check__answer_for_a_file_without_labels__is_refused(tmp_path: Path) -> None:
    nodes = [NODE("Sigmoid", ["x"], ["y"])]
    report = check_bytes(tmp_path, graph(nodes, 1).SerializeToString(), features("a"), risk_label="fraud")
    assert report.failed == "labels"


def test_check__first_label_of_one_probability__is_refused(tmp_path: Path) -> None:
    nodes = [
        NODE("Sigmoid", ["x"], ["y"]),
        NODE("Cast", ["x"], ["rounded"], to=TensorProto.INT64),
        NODE("ArrayFeatureExtractor", ["classes", "zero"], ["label"], domain="ai.onnx.ml"),
    ]
    constants = {"classes": np.array([3, 4]), "zero": np.array([0])}
    content = graph(nodes, 1, constants).SerializeToString()
    assert check_bytes(tmp_path, content, features("a"), risk_label="4").ok
    assert "that of its second label" in check_bytes(tmp_path, content, features("a"), risk_label="3").reason
