import math
from bisect import bisect_right
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.engine.mapping import QuantileMapping

unit = st.floats(0.0, 1.0)
inner = st.floats(0.0, 1.0, exclude_min=True, exclude_max=True)


@st.composite
def mappings(draw):
    """Any valid mapping, knots that are neighbouring floats included."""
    x = draw(st.sets(inner, max_size=30) | near_knots())
    y = draw(st.sets(inner, min_size=len(x), max_size=len(x)))
    return QuantileMapping((0.0, *sorted(x), 1.0), (0.0, *sorted(y), 1.0))


@st.composite
def near_knots(draw):
    start = draw(st.floats(1e-300, 0.9))
    return {start, math.nextafter(start, 1.0), math.nextafter(math.nextafter(start, 1.0), 1.0)}


@st.composite
def mappings_and_points(draw):
    """A mapping and probabilities: any, at its knots, and the floats next to these."""
    mapping = draw(mappings())
    beside = [math.nextafter(x, way) for x in mapping.x for way in (0.0, 1.0)]
    return mapping, [*draw(st.lists(unit, max_size=50)), *mapping.x, *beside]


def exact(mapping, p):
    """Linear interpolation in exact arithmetic."""
    j = min(bisect_right(mapping.x, p), len(mapping.x) - 1) - 1
    x0, x1, y0, y1 = (Fraction(v) for v in (*mapping.x[j : j + 2], *mapping.y[j : j + 2]))
    return y0 + (Fraction(p) - x0) / (x1 - x0) * (y1 - y0)


@given(mappings_and_points())
def test_mapping__one_event_and_batch__same_bits(case):
    mapping, points = case
    batch = mapping.many(np.array(points))
    assert [mapping.one(p).hex() for p in points] == [float(score).hex() for score in batch]


@given(mappings_and_points())
def test_mapping__any_probability__is_linear_interpolation_within_rounding(case):
    mapping, points = case
    for p in points:
        score = mapping.one(p)
        assert 0.0 <= score <= 1.0
        assert abs(Fraction(score) - exact(mapping, p)) <= Fraction(1, 2**51)


@given(mappings_and_points())
def test_mapping__increasing_probabilities__increasing_scores(case):
    mapping, points = case
    points = sorted(points)
    scores = mapping.many(np.array(points))
    assert np.all(np.diff(scores) >= 0.0)
    for p, q, low, high in zip(points, points[1:], scores, scores[1:], strict=False):
        if exact(mapping, q) - exact(mapping, p) > Fraction(1, 2**50):
            assert low < high


@given(mappings_and_points())
def test_mapping__knot__splits_events_exactly_where_it_stands(case):
    mapping, points = case
    points = np.array(points)
    scores = mapping.many(points)
    for x, y in zip(mapping.x, mapping.y, strict=True):
        assert np.array_equal(scores >= y, points >= x)


def test_mapping__knots_of_the_diagonal__is_identity_at_both_ends():
    mapping = QuantileMapping((0.0, 0.25, 1.0), (0.0, 0.5, 1.0))
    assert [mapping.one(p) for p in (0.0, -0.0, 0.125, 0.25, 0.625, 1.0)] == [0.0, 0.0, 0.25, 0.5, 0.75, 1.0]


def test_mapping__million_events__same_bits_in_any_slice():
    rng = np.random.default_rng(1)
    x, y = (np.sort(rng.random(400)) for _ in range(2))
    mapping = QuantileMapping((0.0, *x, 1.0), (0.0, *y, 1.0))
    p = rng.random(1_000_000)
    scores = mapping.many(p)
    assert np.array_equal(scores[3::7], mapping.many(p[3::7]))
    assert [mapping.one(value) for value in p[:2000]] == scores[:2000].tolist()


def test_mapping__float32_probabilities__scored_in_float64():
    mapping = QuantileMapping((0.0, 0.3, 1.0), (0.0, 0.9, 1.0))
    p = np.array([0.1, 0.7], dtype=np.float32)
    assert mapping.many(p).dtype == np.float64
    assert mapping.many(p).tolist() == [mapping.one(value) for value in p]


def test_mapping__empty_batch__empty_scores():
    assert QuantileMapping((0.0, 1.0), (0.0, 1.0)).many(np.array([])).shape == (0,)


@pytest.mark.parametrize("p", [math.nan, -1e-300, 1.0000001, math.inf, -math.inf])
def test_mapping__not_a_probability__value_error_on_both_paths(p):
    mapping = QuantileMapping((0.0, 1.0), (0.0, 1.0))
    with pytest.raises(ValueError, match="probability: expected a number in \\[0, 1\\]"):
        mapping.one(p)
    with pytest.raises(ValueError, match="probability\\[2\\]: expected a number in \\[0, 1\\]"):
        mapping.many(np.array([0.5, 1.0, p, 0.2]))


@pytest.mark.parametrize(
    ("x", "y", "message"),
    [
        ((0.0, 0.5, 1.0), (0.0, 1.0), "3 x and 2 y"),
        ((0.0,), (0.0,), "at least 2"),
        ((0.1, 1.0), (0.0, 1.0), "knots.x: expected to start at 0"),
        ((0.0, 1.0), (0.0, 0.9), "knots.y: expected to start at 0 and end at 1"),
        ((0.0, 0.5, 0.5, 1.0), (0.0, 0.1, 0.2, 1.0), "knots.x\\[2\\]: expected a number greater"),
        ((0.0, 0.5, 0.6, 1.0), (0.0, 0.2, 0.1, 1.0), "knots.y\\[2\\]: expected a number greater"),
        ((0.0, math.nan, 1.0), (0.0, 0.5, 1.0), "knots.x\\[1\\]"),
        ((0.0, 0.5, 1.0), (0.0, math.inf, 1.0), "knots.y\\[2\\]"),
        ((math.nan, 1.0), (0.0, 1.0), "knots.x"),
    ],
)
def test_mapping__bad_knots__value_error_naming_the_knot(x, y, message):
    with pytest.raises(ValueError, match=message):
        QuantileMapping(x, y)


def test_mapping__same_knots__equal_and_immutable():
    mapping = QuantileMapping((0, 1), (0, 1))
    assert mapping == QuantileMapping((0.0, 1.0), (0.0, 1.0))
    with pytest.raises(AttributeError):
        mapping.x = (0.0, 0.5, 1.0)
