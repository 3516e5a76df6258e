"""Numbers in bands that a person can read."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models_app.statistics.evidence.bands import in_bands, limits_of, roundest


@pytest.mark.parametrize(
    ("low", "high", "found"),
    [
        (38.2, 61.7, 50), (17.0, 24.0, 20), (96.0, 130.0, 100), (12.1, 13.9, 13), (22.0, 23.0, 23),
        (1002.1, 1003.9, 1003), (-0.4, -0.2, -0.2), (-3.0, 4.0, 0), (0.0, 5.0, 5),
        (7.25, 7.25, 7.25), (0.00012, 0.00019, 0.00015),
    ],
)  # fmt: skip
def test_roundest__of_an_interval__is_what_a_person_would_take(low: float, high: float, found: float) -> None:
    assert roundest(low, high) == found


def test_bands__of_amounts__are_round_and_begin_with_their_lower_limit() -> None:
    names, place = in_bands(np.random.default_rng(0).gamma(2, 60, 5_000))
    assert names == ["below 50", "50 to 80", "80 to 120", "120 to 200", "200 to 300", "300 and above"]
    assert np.bincount(place).min() > 200
    names, place = in_bands(np.array([1.0, 2.0] * 50))
    assert (names, place[:2].tolist()) == (["below 2", "2 and above"], [0, 1])


def test_bands__of_a_number_that_most_have__are_split_where_others_are() -> None:
    random = np.random.default_rng(1)
    names, _ = in_bands(np.where(random.random(5_000) < 0.6, 0.0, random.gamma(2, 60, 5_000)))
    assert names[0].startswith("below ")
    assert len(names) == 4


@pytest.mark.parametrize("numbers", [[], [5.0] * 10, [np.nan, np.nan]])
def test_bands__of_what_cannot_be_split__are_one_or_none(numbers: list[float]) -> None:
    names, place = in_bands(np.array(numbers, dtype=np.float64))
    assert len(names) <= 1
    assert len(place) == len(numbers)


@given(st.lists(st.floats(allow_nan=True, allow_infinity=False), max_size=60))
def test_bands__of_any_numbers__hold_each_of_them_once(numbers: list[float]) -> None:
    values = np.array(numbers, dtype=np.float64)
    names, place = in_bands(values)
    known = ~np.isnan(values)
    assert len(set(names)) == len(names)
    assert (place[known] < len(names)).all()
    assert (place[~known] == len(names)).all()
    assert set(place[known].tolist()) == set(range(len(names)))  # none is empty
    limits = limits_of(values[known])
    assert limits == sorted(set(limits))
    assert np.all(np.diff(place[known][np.argsort(values[known], kind="stable")]) >= 0)
