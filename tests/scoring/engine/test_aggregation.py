import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.engine.aggregation import AGGREGATIONS, aggregation_from

names = st.sampled_from(sorted(AGGREGATIONS))
unit = st.floats(0.0, 1.0)


@st.composite
def cases(draw, min_events=1):
    """A name, weights for m members, and n rows of m outputs."""
    members = draw(st.integers(1, 5))
    weights = draw(st.lists(st.floats(1e-3, 1e3), min_size=members, max_size=members))
    row = st.lists(unit, min_size=members, max_size=members)
    return draw(names), weights, draw(st.lists(row, min_size=min_events, max_size=30))


def batch(name, weights, rows):
    return aggregation_from(name, weights).many([np.array(column) for column in zip(*rows, strict=True)])


@given(cases())
def test_aggregation__one_event_and_batch__same_bits(case):
    name, weights, rows = case
    one = aggregation_from(name, weights).one
    assert [one(row).hex() for row in rows] == [float(p).hex() for p in batch(*case)]


@pytest.mark.parametrize("name", sorted(AGGREGATIONS))
def test_aggregation__batches_of_all_lengths_and_strides__same_bits_as_single_events(name):
    rng = np.random.default_rng(2)
    columns = [rng.beta(0.3, 5.0, 4001), rng.random(4001), rng.random(4001) ** 8]
    aggregation = aggregation_from(name, [1.0, 0.3, 7.0])
    single = np.array([aggregation.one(row) for row in zip(*columns, strict=True)])
    for length in (*range(1, 70), 4001):
        assert np.array_equal(aggregation.many([column[:length] for column in columns]), single[:length])
        assert np.array_equal(aggregation.many([column[-length:] for column in columns]), single[-length:])
    assert np.array_equal(aggregation.many([column[1::3] for column in columns]), single[1::3])
    assert np.array_equal(aggregation.many([column[::-1] for column in columns]), single[::-1])


@given(cases())
def test_aggregation__any_outputs__lies_between_the_least_and_the_greatest(case):
    _, _, rows = case
    for row, p in zip(rows, batch(*case), strict=True):
        assert 0.0 <= p <= 1.0
        assert min(row) - 1e-12 <= p <= max(row) + 1e-12


@given(names, st.floats(1e-3, 1e3), unit)
def test_aggregation__single_member__is_the_identity(name, weight, p):
    aggregation = aggregation_from(name, [weight])
    assert aggregation.one([p]) == p
    assert aggregation.many([np.array([p])]).tolist() == [p]


def test_weighted_mean__weights__count_by_their_share():
    assert aggregation_from("mean", [1.0, 3.0]).one([0.0, 1.0]) == 0.75


def test_logit_mean__opposite_odds__meet_in_the_middle():
    assert math.isclose(aggregation_from("logit_mean", [2.0, 2.0]).one([0.9, 0.1]), 0.5)


def test_logit_mean__members_that_are_certain__outweigh_but_do_not_break():
    logit_mean = aggregation_from("logit_mean", [1.0, 1.0])
    assert math.isclose(logit_mean.one([0.0, 1.0]), 0.5)
    assert 0.0 < logit_mean.one([0.0, 0.0]) < 1e-15
    assert logit_mean.one([1.0, 1.0]) > 1.0 - 1e-15


def test_maximum__several_members__takes_the_largest():
    assert aggregation_from("max", [1.0, 1.0, 1.0]).one([0.2, 0.7, 0.1]) == 0.7


@pytest.mark.parametrize("name", sorted(AGGREGATIONS))
@pytest.mark.parametrize("bad", [math.nan, -0.1, 1.1])
def test_aggregation__not_a_probability__value_error_on_both_paths(name, bad):
    aggregation = aggregation_from(name, [1.0, 1.0])
    with pytest.raises(ValueError, match="outputs\\[1\\]"):
        aggregation.one([0.5, bad])
    with pytest.raises(ValueError, match="outputs\\[1\\]\\[0\\]"):
        aggregation.many([np.array([0.5]), np.array([bad])])


@pytest.mark.parametrize("weights", [[], [0.0], [1.0, -1.0], [math.nan], [math.inf], [1.7e308, 1.7e308]])
def test_aggregation__bad_weights__value_error(weights):
    with pytest.raises(ValueError, match="weights"):
        aggregation_from("mean", weights)


def test_aggregation__unknown_name__value_error_listing_the_known():
    with pytest.raises(ValueError, match="expected one of mean, logit_mean, max, found 'median'"):
        aggregation_from("median", [1.0])


def test_aggregation__other_number_of_outputs__value_error():
    aggregation = aggregation_from("mean", [1.0, 1.0])
    with pytest.raises(ValueError, match="each of 2 members, found 1"):
        aggregation.one([0.5])
    with pytest.raises(ValueError, match="equal shapes"):
        aggregation.many([np.array([0.5]), np.array([0.5, 0.1])])
