"""How much a graph runs: its operators, with those of the functions that it calls, however few bytes say so."""

from collections.abc import Iterator, Mapping

import onnx

from models_app.modelfiles.report import Refusal

DEEPEST = 50  # functions that call functions

Name = tuple[str, str]


def check(model: onnx.ModelProto, most: int) -> None:
    """Refusal above so many operators, or where functions call themselves or each other too deep."""
    count = _Counting({(each.domain, each.name): each for each in model.functions}).of_graph(model.graph)
    if count > most:
        raise Refusal("size", f"it runs {count:,} operators, allowed are {most:,}; upload a smaller model")


class _Counting:
    def __init__(self, functions: Mapping[Name, onnx.FunctionProto]) -> None:
        self._functions = functions
        self._known: dict[Name, int] = {}

    def of_graph(self, graph: onnx.GraphProto | onnx.FunctionProto, depth: int = 0) -> int:
        return sum(1 + self._of_function((node.domain, node.op_type), depth) for node in _nodes(graph))

    def _of_function(self, name: Name, depth: int) -> int:
        if name not in self._functions:
            return 0
        if depth == DEEPEST:
            reason = f"functions call functions more than {DEEPEST} deep, or themselves; export the model without them"
            raise Refusal("size", reason)
        if name not in self._known:
            self._known[name] = self.of_graph(self._functions[name], depth + 1)
        return self._known[name]


def _nodes(graph: onnx.GraphProto | onnx.FunctionProto) -> Iterator[onnx.NodeProto]:
    """The nodes of a graph and of the graphs in them."""
    for node in graph.node:
        yield node
        for attribute in node.attribute:
            for inner in (*([attribute.g] if attribute.HasField("g") else ()), *attribute.graphs):
                yield from _nodes(inner)
