import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models_app.modelfiles import FeatureSpec, sample
from scoring.engine.onnx_model import CHUNK

FINITE = st.floats(-1e12, 1e12)


def column(feature: FeatureSpec, *thresholds: float, most: int = 20_000) -> np.ndarray:
    return sample.rows([feature], {0: np.array(thresholds)}, most)[:, 0]


def test_rows__number__has_null_zero_extremes_and_each_side_of_a_threshold():
    values = column(FeatureSpec(name="a", nullable=True, minimum=-7, maximum=9), 0.3)
    step = float(np.spacing(np.float32(0.3)))
    assert {0.0, -7.0, 9.0, 0.3, 0.3 - step, 0.3 + step, np.nextafter(0.3, 1)} <= set(values[~np.isnan(values)])
    assert np.isnan(values).any()


def test_rows__not_nullable__has_no_null():
    assert not np.isnan(column(FeatureSpec(name="a"), 0.3)).any()


def test_rows__integer__has_the_whole_numbers_on_both_sides():
    values = column(FeatureSpec(name="a", type="integer"), 1.79e9 + 0.5)
    assert {1.79e9, 1.79e9 + 1} <= set(values)
    assert np.array_equal(values, np.floor(values))


@pytest.mark.parametrize(
    ("feature", "expected"),
    [
        (FeatureSpec(name="a", type="boolean"), {0.0, 1.0}),
        (FeatureSpec(name="a", type="category", categories=("x", "y", "z")), {0.0, 1.0, 2.0}),
    ],
)
def test_rows__boolean_and_category__have_every_value(feature, expected):
    assert set(column(feature)) == expected


def test_rows__more_values_than_rows__stops_at_the_limit():
    assert len(column(FeatureSpec(name="a"), *range(1000), most=100)) == 100


def test_rows__twice__are_the_same():
    specs = [FeatureSpec(name="a", nullable=True), FeatureSpec(name="b", type="integer")]
    first, second = (sample.rows(specs, {1: np.array([4.5])}, 1000) for _ in range(2))
    assert np.array_equal(first, second, equal_nan=True)


@settings(max_examples=50)
@given(st.lists(FINITE, min_size=2, max_size=2, unique=True).map(sorted), st.lists(FINITE, max_size=5))
def test_rows__declared_limits__are_kept(limits, thresholds):
    values = column(FeatureSpec(name="a", minimum=limits[0], maximum=limits[1]), *thresholds)
    assert len(values) > CHUNK
    assert limits[0] <= values.min() <= values.max() <= limits[1]
    assert set(limits) <= set(values)


@settings(max_examples=50)
@given(st.none() | FINITE, st.none() | FINITE, st.lists(FINITE, max_size=3))
def test_rows__one_limit_or_none__still_finds_values(minimum, maximum, thresholds):
    if minimum is not None and maximum is not None:
        minimum, maximum = sorted((minimum, maximum))
    values = column(FeatureSpec(name="a", minimum=minimum, maximum=maximum), *thresholds)
    assert np.isfinite(values).all()
