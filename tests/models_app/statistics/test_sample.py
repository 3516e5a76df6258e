"""Samples in order, also those that are put together from parts in order."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models_app.statistics.sample import SortedSample, alerts_in, counts_above
from scoring.engine.mapping import QuantileMapping

values = st.lists(st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.5000001, 1.0]) | st.floats(0.0, 1.0), max_size=30)


@given(st.lists(values, min_size=1, max_size=5).filter(any))
def test_merged__parts_in_order__is_the_sample_of_all(parts: list[list[float]]) -> None:
    arrays = [np.sort(np.array(part, dtype=np.float64)) for part in parts]
    merged, whole = SortedSample.merged(arrays), SortedSample(np.concatenate(arrays))
    assert np.array_equal(merged.values, whole.values)
    assert (merged.n, merged.distinct()) == (whole.n, whole.distinct())


@pytest.mark.parametrize(
    ("parts", "message"),
    [([[], []], "found none"), ([[0.5, 1.5], [0.2]], "found 1.5"), ([[0.5, np.nan], [0.2]], "found 1 NaN among 3")],
)
def test_merged__no_probabilities__says_what_is_wrong(parts: list[list[float]], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        SortedSample.merged([np.array(part, dtype=np.float64) for part in parts])


def test_counts__of_values_in_order__are_those_of_counting() -> None:
    found = np.sort(np.random.default_rng(1).random(500))
    mapping = QuantileMapping((0.0, 0.3, 1.0), (0.0, 0.8, 1.0))
    assert alerts_in(found, mapping, 0.6) == np.count_nonzero(mapping.many(found) >= 0.6)
    assert alerts_in(found[:0], mapping, 0.6) == 0
    places = [float(found[3]), 0.5, 2.0]
    assert counts_above(found, places).tolist() == [np.count_nonzero(found >= each) for each in places]
