"""What the property tests of fitting draw from: references, and samples of every awkward kind."""

import math

import numpy as np
from hypothesis import strategies as st

from models_app.statistics.references import BetaReference, CurveReference

beta_references = st.builds(BetaReference, st.floats(0.5, 30.0), st.floats(0.5, 30.0))


@st.composite
def curve_references(draw):
    steps = draw(st.lists(st.tuples(st.floats(0.02, 1.0), st.floats(0.05, 0.9)), min_size=1, max_size=6))
    total = sum(step for step, _ in steps) * draw(st.floats(1.05, 3.0))
    score, rate, points = 0.0, 1.0, []
    for step, factor in steps:
        score, rate = score + step / total, rate * factor
        points.append((score, rate))
    return CurveReference(tuple(points))


references = beta_references | curve_references()
scores = st.floats(0.01, 0.99)

_near_ends = [0.0, 5e-324, 0.5, math.nextafter(0.5, 1.0), math.nextafter(1.0, 0.0), 1.0]
_values = st.floats(0.0, 1.0) | st.floats(0.0, 1.0, width=32) | st.sampled_from(_near_ends)
_tied = st.lists(_values, min_size=1, max_size=4).flatmap(
    lambda pool: st.lists(st.sampled_from(pool), min_size=1, max_size=80)
)

small_samples = (st.lists(_values, min_size=1, max_size=80) | _tied).map(np.array)


@st.composite
def large_samples(draw):
    """Thousands of probabilities as models give them: skewed, in float32 or float64, some rounded into ties."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n = draw(st.integers(500, 5000))
    sample = rng.beta(draw(st.floats(0.2, 3.0)), draw(st.floats(1.0, 60.0)), n)
    digits = draw(st.sampled_from([None, None, 2, 4]))
    sample = sample if digits is None else np.round(sample, digits)
    return sample.astype(draw(st.sampled_from([np.float32, np.float64])))


samples = small_samples | large_samples()
