"""Opening an ONNX file: is it whole, does it stand alone, does it use only what onnxruntime itself knows."""

from codecs import BOM_UTF8
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import onnx
from google.protobuf.message import DecodeError, Message
from onnx import numpy_helper

from models_app.modelfiles import onnx_size
from models_app.modelfiles.labels import Labels, labels_of, serve_column, without_zipmap
from models_app.modelfiles.report import Check, FeatureSpec, Limits, Refusal
from models_app.modelfiles.subject import Subject, Vector, grouped
from scoring.engine.onnx_model import ModelError, OnnxModel

STANDARD_DOMAINS = ("", "ai.onnx", "ai.onnx.ml")
TREES = ("TreeEnsemble", "TreeEnsembleClassifier", "TreeEnsembleRegressor")
SPLITS = ("nodes_splits", "nodes_values_as_tensor", "nodes_values")
OTHER_KINDS = (
    (b"\x80", "a pickle, which is never opened, because opening one runs what is in it; export with skl2onnx.to_onnx"),
    (b"PK", "a zip archive; export the model that is in it to ONNX"),
    (b"tree\n", "a LightGBM text file; register it with the format 'lightgbm'"),
)


def may_be(path: Path) -> bool:
    """Tell an ONNX file by how it begins: with its format's version, a small number, in the first field."""
    with path.open("rb") as file:
        beginning = file.read(2)
    return len(beginning) == 2 and beginning[0] == 0x08 and beginning[1] < 0x80


def open_file(
    content: bytes, features: Sequence[FeatureSpec], risk_label: str = "", most_nodes: int = Limits().nodes
) -> Subject:
    """Raises Refusal where the file is damaged, too large, needs other files, or operators that are not standard.

    `risk_label`: which of the file's two class labels is the risk; Refusal where it has to be said and is not.
    Whether the file keeps the rules of ONNX is left to onnxruntime: that is what will run it.
    """
    model = _parse(content)
    messages = list(_messages(model))
    _check_data_inside(messages)
    _check_operators(model, messages)
    onnx_size.check(model, most_nodes)
    thresholds = _thresholds(messages, len(features))
    if without_zipmap(model):
        content = model.SerializeToString()
    passed = [Check("readable", "An ONNX model that needs no other files and only standard operators.")]
    labels = labels_of(model)
    if labels is None and risk_label:
        raise Refusal("labels", f"the file has no class labels, so none called {risk_label!r}; register it without one")
    if labels is not None:
        content = _serving(model, content, len(features), labels.column(risk_label))
        passed.append(_label_check(labels, labels.column(risk_label)))
    return Subject(content=content, thresholds=thresholds, passed=passed)


def labels(content: bytes) -> Labels | None:
    """The class labels of a file, None where it has none. Raises Refusal where it cannot be read."""
    return labels_of(_parse(content))


def _serving(model: onnx.ModelProto, content: bytes, width: int, column: int) -> bytes:
    """The bytes that give the probability of the class in this column; scoring reads the last one."""
    if column == 1:
        return content
    try:
        loaded = OnnxModel(content, width)
    except ModelError:
        return content  # it cannot be served, as the check of its interface will say
    if loaded.columns != 2:
        reason = "it gives one probability, that of its second label; export the probabilities of both classes"
        raise Refusal("labels", reason)
    serve_column(model, loaded.output, column)
    return bytes(model.SerializeToString())


def _label_check(labels: Labels, column: int) -> Check:
    risk = labels.names[column]
    served = f"served is the probability of {risk}, column {column + 1} of 2"
    return Check("labels", f"Its labels are {', '.join(labels.names)}; {served}.")


def _parse(content: bytes) -> onnx.ModelProto:
    beginning = content[:16].removeprefix(BOM_UTF8).replace(b"\r\n", b"\n")
    for start, kind in OTHER_KINDS:
        if beginning.startswith(start):
            raise Refusal("readable", f"this is no ONNX file but {kind}")
    try:
        model = onnx.load_model_from_string(content)
    except DecodeError as error:
        raise Refusal("readable", "this is no ONNX file, or one cut short; export and upload it anew") from error
    if not model.graph.node:
        raise Refusal("readable", "it has no model in it: was it cut short? Export and upload it anew")
    return model


def _messages(message: Message) -> Iterator[Message]:
    """The message and all messages in it: graphs in nodes in graphs, functions, tensors."""
    yield message
    for field, value in message.ListFields():
        if field.message_type is not None:
            for child in [value] if isinstance(value, Message) else value:
                yield from _messages(child)


def _check_data_inside(messages: Sequence[Message]) -> None:
    for each in messages:
        if isinstance(each, onnx.TensorProto) and (each.data_location or each.external_data):
            raise Refusal(
                "readable",
                f"the tensor {each.name or 'without a name'} lies in another file; save the model in one file, "
                "with onnx.save(model, path, save_as_external_data=False)",
            )


def _check_operators(model: onnx.ModelProto, messages: Sequence[Message]) -> None:
    own = {(each.domain, each.name) for each in model.functions}
    for each in messages:
        if not isinstance(each, onnx.NodeProto):
            continue
        if each.domain in STANDARD_DOMAINS or (each.domain, each.op_type) in own:
            continue
        raise Refusal(
            "readable",
            f"the operator {each.op_type} belongs to the domain {each.domain}, allowed are only the standard ones "
            "(ai.onnx, ai.onnx.ml); export without custom operators and without optimisation for one runtime",
        )


def _thresholds(messages: Sequence[Message], width: int) -> dict[int, Vector]:
    """Where the model's trees split, as far as they read the input directly."""
    columns, values = [np.empty(0, dtype=np.int64)], [np.empty(0)]
    for each in messages:
        if isinstance(each, onnx.NodeProto) and each.op_type in TREES:
            found = {attribute.name: attribute for attribute in each.attribute}
            kept = next((name for name in SPLITS if name in found), None)
            if kept is None or "nodes_featureids" not in found:
                lacks = "nodes_featureids" if kept else SPLITS[0] if each.op_type == "TreeEnsemble" else SPLITS[-1]
                raise Refusal("readable", f"the operator {each.op_type} lacks its {lacks}; export the model anew")
            features = np.array(found["nodes_featureids"].ints, dtype=np.int64)
            splits = _numbers(found[kept])
            if len(features) == len(splits):
                columns.append(features[features < width])
                values.append(splits[features < width])
    return grouped(np.concatenate(columns), np.concatenate(values))


def _numbers(attribute: onnx.AttributeProto) -> Vector:
    if attribute.floats:
        return np.array(attribute.floats, dtype=np.float64)
    return np.asarray(numpy_helper.to_array(attribute.t), dtype=np.float64).ravel()
