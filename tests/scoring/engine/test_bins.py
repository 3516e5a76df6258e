"""Bins: every value is counted into the one whose least value it is, or above."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from scoring.engine import bins

FINITE = st.floats(allow_nan=False, allow_infinity=False, width=64)


@given(st.lists(FINITE, min_size=2, max_size=50))
def test_number_bins__of_any_numbers__keep_their_order(values: list[float]) -> None:
    ordered = np.sort(np.array(values))
    found = bins.of_numbers(ordered)
    assert np.all(np.diff(found) >= 0)


@given(st.floats(min_value=1e-5, max_value=1e11), st.sampled_from([-1.0, 1.0]))
def test_number_bins__of_a_number__begin_at_most_19_percent_below_its_size(size: float, sign: float) -> None:
    (found,) = bins.of_numbers(np.array([sign * size])).tolist()
    least = bins.least_number(found)
    assert np.sign(least) == sign
    assert abs(least) * (1 - 1e-12) <= size <= abs(least) * 2**0.25 * (1 + 1e-12)


def test_number_bins__of_cents_instead_of_euros__lie_26_bins_apart() -> None:
    euros, cents = bins.of_numbers(np.array([57.16, 5716.0])).tolist()
    assert cents - euros in (26, 27)
    assert bins.of_numbers(np.array([0.0, -0.0])).tolist() == [0, 0]


@given(st.floats(min_value=0.0, max_value=1.0))
def test_probability_bins__of_a_probability__begin_at_or_below_it(probability: float) -> None:
    (found,) = bins.of_probabilities(np.array([probability])).tolist()
    assert -80 <= found <= 80
    if -80 < found < 80:
        assert bins.least_probability(found) <= probability * (1 + 1e-9)
        assert probability <= bins.least_probability(found + 1) * (1 + 1e-9)
