"""Model files that do harm when they are loaded or run, each in a way that onnxruntime itself does not prevent."""

import numpy as np
import onnx
from onnx import TensorProto, helper

_SIZE = 256  # of a matrix: its product takes about a millisecond


def crashing_onnx(depth: int = 200_000) -> bytes:
    """A tree that is one long chain, of one feature: building it overflows the stack (SIGSEGV). Not so if shallow."""
    branches, leaves = range(depth), range(depth, 2 * depth + 1)
    count = len(branches) + len(leaves)
    node = helper.make_node(
        "TreeEnsembleRegressor",
        ["x"],
        ["probability"],
        domain="ai.onnx.ml",
        nodes_treeids=[0] * count,
        nodes_nodeids=list(range(count)),
        nodes_featureids=[0] * count,
        nodes_values=[-float(place) for place in branches] + [0.0] * len(leaves),
        nodes_modes=[b"BRANCH_LEQ"] * len(branches) + [b"LEAF"] * len(leaves),
        nodes_truenodeids=list(leaves[:-1]) + [0] * len(leaves),
        nodes_falsenodeids=[*branches[1:], leaves[-1]] + [0] * len(leaves),
        target_treeids=[0] * len(leaves),
        target_nodeids=list(leaves),
        target_ids=[0] * len(leaves),
        target_weights=[0.5] * len(leaves),
        n_targets=1,
    )
    return _model([node], [])


def hanging_onnx() -> bytes:
    """A loop that never ends."""
    body = helper.make_graph(
        [helper.make_node("Identity", ["going"], ["going_on"]), helper.make_node("Identity", ["value"], ["same"])],
        "body",
        [
            helper.make_tensor_value_info("round", TensorProto.INT64, ()),
            helper.make_tensor_value_info("going", TensorProto.BOOL, ()),
            helper.make_tensor_value_info("value", TensorProto.FLOAT, (None, 1)),
        ],
        [
            helper.make_tensor_value_info("going_on", TensorProto.BOOL, ()),
            helper.make_tensor_value_info("same", TensorProto.FLOAT, (None, 1)),
        ],
    )
    constants = [
        helper.make_tensor("rounds", TensorProto.INT64, (), [np.iinfo(np.int64).max]),
        helper.make_tensor("yes", TensorProto.BOOL, (), [True]),
    ]
    return _model([helper.make_node("Loop", ["rounds", "yes", "x"], ["probability"], body=body)], constants)


def greedy_onnx() -> bytes:
    """Asks for 32 GiB, and gives 0.5."""
    constants = [
        helper.make_tensor("shape", TensorProto.INT64, (2,), [1 << 17, 1 << 16]),
        helper.make_tensor("zero", TensorProto.FLOAT, (), [0.0]),
        helper.make_tensor("half", TensorProto.FLOAT, (), [0.5]),
    ]
    nodes = [
        helper.make_node("ReduceMean", ["x"], ["mean"], keepdims=0),
        helper.make_node("Expand", ["mean", "shape"], ["large"]),
        helper.make_node("ReduceMax", ["large"], ["largest"], keepdims=0),
        helper.make_node("Mul", ["largest", "zero"], ["nothing"]),
        helper.make_node("Mul", ["x", "nothing"], ["nothings"]),
        helper.make_node("Add", ["nothings", "half"], ["probability"]),
    ]
    return _model(nodes, constants)


def nan_onnx() -> bytes:
    """Gives NaN, the root of a negative number, for a feature above 50, and 0.5 for any other."""
    constants = [
        helper.make_tensor(name, TensorProto.FLOAT, (), [value])
        for name, value in (("fifty", 50.0), ("zero", 0.0), ("half", 0.5))
    ]
    nodes = [
        helper.make_node("Sub", ["fifty", "x"], ["left"]),
        helper.make_node("Sqrt", ["left"], ["root"]),
        helper.make_node("Mul", ["root", "zero"], ["nothing"]),
        helper.make_node("Add", ["nothing", "half"], ["probability"]),
    ]
    return _model(nodes, constants)


def slow_onnx(rounds: int) -> bytes:
    """Multiplies matrices for so many rounds for a feature above 50, for one round for any other, and gives 0.5."""
    product = helper.make_graph(
        [
            helper.make_node("Identity", ["going"], ["going_on"]),
            helper.make_node("MatMul", ["matrix", "one"], ["next"]),
        ],
        "body",
        [
            helper.make_tensor_value_info("round", TensorProto.INT64, ()),
            helper.make_tensor_value_info("going", TensorProto.BOOL, ()),
            helper.make_tensor_value_info("matrix", TensorProto.FLOAT, (_SIZE, _SIZE)),
        ],
        [
            helper.make_tensor_value_info("going_on", TensorProto.BOOL, ()),
            helper.make_tensor_value_info("next", TensorProto.FLOAT, (_SIZE, _SIZE)),
        ],
    )
    constants = [
        helper.make_tensor("yes", TensorProto.BOOL, (), [True]),
        helper.make_tensor("one", TensorProto.FLOAT, (_SIZE, _SIZE), np.eye(_SIZE, dtype=np.float32).ravel().tolist()),
        *[
            helper.make_tensor(name, TensorProto.FLOAT, (), [value])
            for name, value in (("fifty", 50.0), ("zero", 0.0), ("half", 0.5), ("more", float(rounds)), ("least", 1.0))
        ],
    ]
    nodes = [
        helper.make_node("Greater", ["x", "fifty"], ["above"]),
        helper.make_node("Cast", ["above"], ["marks"], to=TensorProto.FLOAT),
        helper.make_node("ReduceMax", ["marks"], ["mark"], keepdims=0),
        helper.make_node("Mul", ["mark", "more"], ["many"]),
        helper.make_node("Add", ["many", "least"], ["all"]),
        helper.make_node("Cast", ["all"], ["rounds"], to=TensorProto.INT64),
        helper.make_node("Loop", ["rounds", "yes", "one"], ["last"], body=product),
        helper.make_node("ReduceMax", ["last"], ["largest"], keepdims=0),
        helper.make_node("Mul", ["largest", "zero"], ["nothing"]),
        helper.make_node("Mul", ["x", "nothing"], ["nothings"]),
        helper.make_node("Add", ["nothings", "half"], ["probability"]),
    ]
    return _model(nodes, constants)


def _model(nodes: list[onnx.NodeProto], constants: list[onnx.TensorProto]) -> bytes:
    graph = helper.make_graph(
        nodes,
        "harm",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, (None, 1))],
        [helper.make_tensor_value_info("probability", TensorProto.FLOAT, (None, 1))],
        constants,
    )
    opsets = [helper.make_opsetid("", 18), helper.make_opsetid("ai.onnx.ml", 3)]
    return bytes(helper.make_model(graph, opset_imports=opsets, ir_version=9).SerializeToString())
