"""Reading LightGBM's text format, with every number as the double that it is.

A tree of L leaves has L - 1 inner nodes. Children are node indices from 0 up, or `~leaf` below 0. The bits of
`decision_type`: 1 categorical, 2 default left, and 12 the missing type (0 none, 4 zero, 8 NaN). The format is
described by `Tree::ToString` in LightGBM's `src/io/tree.cpp`.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from models_app.modelfiles.report import Refusal

CATEGORICAL, DEFAULT_LEFT, MISSING_TYPE, MISSING_ZERO, MISSING_NAN = 1, 2, 12, 4, 8
SIGMOID_OBJECTIVES = ("binary", "cross_entropy")
EXPORT_ADVICE = "write the file anew with booster.save_model(path)"

Ints = npt.NDArray[np.int64]
Doubles = npt.NDArray[np.float64]
Array = TypeVar("Array", Ints, Doubles)


@dataclass(frozen=True)
class Tree:
    """One tree as arrays: the first six by inner node, `leaf` by leaf, the last two the sets of categories."""

    feature: Ints
    threshold: Doubles
    decision: Ints
    left: Ints
    right: Ints
    leaf: Doubles
    set_starts: Ints
    set_words: Ints

    @property
    def categorical(self) -> npt.NDArray[np.bool_]:
        """Which inner nodes ask whether a category is in a set."""
        return (self.decision & CATEGORICAL).astype(np.bool_)

    def members(self, node: int) -> list[int]:
        """The categories that go left at a categorical node."""
        index = int(self.threshold[node])
        words = self.set_words[self.set_starts[index] : self.set_starts[index + 1]]
        return [32 * place + bit for place, word in enumerate(words) for bit in range(32) if int(word) >> bit & 1]


@dataclass(frozen=True)
class Ensemble:
    """A model: probability = 1 / (1 + exp(-sigmoid · sum of leaves)), or of their mean where `average`."""

    features: tuple[str, ...]
    sigmoid: float
    average: bool
    trees: tuple[Tree, ...]
    pandas_categories: tuple[tuple[str, ...], ...]


def read(content: bytes) -> Ensemble:
    """Parse a model file. Raises Refusal where it is no whole LightGBM model of one probability."""
    text = text_of(content)
    header, *blocks = text.partition("\nend of trees")[0].split("\nTree=")  # beyond it, features stand at line starts
    head = _fields(header)
    features = tuple(word for word in head.get("feature_names", "").split(" ") if word)
    _check_header(head)
    trees = tuple(_trees(blocks))
    _check_columns(trees, features)
    expected = len(head.get("tree_sizes", "").split())
    if not trees or len(trees) != expected:
        raise Refusal("readable", f"the header announces {expected} trees, the file has {len(trees)}; {EXPORT_ADVICE}")
    return Ensemble(
        features=features,
        sigmoid=_sigmoid(head["objective"]),
        average="average_output" in head,
        trees=trees,
        pandas_categories=_pandas_categories(text),
    )


def text_of(content: bytes) -> str:
    """The file as LightGBM itself writes it: no byte order mark, and lines that end in LF. Raises Refusal."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Refusal("readable", f"this is no text, so no LightGBM model ({error}); {EXPORT_ADVICE}") from error
    text = text.replace("\r\n", "\n")
    if not text.startswith("tree\n"):
        raise Refusal("readable", f"a LightGBM model begins with the line 'tree', this file does not; {EXPORT_ADVICE}")
    if "\nend of trees" not in text:
        raise Refusal("readable", f"the file stops before 'end of trees': it was cut short; {EXPORT_ADVICE}")
    return text


def _fields(block: str) -> dict[str, str]:
    pairs = (line.partition("=") for line in block.split("\n"))
    return {key: value for key, _, value in pairs if key}


def _check_header(head: dict[str, str]) -> None:
    objective = head.get("objective", "")
    if objective.split()[:1] not in [[name] for name in SIGMOID_OBJECTIVES]:
        raise Refusal(
            "probability",
            f"objective must be one of {', '.join(SIGMOID_OBJECTIVES)} to give a probability, "
            f"found {objective or 'none (a custom objective?)'}; train with one of them",
        )
    if head.get("num_tree_per_iteration", "1") != "1":
        raise Refusal("probability", "the model has several classes; train one for two classes (objective=binary)")


def _sigmoid(objective: str) -> float:
    for word in objective.split():
        if word.startswith("sigmoid:"):
            return _number(word)
    return 1.0


def _number(word: str) -> float:
    try:
        return float(word.partition(":")[2])
    except ValueError as error:
        raise Refusal("readable", f"objective: {word} is no number; {EXPORT_ADVICE}") from error


def _check_columns(trees: Sequence[Tree], features: Sequence[str]) -> None:
    for number, tree in enumerate(trees):
        for column in (int(tree.feature.min(initial=0)), int(tree.feature.max(initial=0))):
            if not 0 <= column < len(features):
                reason = f"tree {number} is damaged (it splits on feature {column} of {len(features)})"
                raise Refusal("readable", f"{reason}; {EXPORT_ADVICE}")


def _trees(blocks: list[str]) -> Iterator[Tree]:
    for number, block in enumerate(blocks):
        fields = _fields(block.split("\n\n", 1)[0])
        if fields.get("is_linear", "0") != "0":
            raise Refusal("convertible", "linear trees are not supported; train with linear_tree=false")
        try:
            yield _tree(fields)
        except (ValueError, KeyError, IndexError) as error:
            raise Refusal("readable", f"tree {number} is damaged ({error}); {EXPORT_ADVICE}") from error


def _tree(fields: dict[str, str]) -> Tree:
    leaves = int(fields["num_leaves"])
    nodes = leaves - 1
    tree = Tree(
        feature=_integers(fields, "split_feature", nodes),
        threshold=_doubles(fields, "threshold", nodes),
        decision=_integers(fields, "decision_type", nodes),
        left=_integers(fields, "left_child", nodes),
        right=_integers(fields, "right_child", nodes),
        leaf=_doubles(fields, "leaf_value", leaves),
        set_starts=np.array(fields.get("cat_boundaries", "").split(), dtype=np.int64),
        set_words=np.array(fields.get("cat_threshold", "").split(), dtype=np.int64),
    )
    _check_children(tree, leaves)
    return tree


def _check_children(tree: Tree, leaves: int) -> None:
    """Every node and leaf has one parent, and a node comes after its parent: no cycles for a runtime to fall into."""
    nodes = leaves - 1
    children = np.concatenate([tree.left, tree.right])
    if not np.array_equal(np.sort(children), np.r_[-leaves:0, 1:nodes] if nodes else np.r_[0:0]):
        raise ValueError("its children do not form a tree")
    parents = np.r_[0:nodes, 0:nodes]
    if (children[children > 0] <= parents[children > 0]).any():
        raise ValueError("its nodes are out of order")


def _integers(fields: dict[str, str], name: str, size: int) -> Ints:
    return _sized(np.array(fields.get(name, "").split(), dtype=np.int64), name, size)


def _doubles(fields: dict[str, str], name: str, size: int) -> Doubles:
    return _sized(np.array(fields.get(name, "").split(), dtype=np.float64), name, size)


def _sized(values: Array, name: str, size: int) -> Array:
    if len(values) != size:
        raise ValueError(f"{name} has {len(values)} values, expected {size}")
    return values


def _pandas_categories(text: str) -> tuple[tuple[str, ...], ...]:
    """The categories of each pandas column of type category, in the order of their codes."""
    _, found, tail = text.rpartition("\npandas_categorical:")
    try:
        lists = json.loads(tail.split("\n", 1)[0]) if found else None
        return tuple(tuple(str(value) for value in values) for values in lists or ())
    except (ValueError, TypeError, RecursionError) as error:
        raise Refusal("readable", f"pandas_categorical is no list of lists; {EXPORT_ADVICE}") from error
