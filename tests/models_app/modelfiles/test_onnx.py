import pickle

import numpy as np
import pytest
from onnx import TensorProto, helper
from skl2onnx import to_onnx
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression

from models_app.modelfiles import FeatureSpec, onnx_file
from scoring.engine.onnx_model import OnnxModel
from tests.models_app.modelfiles.builders import EPOCH, check_bytes, features, graph, linear

NODE = helper.make_node


@pytest.fixture(scope="module")
def data() -> tuple[np.ndarray, np.ndarray]:
    x = np.random.default_rng(0).normal(size=(600, 17))
    return x, x[:, 0] + x[:, 3] * x[:, 4] > 0.5


@pytest.fixture(scope="module")
def forest(data) -> bytes:
    fitted = RandomForestClassifier(20, max_depth=6, random_state=0).fit(*data)
    return to_onnx(fitted, data[0][:1].astype(np.float32), options={"zipmap": False}).SerializeToString()


def seventeen() -> list[FeatureSpec]:
    return features(*(f"x{number}" for number in range(17)), minimum=-5, maximum=5)


def test_check__forest__passes(forest, tmp_path):
    report = check_bytes(tmp_path, forest, seventeen())
    assert report.ok, report.reason
    assert (tmp_path / "model.onnx").read_bytes() == forest
    assert report.digest == report.file_digest
    assert [check.name for check in report.checks] == [
        "readable", "labels", "interface", "probability", "equal", "same bits",
    ]  # fmt: skip


def test_open__forest__knows_where_its_trees_split(forest):
    thresholds = onnx_file.open_file(forest, seventeen()).thresholds
    assert set(thresholds) <= set(range(17))
    assert sum(len(values) for values in thresholds.values()) > 50


def test_check__regression__runs_one_event_as_two_rows_where_it_must(data, tmp_path):
    fitted = LogisticRegression().fit(*data)
    content = to_onnx(fitted, data[0][:1].astype(np.float32), options={"zipmap": False}).SerializeToString()
    report = check_bytes(tmp_path, content, seventeen())
    assert report.ok, report.reason
    model = OnnxModel(content, 17, report.single_rows)
    assert model.many(data[0]).tolist() == [model.one(row.tolist()) for row in data[0]]


def row_sum_dependent(rows_from: int) -> bytes:
    """A model whose last digits depend on the number of rows, up to `rows_from` of them."""
    nodes = [
        NODE("Shape", ["x"], ["shape"]),
        NODE("Gather", ["shape", "zero"], ["rows"]),
        NODE("Min", ["rows", "most"], ["few"]),
        NODE("Cast", ["few"], ["f"], to=TensorProto.FLOAT),
        NODE("Mul", ["f", "tiny"], ["shift"]),
        NODE("Add", ["x", "shift"], ["z"]),
        NODE("Sigmoid", ["z"], ["y"]),
    ]
    constants = {"zero": np.array(0), "most": np.array(rows_from), "tiny": np.array(1e-3, dtype=np.float32)}
    return graph(nodes, 1, constants).SerializeToString()


def test_check__differs_for_one_row_only__is_run_as_two_rows(tmp_path):
    report = check_bytes(tmp_path, row_sum_dependent(2), features("x"))
    assert (report.ok, report.single_rows) == (True, 2), report.reason
    assert "two equal rows" in report.checks[-1].found


def test_check__differs_with_every_batch_size__is_refused(tmp_path):
    report = check_bytes(tmp_path, row_sum_dependent(100), features("x"))
    assert (report.ok, report.failed) == (False, "same bits")


def test_check__runs_only_in_large_batches__is_refused(tmp_path):
    nodes = [NODE("Slice", ["x", "start", "end", "axis"], ["few"]), NODE("Mul", ["few", "fifty"], ["wide"])]
    nodes += [
        NODE("Expand", ["wide", "shape"], ["many"]),
        NODE("Mul", ["many", "x"], ["z"]),
        NODE("Sigmoid", ["z"], ["y"]),
    ]
    constants = {"start": np.array([0]), "end": np.array([1]), "axis": np.array([0]), "shape": np.array([2, 1])}
    content = graph(nodes, 1, constants | {"fifty": np.array(50, dtype=np.float32)}).SerializeToString()
    report = check_bytes(tmp_path, content, features("x"))
    assert (report.ok, report.failed) == (False, "probability")
    assert "does not run" in report.reason


def test_check__random_operator__is_refused(tmp_path):
    content = graph([NODE("RandomUniformLike", ["x"], ["y"])], 1).SerializeToString()
    assert check_bytes(tmp_path, content, features("x")).failed == "same bits"


def test_check__null_gives_no_probability__names_the_feature_and_the_way_out(tmp_path):
    specs = [FeatureSpec(name="amount", nullable=True), FeatureSpec(name="age")]
    report = check_bytes(tmp_path, linear().SerializeToString(), specs)
    assert report.failed == "probability"
    assert "null there: amount; declare them as not nullable" in report.reason


def test_check__margin_instead_of_probability__is_refused(tmp_path):
    content = graph([NODE("Identity", ["x"], ["y"])], 1).SerializeToString()
    report = check_bytes(tmp_path, content, features("x"))
    assert report.failed == "probability"
    assert "export class probabilities" in report.reason


def test_check__other_inputs__says_what_is_expected(tmp_path):
    inputs = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [None, 1]) for name in ("amount", "age")]
    content = graph([NODE("Add", ["amount", "age"], ["y"])], inputs=inputs).SerializeToString()
    report = check_bytes(tmp_path, content, features("amount", "age"))
    assert report.failed == "interface"
    assert "expected one input of floats or doubles of the shape (n, 2), found amount" in report.reason


def test_check__other_width__is_refused(tmp_path):
    report = check_bytes(tmp_path, linear().SerializeToString(), features("a", "b", "c"))
    assert report.failed == "interface"
    assert "(n, 3)" in report.reason


def test_reference__equal__is_noted(tmp_path):
    reference = {"inputs": [[0.0, 0.0], [2.0, 0.0]], "outputs": [0.5, 1 / (1 + np.exp(-1))]}
    report = check_bytes(tmp_path, linear().SerializeToString(), features("a", "b"), reference=reference)
    assert report.ok
    assert "On the 2 events of the reference equal" in report.checks[3].found


def test_reference__different__is_refused_with_the_event(tmp_path):
    reference = {"inputs": [[0.0, 0.0], [2.0, 0.0]], "outputs": [0.5, 0.7]}
    report = check_bytes(tmp_path, linear().SerializeToString(), features("a", "b"), reference=reference)
    assert report.failed == "equal"
    assert "the reference gives 0.7, for a=2, b=0" in report.reason


def test_reference__without_events__is_refused(tmp_path):
    report = check_bytes(
        tmp_path, linear().SerializeToString(), features("a", "b"), reference={"inputs": [], "outputs": []}
    )
    assert report.failed == "equal"


def test_precision__seconds_into_float32__is_noted(tmp_path):
    specs = [FeatureSpec(name="seconds", type="integer", minimum=0, maximum=EPOCH), FeatureSpec(name="b")]
    content = linear((1e-9, 0.1)).SerializeToString()
    report = check_bytes(tmp_path, content, specs)
    assert report.ok, report.reason
    assert "cannot tell all declared values of seconds apart" in report.checks[2].found + report.checks[3].found


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.999])
def test_file__cut_short__is_refused(forest, tmp_path, share):
    report = check_bytes(tmp_path, forest[: int(len(forest) * share)], seventeen())
    assert (report.ok, report.failed) == (False, "readable")


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (pickle.dumps(LogisticRegression()), "a pickle, which is never opened"),
        (b"PK\x03\x04", "a zip archive"),
        (b"tree\nversion=v4\n", "format 'lightgbm'"),
        (b"\x0a\x05hello", "no model in it"),
        (b"some text", "no ONNX file"),
    ],
)
def test_file__something_else_named_onnx__is_refused(content, expected, tmp_path):
    report = check_bytes(tmp_path, content, features("x"))
    assert report.failed == "readable"
    assert expected in report.reason


def test_file__data_in_another_file__is_refused(tmp_path):
    model = linear()
    model.graph.initializer[0].data_location = TensorProto.EXTERNAL
    entry = model.graph.initializer[0].external_data.add()
    entry.key, entry.value = "location", "/etc/passwd"
    report = check_bytes(tmp_path, model.SerializeToString(), features("a", "b"))
    assert report.failed == "readable"
    assert "save_as_external_data=False" in report.reason


def test_file__data_elsewhere_inside_a_constant__is_refused(tmp_path):
    model = graph([NODE("Constant", [], ["c"], value=helper.make_tensor("c", 1, [1], [1.0]))], 1)
    model.graph.node[0].attribute[0].t.data_location = TensorProto.EXTERNAL
    assert "lies in another file" in check_bytes(tmp_path, model.SerializeToString(), features("a")).reason


@pytest.mark.parametrize("domain", ["com.microsoft", "org.somebody"])
def test_file__operator_of_another_domain__is_refused(domain, tmp_path):
    model = graph([NODE("Gelu", ["x"], ["y"], domain=domain)], 1)
    model.opset_import.append(helper.make_opsetid(domain, 1))
    report = check_bytes(tmp_path, model.SerializeToString(), features("x"))
    assert report.failed == "readable"
    assert f"Gelu belongs to the domain {domain}" in report.reason


def test_file__own_function__is_allowed(tmp_path):
    model = graph([NODE("Squash", ["x"], ["y"], domain="own")], 1)
    model.opset_import.append(helper.make_opsetid("own", 1))
    body = [NODE("Sigmoid", ["a"], ["b"])]
    model.functions.append(helper.make_function("own", "Squash", ["a"], ["b"], body, [helper.make_opsetid("", 18)]))
    report = check_bytes(tmp_path, model.SerializeToString(), features("x"))
    assert report.ok, report.reason


def test_file__breaks_the_rules__is_refused(tmp_path):
    content = graph([NODE("Sigmoid", ["nothing"], ["y"])], 1).SerializeToString()
    report = check_bytes(tmp_path, content, features("x"))
    assert report.failed == "interface"
    assert "onnxruntime cannot load the model" in report.reason
