"""The largest move of a score from one mapping to another."""

import pytest

from models_app.statistics.mapping_distance import largest_move


@pytest.mark.parametrize(
    ("before", "after", "move"),
    [
        (([0, 1], [0, 1]), ([0, 1], [0, 1]), 0.0),
        (([0, 1], [0, 1]), ([0, 0.5, 1], [0, 0.7, 1]), 0.2),
        (([0, 0.2, 1], [0, 0.9, 1]), ([0, 0.4, 1], [0, 0.9, 1]), 0.45),  # at a knot of the first
    ],
)
def test_move__of_two_mappings__is_the_largest_at_any_probability(
    before: tuple[list[float], list[float]], after: tuple[list[float], list[float]], move: float
) -> None:
    assert largest_move(before, after) == pytest.approx(move)
    assert largest_move(after, before) == pytest.approx(move)
