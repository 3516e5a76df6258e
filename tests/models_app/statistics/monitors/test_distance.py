"""How far events lie from what is expected, and what chance makes of it."""

import numpy as np
import pytest

from models_app.statistics.monitors.distance import distance
from scoring.engine import bins


def spread(values: np.ndarray) -> dict[str, int]:
    found, counts = np.unique(bins.of_probabilities(values), return_counts=True)
    return {str(each): int(count) for each, count in zip(found.tolist(), counts.tolist(), strict=True)}


def expected(probability: float) -> float:
    """Of probabilities that are spread evenly."""
    return 1.0 - probability


def test_distance__of_samples_of_what_is_expected__is_mostly_within_what_chance_makes_it() -> None:
    rng = np.random.default_rng(4)
    found = [distance(spread(rng.random(1500)), expected) for _ in range(200)]
    below = np.mean([each.apart <= each.by_chance for each in found if each is not None])
    assert 0.4 < below < 0.85  # bins hide a little


def test_distance__of_events_that_have_moved__is_the_greatest_difference_of_shares() -> None:
    found = distance(spread(np.random.default_rng(4).random(20_000) ** 2), expected)
    assert found is not None
    assert found.apart == pytest.approx(0.25, abs=0.02)  # of √p and p, at a quarter
    assert found.by_chance < 0.01


def test_distance__from_a_sample_of_as_many__allows_for_the_chance_of_both() -> None:
    one, both = distance({"0": 100}, expected), distance({"0": 100}, expected, fitted_on=100)
    assert one is not None
    assert both is not None
    assert both.by_chance == pytest.approx(one.by_chance * 2**0.5)


def test_distance__without_events__is_none() -> None:
    assert distance({}, expected) is None
