"""A tenant whose live predictor fails on some events, as a real model does."""

import numpy as np
import onnx
from onnx import TensorProto, helper

from scoring.engine import document
from scoring.engine.onnx_model import OnnxModel
from scoring.store import artifacts
from tests.documents import AMOUNT, HOUR, Documents, digest_of

OLD, NEW = document.Target("old@1", 1), document.Target("new@1", 2)
WELL = {"amount": 100.0, "hour": 1}
NO_PROBABILITY, RAISES = WELL | {"amount": 2000.0}, WELL | {"hour": 9}


def failing_onnx() -> bytes:
    """A thousandth of the amount: no probability above 1,000. It looks hours up in a table of five; others fail."""
    nodes = [
        helper.make_node("Split", ["x"], ["amount", "hour"], axis=1, num_outputs=2),
        helper.make_node("Cast", ["hour"], ["place"], to=TensorProto.INT64),
        helper.make_node("Gather", ["nothing", "place"], ["none"]),
        helper.make_node("Div", ["amount", "thousand"], ["share"]),
        helper.make_node("Add", ["share", "none"], ["probability"]),
    ]
    constants = [
        helper.make_tensor("nothing", TensorProto.DOUBLE, (5,), [0.0] * 5),
        helper.make_tensor("thousand", TensorProto.DOUBLE, (), [1000.0]),
    ]
    graph = helper.make_graph(
        nodes,
        "failing",
        [helper.make_tensor_value_info("x", TensorProto.DOUBLE, (None, 2))],
        [helper.make_tensor_value_info("probability", TensorProto.DOUBLE, (None, 1))],
        constants,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString())


def failing_documents(tenant: str, *fallbacks: document.Target | float, intent: str = "cards") -> Documents:
    """One intent of one route, whose `NEW` predictor fails; `OLD` does not."""
    documents = Documents(tenant)
    old = documents.model(["amount", "hour"], [0.002, 0.05], -2.0, name="old@1")
    content = failing_onnx()
    documents.contents[digest_of(content)] = content
    documents.models["new@1"] = document.Model(digest_of(content), ("amount", "hour"))
    documents.predictor("old@1", document.Member(old))
    documents.predictor("new@1", document.Member("new@1"))
    documents.transform(1)
    documents.transform(2, (0.0, 0.1, 1.0), (0.0, 0.6, 1.0))
    documents.intent(intent, document.Route("all", NEW, fallbacks=fallbacks), features=(AMOUNT, HOUR))
    return documents


def store(documents: Documents) -> None:
    """Keep its models, tried with events on which none of them fails."""
    inputs = [[10.0, 1.0], [20.0, 2.0]]
    for model in documents.models.values():
        content = documents.contents[model.digest]
        outputs = OnnxModel(content, 2).many(np.array(inputs))
        artifacts.store(content, {"inputs": inputs, "outputs": outputs.tolist()})
