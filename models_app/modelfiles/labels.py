"""The two classes that an ONNX classifier tells apart, by the file's own labels, and which of them is the risk.

Classes come in the order of their labels, which for texts is that of the alphabet: the last is no likelier the risk
than the first, so it is asked for. Of the whole numbers 0 and 1 it is 1.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import onnx
from onnx import TensorProto, helper, numpy_helper

from models_app.modelfiles.report import Refusal

ATTRIBUTES = ("classlabels_strings", "classlabels_int64s", "classlabels_ints")
TEXTS, WHOLE = TensorProto.STRING, (TensorProto.INT32, TensorProto.INT64)


@dataclass(frozen=True)
class Labels:
    """The labels in the order of the classes, as text; `texts` where that is what they are in the file."""

    names: tuple[str, ...]
    texts: bool

    @property
    def known_risk(self) -> str:
        """The label that is the risk by itself; empty where somebody must say."""
        return "1" if not self.texts and sorted(self.names) == ["0", "1"] else ""

    def column(self, answer: str) -> int:
        """The place of the class that is the risk. Raises Refusal without an answer that is one of the labels."""
        risk = answer or self.known_risk
        if risk not in self.names:
            found = f"found {risk!r}" if risk else "found none"
            raise Refusal("labels", f"expected one of the file's labels, {', '.join(self.names)}, {found}; {ADVICE}")
        return self.names.index(risk)


ADVICE = "register it with the label whose probability is the risk"


def labels_of(model: onnx.ModelProto) -> Labels | None:
    """The labels of a classifier of two classes, None where the file has none.

    Those nearest to the output count, and texts before numbers: classifiers inside of others number their classes.
    Raises Refusal where the file gives texts as labels that it does not name.
    """
    found = [each for each in _lists(model) if len(each.names) == 2]
    texts = [each for each in found if each.texts]
    if not texts and any(each.type.tensor_type.elem_type == TEXTS for each in model.graph.output):
        raise Refusal("labels", "its labels are texts that the file does not name; train it on the labels 0 and 1")
    nearest = (texts or found)[-1:]
    return nearest[0] if nearest else None


def _lists(model: onnx.ModelProto) -> Iterator[Labels]:
    constants = {each.name: each for each in model.graph.initializer}
    for node in model.graph.node:
        for attribute in node.attribute:
            if attribute.name in ATTRIBUTES and (attribute.strings or attribute.ints):
                yield _of(attribute.strings or attribute.ints)
        for place, name in enumerate(node.input):
            tensor = constants.get(name)
            if tensor is not None and (tensor.data_type == TEXTS or _is_looked_up(tensor, node, place)):
                yield _of(numpy_helper.to_array(tensor).ravel().tolist())


def _is_looked_up(tensor: TensorProto, node: onnx.NodeProto, place: int) -> bool:
    """Whole numbers by the number of a class: how classifiers are written that ONNX has no operator for."""
    return tensor.data_type in WHOLE and node.op_type == "ArrayFeatureExtractor" and place == 0


def _of(values: Sequence[bytes | str | int]) -> Labels:
    names = [each.decode(errors="replace") if isinstance(each, bytes) else str(each) for each in values]
    return Labels(tuple(names), not isinstance(values[0], int))


def without_zipmap(model: onnx.ModelProto) -> bool:
    """Have a model give its table of probabilities where it gives a map for each event; whether it was so."""
    maps = {each.output[0]: each for each in model.graph.node if each.op_type == "ZipMap"}
    given = [each for each in model.graph.output if each.name in maps]
    for output in given:
        node = maps[output.name]
        output.CopyFrom(helper.make_tensor_value_info(node.input[0], TensorProto.FLOAT, [None, None]))
        model.graph.node.remove(node)
    return bool(given)


def serve_column(model: onnx.ModelProto, output: str, column: int) -> None:
    """Have a model give one column of its output and nothing else."""
    graph = model.graph
    served = next(each for each in graph.output if each.name == output)
    name = f"{output}_of_risk"
    kind = served.type.tensor_type.elem_type
    graph.initializer.append(helper.make_tensor(f"{name}_column", TensorProto.INT64, [1], [column]))
    graph.node.append(helper.make_node("Gather", [output, f"{name}_column"], [name], axis=1))
    del graph.output[:]
    graph.output.append(helper.make_tensor_value_info(name, kind, [None, 1]))
