"""Signatures: shared by events that are nearly the same, and hardly ever by others."""

import numpy as np
import pyarrow as pa

from scoring.engine.signatures import COUNT
from scoring.lake.signatures import signatures_of

RNG = np.random.default_rng(6)
EVENTS = 2_000
FEATURES = {f"f{number}": RNG.lognormal(3.0, 1.5, EVENTS) for number in range(12)}


def of(features: dict[str, np.ndarray]) -> np.ndarray:
    return signatures_of({name: pa.array(values) for name, values in features.items()}, EVENTS)


def shared(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.mean(np.any(one == other, axis=1)))


def test_signatures__of_copies_with_small_changes_of_a_few_features__are_shared_mostly() -> None:
    changed = FEATURES | {name: FEATURES[name] * RNG.normal(1.0, 0.05, EVENTS) for name in ("f1", "f2", "f3")}
    assert shared(of(FEATURES), of(changed)) > 0.75


def test_signatures__of_other_events__are_not_shared() -> None:
    others = {name: RNG.permutation(values) for name, values in FEATURES.items()}
    assert shared(of(FEATURES), of(others)) < 0.001


def test_signatures__of_the_same_events__are_the_same_in_any_order_and_company() -> None:
    whole = of(FEATURES)
    backwards = {name: pa.array(FEATURES[name][:3]) for name in reversed(list(FEATURES))}
    assert np.array_equal(signatures_of(backwards, 3), whole[:3])


def test_signatures__of_texts_truths_and_nulls__tell_them_apart() -> None:
    kind = pa.array(["a", "b", None, "a"])
    truth = pa.array([True, True, None, False])
    number = pa.array([1, 1, None, 1], pa.int64())
    found = signatures_of({"kind": kind, "truth": truth, "number": number}, 4)
    assert found.shape == (4, COUNT)
    assert len({tuple(row) for row in found.tolist()}) == 4
    broken, none = pa.array([float("nan"), float("inf")]), pa.array([None, None], pa.float64())
    assert np.array_equal(signatures_of({"x": broken}, 2), signatures_of({"x": none}, 2))


def test_signatures__of_no_features__are_none() -> None:
    assert signatures_of({}, 7).shape == (0, COUNT)
