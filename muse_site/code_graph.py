"""What a function can reach by the names in it: a graph of the source, rather too large than too small."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
_SKIPPED = ("migrations", "tests")


def name_of(function: Any) -> str:
    """The name of a function or method as the graph has it: module and qualified name."""
    function = getattr(function, "__wrapped__", function)
    return f"{function.__module__}.{function.__qualname__}"


@dataclass
class _Module:
    """A file: what its names stand for (`imports`), and its functions, methods and variables by name."""

    imports: dict[str, str] = field(default_factory=dict)
    nodes: dict[str, ast.AST] = field(default_factory=dict)
    classes: dict[str, ast.ClassDef] = field(default_factory=dict)


class Graph:
    """Functions, methods and module variables of some packages; edges are references by name."""

    def __init__(self, packages: tuple[str, ...]) -> None:
        self._modules = {
            ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): _read(path)
            for package in packages
            for path in sorted((ROOT / package).rglob("*.py"))
            if not set(path.parts) & set(_SKIPPED)
        }

    def __contains__(self, name: str) -> bool:
        module, rest = self._split(name)
        return bool(module) and rest in self._modules[module].nodes

    def reached(self, start: str, of: type | None = None) -> set[str]:
        """All that can be reached from a node; `of`: the class whose methods `self` has there."""
        found: set[str] = set()
        waiting = [start]
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                waiting += self._references(name, of)
        return found

    def _references(self, name: str, of: type | None) -> Iterator[str]:
        module, rest = self._split(name)
        node = self._modules[module].nodes.get(rest) if module else None
        for each in ast.walk(node) if node else ():
            if isinstance(each, ast.Name):
                yield from self._resolved(module, each.id)
            elif isinstance(each, ast.Attribute):
                yield from self._attribute(module, each, of)

    def _attribute(self, module: str, node: ast.Attribute, of: type | None) -> Iterator[str]:
        base = node.value
        if isinstance(base, ast.Name) and base.id == "self" and of is not None:
            yield from _method(of, node.attr)
        elif isinstance(base, ast.Call) and getattr(base.func, "id", "") == "super" and of is not None:
            for kind in of.__mro__[1:]:
                yield from _method(kind, node.attr)
        elif isinstance(base, ast.Name) and base.id in self._modules[module].imports:
            yield from self._found(f"{self._modules[module].imports[base.id]}.{node.attr}")
        yield from self._methods_in_sight(module, node.attr)

    def _methods_in_sight(self, module: str, attribute: str) -> Iterator[str]:
        """Methods of this name of the classes that the module imports or has, for objects of unknown class."""
        here = self._modules[module]
        sight = [f"{module}.{name}" for name in here.classes] + list(here.imports.values())
        for kind in sight:
            owner, name = self._split(kind)
            if owner and f"{name}.{attribute}" in self._modules[owner].nodes:
                yield f"{owner}.{name}.{attribute}"

    def _resolved(self, module: str, name: str) -> Iterator[str]:
        here = self._modules[module]
        if name in here.nodes or name in here.classes:
            yield f"{module}.{name}"
        elif name in here.imports:
            yield from self._found(here.imports[name])

    def _found(self, name: str) -> Iterator[str]:
        """The node that a name stands for, also where a package passes it on."""
        module, rest = self._split(name)
        if module and rest in self._modules[module].nodes:
            yield name
        elif module and self._modules[module].imports.get(rest, name) != name:  # a package may import its own modules
            yield from self._found(self._modules[module].imports[rest])

    def _split(self, name: str) -> tuple[str, str]:
        """The module of a name, and the rest; "" where it is not of these packages."""
        parts = name.split(".")
        for count in range(len(parts) - 1, 0, -1):
            if ".".join(parts[:count]) in self._modules:
                return ".".join(parts[:count]), ".".join(parts[count:])
        return "", name


def _method(kind: type, attribute: str) -> Iterator[str]:
    found = getattr(kind, attribute, None)
    if callable(found) and hasattr(found, "__qualname__"):
        yield name_of(found)


def _read(path: Path) -> _Module:
    found = _Module()
    tree = ast.parse(path.read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            found.imports |= {each.asname or each.name: f"{node.module}.{each.name}" for each in node.names}
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            found.nodes[node.name] = node
        elif isinstance(node, ast.ClassDef):
            found.classes[node.name] = node
            found.nodes |= {f"{node.name}.{each.name}": each for each in node.body if isinstance(each, ast.FunctionDef)}
        elif isinstance(node, ast.Assign | ast.AnnAssign) and node.value:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            found.nodes |= {each.id: node.value for each in targets if isinstance(each, ast.Name)}
    return found
