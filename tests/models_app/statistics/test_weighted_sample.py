"""A weighted sample: with weights of one it is a sorted sample; with others it tells ranks within a weight."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models_app.statistics.fit import fit_mapping
from models_app.statistics.references import BetaReference
from models_app.statistics.sample import SortedSample
from models_app.statistics.summary import summarise
from models_app.statistics.weighted_sample import WeightedSample
from scoring.engine.mapping import QuantileMapping

REFERENCE = BetaReference(2.0, 5.0)
VALUES = st.lists(st.integers(0, 40).map(lambda each: each / 40), min_size=1, max_size=60)


def alone(values: list[float]) -> WeightedSample:
    return WeightedSample(np.array(values), np.ones(len(values), np.int64))


@given(VALUES)
def test_weighted_sample__of_weights_of_one__is_the_sorted_sample(values: list[float]) -> None:
    weighted, ordered = alone(values), SortedSample(np.array(values))
    assert (weighted.n, weighted.distinct(), weighted.low, weighted.high) == (
        ordered.n, ordered.distinct(), ordered.low, ordered.high
    )  # fmt: skip
    assert weighted.mean() == pytest.approx(ordered.mean())
    assert weighted.atoms() == ordered.atoms()
    for k in range(ordered.n + 1):
        assert weighted.gap_at_or_below(k) == ordered.gap_at_or_below(k)
        assert weighted.gap_at_or_above(k) == ordered.gap_at_or_above(k)
        if ordered.is_gap(k):
            assert weighted.edges(k) == ordered.edges(k)
    places, counts = np.linspace(0, 1, 9), np.arange(1, ordered.n + 1)
    assert weighted.counts_above(places).tolist() == ordered.counts_above(places).tolist()
    assert weighted.reached_by(counts).tolist() == ordered.reached_by(counts).tolist()
    mapping = QuantileMapping((0.0, 0.4, 1.0), (0.0, 0.9, 1.0))
    assert weighted.alerts(mapping, 0.5) == ordered.alerts(mapping, 0.5)


@given(VALUES)
def test_fit__of_weights_of_one__is_that_of_the_values(values: list[float]) -> None:
    weighted, ordered = alone(values), SortedSample(np.array(values))
    assert fit_mapping(weighted, REFERENCE, [0.2, 0.5]) == fit_mapping(ordered, REFERENCE, [0.2, 0.5])
    mapping = fit_mapping(ordered, REFERENCE, [0.5]).mapping()
    assert summarise(weighted, mapping, REFERENCE, [0.5]) == summarise(ordered, mapping, REFERENCE, [0.5])


def test_weighted_sample__of_repeats__has_a_tie_only_where_several_are_kept() -> None:
    found = WeightedSample(np.array([0.1, 0.1, 0.5, 0.9]), np.array([300, 300, 390, 10]))
    assert found.n == 1000
    (atom,) = found.atoms()
    assert (atom.value, atom.mass, atom.rate_above, atom.rate_from) == (0.1, 0.6, 0.4, 1.0)
    assert (found.resolution(990), found.resolution(0), found.resolution(1000)) == (390, 300, 10)
    assert found.reached_by(np.array([1, 10, 11, 400, 401])).tolist() == [0.9, 0.9, 0.5, 0.5, 0.1]


def test_weighted_sample__of_nothing__is_refused() -> None:
    with pytest.raises(ValueError, match="expected at least one"):
        WeightedSample(np.empty(0), np.empty(0, np.int64))
