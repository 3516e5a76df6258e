"""Writing a LightGBM model as ONNX that decides on doubles, as LightGBM does.

The common converters cut inputs and thresholds down to float32, and then events that differ by seconds or cents fall
into the wrong leaves. ONNX's `TreeEnsemble` (ai.onnx.ml, opset 5) takes doubles and sets of categories as they are,
so that nodes and leaves go over one to one.

How LightGBM decides (`Tree::NumericalDecision` and `CategoricalDecision` in its `tree.h`), and how it is said here:

- missing type NaN: null goes the default way      → the node's way for NaN
- missing type none: null counts as zero           → the node's way for NaN is the one that zero goes
- missing type zero: zero too goes the default way → such zeros become NaN before they reach the trees
- any value up to 1e-35 is a zero                  → no threshold lies closer to zero than that
- a set of categories: null goes right             → the false branch
"""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

from models_app.modelfiles.lightgbm_text import DEFAULT_LEFT, MISSING_TYPE, MISSING_ZERO, Doubles, Ensemble, Ints, Tree
from models_app.modelfiles.report import Refusal

LESS_OR_EQUAL, MEMBER = 0, 6  # modes of TreeEnsemble's nodes
ZERO_LIMIT = float(np.float32(1e-35))  # LightGBM's kZeroThreshold: up to here a value is a zero
LANES = 8  # as many doubles as the widest vector register holds


def convert(ensemble: Ensemble) -> bytes:
    """ONNX bytes: input `features` (n, F) of doubles, output `probability` (n, 1) of doubles. Raises Refusal."""
    width = len(ensemble.features)
    limits = _zero_limits(ensemble.trees, width)
    zeros_to_null = _zeros_to_null() if (limits > 0).any() else []
    constants = {"first": np.array([0])}
    if zeros_to_null:
        constants |= {"zero_limits": limits, "null": np.array(np.nan)}
    graph = helper.make_graph(
        [*zeros_to_null, _trees(ensemble, "known" if zeros_to_null else "features"), *_probability()],
        "lightgbm",
        [helper.make_tensor_value_info("features", TensorProto.DOUBLE, [None, width])],
        [helper.make_tensor_value_info("probability", TensorProto.DOUBLE, [None, 1])],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    opsets = [helper.make_opsetid("", 18), helper.make_opsetid("ai.onnx.ml", 5)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=10, producer_name="muse")
    return bytes(model.SerializeToString(deterministic=True))


def _zero_limits(trees: tuple[Tree, ...], width: int) -> Doubles:
    """Return for each feature the magnitude up to which a value counts as missing; -1 where zero is a value."""
    limits = np.full(width, -1.0)
    numeric = [~tree.categorical for tree in trees]
    feature = np.concatenate([tree.feature[keep] for tree, keep in zip(trees, numeric, strict=True)])
    kinds = np.concatenate([tree.decision[keep] & MISSING_TYPE for tree, keep in zip(trees, numeric, strict=True)])
    zero, other = set(feature[kinds == MISSING_ZERO]), set(feature[kinds != MISSING_ZERO])
    if zero & other:
        raise Refusal(
            "convertible",
            f"feature number {min(zero & other)} takes zero as missing in some trees and not in others; "
            "train all trees with one setting of zero_as_missing",
        )
    limits[list(zero)] = ZERO_LIMIT
    return limits


def _zeros_to_null() -> list[onnx.NodeProto]:
    return [
        helper.make_node("Abs", ["features"], ["magnitude"]),
        helper.make_node("LessOrEqual", ["magnitude", "zero_limits"], ["is_zero"]),
        helper.make_node("Where", ["is_zero", "null", "features"], ["known"]),
    ]


def _probability() -> list[onnx.NodeProto]:
    """The sigmoid of each margin, computed in a full vector: in a vector and alone its last bit can differ."""
    return [
        helper.make_node("Concat", ["margin"] * LANES, ["margins"], axis=1),
        helper.make_node("Sigmoid", ["margins"], ["probabilities"]),
        helper.make_node("Gather", ["probabilities", "first"], ["probability"], axis=1),
    ]


def _trees(ensemble: Ensemble, source: str) -> onnx.NodeProto:
    trees = [_with_root(tree) for tree in ensemble.trees]
    node_starts = np.cumsum([0, *(len(tree.feature) for tree in trees)])
    leaf_starts = np.cumsum([0, *(len(tree.leaf) for tree in trees)])

    def each(part: Callable[[Tree], npt.NDArray[np.generic]]) -> npt.NDArray[np.generic]:
        return np.concatenate([part(tree) for tree in trees])

    def children(side: Callable[[Tree], Ints]) -> tuple[list[int], list[int]]:
        """Positions among all nodes or all leaves, and which are leaves."""
        parts = [_positions(side(tree), node_starts[i], leaf_starts[i]) for i, tree in enumerate(trees)]
        return np.concatenate(parts).tolist(), each(lambda tree: (side(tree) < 0).astype(np.int64)).tolist()

    true_ids, true_leaves = children(lambda tree: tree.left)
    false_ids, false_leaves = children(lambda tree: tree.right)
    scale = ensemble.sigmoid / (len(trees) if ensemble.average else 1)
    sets = _sets(trees)
    return helper.make_node(
        "TreeEnsemble",
        [source],
        ["margin"],
        domain="ai.onnx.ml",
        n_targets=1,
        tree_roots=node_starts[:-1].tolist(),
        nodes_featureids=each(lambda tree: tree.feature).tolist(),
        nodes_modes=numpy_helper.from_array(each(_modes)),
        nodes_splits=numpy_helper.from_array(each(_splits)),
        nodes_truenodeids=true_ids,
        nodes_trueleafs=true_leaves,
        nodes_falsenodeids=false_ids,
        nodes_falseleafs=false_leaves,
        nodes_missing_value_tracks_true=each(_null_goes_left).tolist(),
        leaf_targetids=[0] * int(leaf_starts[-1]),
        leaf_weights=numpy_helper.from_array(each(lambda tree: tree.leaf * scale)),
        membership_values=numpy_helper.from_array(sets) if len(sets) else None,
    )


def _with_root(tree: Tree) -> Tree:
    """ONNX has no tree without a node: a single leaf becomes a node whose two ways lead to it."""
    if len(tree.feature):
        return tree
    zero = np.zeros(1, dtype=np.int64)
    return Tree(zero, np.zeros(1), zero, ~zero, ~zero, tree.leaf, tree.set_starts, tree.set_words)


def _positions(children: Ints, node_start: int, leaf_start: int) -> Ints:
    return np.where(children < 0, leaf_start + ~children, node_start + children)


def _modes(tree: Tree) -> npt.NDArray[np.uint8]:
    return np.where(tree.categorical, MEMBER, LESS_OR_EQUAL).astype(np.uint8)


def _splits(tree: Tree) -> Doubles:
    """Thresholds moved out of the range in which LightGBM takes every value for a zero, to the side they are on."""
    zero_goes = np.where(tree.threshold >= 0, ZERO_LIMIT, np.nextafter(-ZERO_LIMIT, -np.inf))
    splits = np.where(np.abs(tree.threshold) <= ZERO_LIMIT, zero_goes, tree.threshold)
    return np.where(tree.categorical, 0.0, splits)


def _null_goes_left(tree: Tree) -> Ints:
    default_left = (tree.decision & DEFAULT_LEFT) != 0
    as_zero = (tree.decision & MISSING_TYPE) == 0
    return (~tree.categorical & np.where(as_zero, tree.threshold >= 0, default_left)).astype(np.int64)


def _sets(trees: list[Tree]) -> Doubles:
    """The categories that go left at each categorical node, a NaN after each set."""
    sets = [tree.members(int(node)) for tree in trees for node in np.flatnonzero(tree.categorical)]
    return np.array([value for members in sets for value in (*members, np.nan)], dtype=np.float64)
