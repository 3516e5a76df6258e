import numpy as np
import pytest
from onnx import TensorProto, helper
from skl2onnx import to_onnx
from sklearn.linear_model import LogisticRegression

from scoring.engine import onnx_model
from scoring.engine.onnx_model import ModelError, OnnxModel
from tests.models_app.modelfiles.builders import graph, linear

NODE = helper.make_node


def sigmoid(value: float) -> float:
    return 1 / (1 + np.exp(-value))


@pytest.fixture(scope="module")
def regression() -> tuple[LogisticRegression, np.ndarray]:
    x = np.random.default_rng(0).normal(size=(501, 17))
    return LogisticRegression().fit(x, x[:, 0] + x[:, 3] > 0.5), x


@pytest.mark.parametrize("kind", [TensorProto.FLOAT, TensorProto.DOUBLE])
def test_model__float_or_double_input__gives_probability(kind):
    model = OnnxModel(linear(kind=kind).SerializeToString(), 2)
    assert model.one([2.0, 4.0]) == pytest.approx(0.5)
    assert model.many(np.array([[2.0, 0.0], [0.0, 4.0]])) == pytest.approx([sigmoid(1), sigmoid(-1)], abs=1e-6)


def test_model__double_input__tells_seconds_apart():
    nodes = [NODE("Sub", ["x", "start"], ["z"]), NODE("Sigmoid", ["z"], ["y"])]
    content = graph(nodes, 1, {"start": np.array(1.79e9)}, TensorProto.DOUBLE).SerializeToString()
    assert OnnxModel(content, 1).one([1.79e9 + 1]) == pytest.approx(sigmoid(1))


@pytest.mark.parametrize("shape", [[-1], [-1, 1]])
def test_model__output_of_one_column__is_taken_as_it_is(shape):
    nodes = [NODE("Sigmoid", ["x"], ["z"]), NODE("Reshape", ["z", "shape"], ["y"])]
    content = graph(nodes, 1, {"shape": np.array(shape)}).SerializeToString()
    assert OnnxModel(content, 1).many(np.array([[0.0], [1.0]])) == pytest.approx([0.5, sigmoid(1)], abs=1e-6)


def test_model__two_classes__second_column_counts(regression):
    fitted, x = regression
    content = to_onnx(fitted, x[:1].astype(np.float64), options={"zipmap": False}).SerializeToString()
    assert OnnxModel(content, 17).many(x) == pytest.approx(fitted.predict_proba(x)[:, 1], abs=1e-6)


@pytest.mark.parametrize("count", [1, 2, 3, 4, 7, 64, 501])
def test_model__two_rows_an_event__one_and_many_give_the_same_bits(regression, count):
    fitted, x = regression
    content = to_onnx(fitted, x[:1].astype(np.float32), options={"zipmap": False}).SerializeToString()
    model = OnnxModel(content, 17, single_rows=2)
    assert model.many(x[:count]).tolist() == [model.one(row.tolist()) for row in x[:count]]


def test_many__more_rows_than_a_chunk__same_as_one_by_one(monkeypatch):
    monkeypatch.setattr(onnx_model, "CHUNK", 8)
    model = OnnxModel(linear().SerializeToString(), 2, single_rows=2)
    x = np.random.default_rng(0).normal(size=(21, 2))
    assert model.many(x).tolist() == [model.one(row.tolist()) for row in x]


def test_many__no_rows__gives_none():
    assert OnnxModel(linear().SerializeToString(), 2).many(np.empty((0, 2))).shape == (0,)


def test_many__wrong_width__is_refused():
    with pytest.raises(ModelError, match="matrix of 2 columns"):
        OnnxModel(linear().SerializeToString(), 2).many(np.zeros((4, 3)))


def test_one__wrong_width__is_refused():
    with pytest.raises(ModelError, match="does not run"):
        OnnxModel(linear().SerializeToString(), 2).one([1.0, 2.0, 3.0])


@pytest.mark.parametrize("value", [1.5, -0.1, float("nan")])
def test_model__output_is_no_probability__names_the_rows(value):
    model = OnnxModel(graph([NODE("Identity", ["x"], ["y"])], 1).SerializeToString(), 1)
    with pytest.raises(ModelError, match="expected a probability"):
        model.one([value])
    with pytest.raises(ModelError, match="event 1") as error:
        model.many(np.array([[0.5], [value], [0.5], [value]]))
    assert error.value.rows == (1, 3)


def test_model__output_a_rounding_above_one__is_one():
    model = OnnxModel(graph([NODE("Identity", ["x"], ["y"])], 1).SerializeToString(), 1)
    assert model.one([1.0000001]) == 1.0
    assert model.many(np.array([[1.0000001], [-1e-8]])).tolist() == [1.0, 0.0]


def test_model__zipmap__advises_to_export_without(regression):
    fitted, x = regression
    with pytest.raises(ModelError, match="zipmap=False"):
        OnnxModel(to_onnx(fitted, x[:1].astype(np.float32)).SerializeToString(), 17)


def test_model__three_classes__is_refused():
    nodes = [NODE("Softmax", ["x"], ["y"])]
    with pytest.raises(ModelError, match=r"\(2, 3\).*one probability an event"):
        OnnxModel(graph(nodes, 3).SerializeToString(), 3)


def test_model__several_inputs__lists_them():
    inputs = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [None, 1]) for name in ("amount", "age")]
    content = graph([NODE("Add", ["amount", "age"], ["y"])], inputs=inputs).SerializeToString()
    with pytest.raises(ModelError, match=r"one input .*\(n, 2\), found amount tensor\(float\) \(n, 1\), age"):
        OnnxModel(content, 2)


def test_model__other_width__says_both():
    with pytest.raises(ModelError, match=r"\(n, 3\), one column a feature, found x tensor\(float\) \(n, 2\)"):
        OnnxModel(linear().SerializeToString(), 3)


def test_model__fixed_number_of_rows__is_refused():
    inputs = [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 2])]
    content = graph([NODE("Sigmoid", ["x"], ["y"])], inputs=inputs).SerializeToString()
    with pytest.raises(ModelError, match="free number of rows"):
        OnnxModel(content, 2)


def test_model__integer_input__is_refused():
    inputs = [helper.make_tensor_value_info("x", TensorProto.INT64, [None, 2])]
    content = graph([NODE("Cast", ["x"], ["y"], to=TensorProto.FLOAT)], inputs=inputs).SerializeToString()
    with pytest.raises(ModelError, match=r"tensor\(int64\)"):
        OnnxModel(content, 2)


def test_model__not_onnx__is_refused():
    with pytest.raises(ModelError, match="cannot load"):
        OnnxModel(b"no model", 2)


def test_model__three_rows_an_event__is_refused():
    with pytest.raises(ModelError, match="single_rows"):
        OnnxModel(linear().SerializeToString(), 2, single_rows=3)


def test_parity__same_model__has_no_difference():
    model = OnnxModel(graph([NODE("IsNaN", ["x"], ["z"]), NODE("Cast", ["z"], ["y"], to=1)], 1).SerializeToString(), 1)
    assert model.check_parity({"inputs": [[None], [0.5]], "outputs": [1.0, 0.0]}) == 0.0


def test_parity__other_outputs__is_refused():
    model = OnnxModel(linear().SerializeToString(), 2)
    with pytest.raises(ModelError, match=r"up to 1e-05"):
        model.check_parity({"inputs": [[0.0, 0.0]], "outputs": [0.50001]})


def test_parity__other_number_of_features__is_refused():
    with pytest.raises(ModelError, match="matrix of 2 columns"):
        OnnxModel(linear().SerializeToString(), 2).check_parity({"inputs": [[0.0]], "outputs": [0.5]})
