import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.engine.correction import PosteriorCorrection

unit = st.floats(0.0, 1.0)
betas = st.floats(0.0, 1.0, exclude_min=True) | st.floats(1e-4, 1.0)


@given(unit)
def test_correction__beta_of_one__is_the_identity(y):
    assert PosteriorCorrection(1.0).one(y).hex() == y.hex()


@given(betas, st.lists(unit))
def test_correction__one_event_and_batch__same_bits(beta, outputs):
    correction = PosteriorCorrection(beta)
    batch = correction.many(np.array(outputs))
    assert [correction.one(y).hex() for y in outputs] == [float(p).hex() for p in batch]


@given(betas, st.lists(unit, min_size=2))
def test_correction__any_beta__monotone_within_bounds_and_never_upwards(beta, outputs):
    y = np.sort(np.array([0.0, 1.0, *outputs]))
    p = PosteriorCorrection(beta).many(y)
    assert np.all(np.diff(p) >= 0.0)
    assert p[0] == 0.0
    assert p[-1] <= 1.0
    assert np.all(p <= y * (1.0 + 1e-12))


@given(st.floats(1e-3, 1.0), unit)
def test_correction__any_output__is_the_formula_within_rounding(beta, y):
    b, exact_y = Fraction(beta), Fraction(y)
    expected = b * exact_y / (1 - (1 - b) * exact_y)
    assert math.isclose(PosteriorCorrection(beta).one(y), float(expected), rel_tol=1e-12, abs_tol=1e-320)


@given(st.floats(1e-3, 1.0), st.floats(1e-6, 1.0 - 1e-6))
def test_correction__logit__moves_by_the_logarithm_of_beta(beta, y):
    p = PosteriorCorrection(beta).one(y)
    assert math.isclose(math.log(p / (1 - p)), math.log(y / (1 - y)) + math.log(beta), abs_tol=1e-7)


@given(st.floats(0.01, 1.0), st.lists(st.floats(0.0, 1.0, width=32), min_size=2, unique=True))
def test_correction__distinct_float32_outputs__stay_distinct(beta, outputs):
    p = PosteriorCorrection(beta).many(np.sort(np.array(outputs)))
    assert np.all(np.diff(p) > 0.0)


@pytest.mark.parametrize("beta", [0.0, -0.1, 1.1, math.nan, math.inf])
def test_correction__beta_out_of_range__value_error(beta):
    with pytest.raises(ValueError, match="beta: expected a number in \\(0, 1\\]"):
        PosteriorCorrection(beta)


@pytest.mark.parametrize("y", [math.nan, -0.1, 1.5])
def test_correction__not_a_probability__value_error_on_both_paths(y):
    with pytest.raises(ValueError, match="model output: "):
        PosteriorCorrection(0.5).one(y)
    with pytest.raises(ValueError, match="model output\\[1\\]: "):
        PosteriorCorrection(0.5).many(np.array([0.1, y]))
