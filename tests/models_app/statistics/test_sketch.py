"""Sketches of probabilities: how far their alert rates lie from those of all values, and that merging costs nothing."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models_app.statistics.days import merged
from models_app.statistics.fit import fit_mapping
from models_app.statistics.held_out import held_out
from models_app.statistics.references import BetaReference
from models_app.statistics.sample_size import assess
from models_app.statistics.sketch import Sketch
from models_app.statistics.sketched import Sketched
from models_app.statistics.summary import summarise

RATES = (0.5, 0.1, 0.01, 0.001, 0.0001)
REFERENCE = BetaReference(2.0, 5.0)
MOST = 5.0  # standard errors: beyond them one case of millions lies


def sketch_of(values: np.ndarray) -> Sketch:
    found = Sketch()
    found.add(values)
    return found


def errors(sketch: Sketch, values: np.ndarray) -> list[float]:
    """How far each alert rate lies from the true one at its place, in standard errors of the sketch."""
    ordered, found = np.sort(values.astype(np.float32).astype(np.float64)), []
    for rate in RATES:
        place = float(ordered[len(ordered) - max(1, round(rate * len(ordered)))])
        true = (len(ordered) - np.searchsorted(ordered, place)) / len(ordered)
        told = float(sketch.weighted.counts_above([place])[0]) / len(ordered)
        error = sketch.error(true)
        found.append(abs(told - true) / true / error if error else abs(told - true) * 1e9)
    return found


@given(st.integers(0, 2**32), st.sampled_from([(0.4, 8.0), (2.0, 2.0), (0.1, 0.1), (8.0, 0.4)]))
@settings(max_examples=25, deadline=None)
def test_sketch__of_many_values__has_alert_rates_within_its_bounds(seed: int, shape: tuple[float, float]) -> None:
    values = np.random.default_rng(seed).beta(*shape, 60_000)
    assert max(errors(sketch_of(values), values)) < MOST


def test_bounds__of_95_of_100__hold_as_often_at_least() -> None:
    rng, held = np.random.default_rng(4), []
    for _ in range(60):
        values = rng.beta(0.4, 8.0, 30_000)
        held += [each <= 2.0 for each in errors(sketch_of(values), values)]
    assert np.mean(held) > 0.9


@given(st.integers(0, 2**32), st.randoms(use_true_random=False))
@settings(max_examples=15, deadline=None)
def test_merged__in_any_order_and_by_any_steps__has_the_same_bounds(seed: int, random: object) -> None:
    values = np.random.default_rng(seed).beta(0.4, 8.0, 60_000)
    parts = np.array_split(values, [100, 20_000, 21_000, 45_000])
    in_order = Sketch.merged(map(sketch_of, parts))
    waiting = list(map(sketch_of, parts))
    while len(waiting) > 1:
        random.shuffle(waiting)  # type: ignore[attr-defined]
        waiting = [Sketch.merged(waiting[:2]), *waiting[2:]]
    assert len(in_order) == len(waiting[0]) == len(values)
    for found in (in_order, waiting[0]):
        assert max(errors(found, values)) < MOST
        for rate in RATES[:-1]:
            told = found.bounds(rate)
            assert told.low <= rate <= told.high
            assert found.error(rate) == pytest.approx(0.0013, rel=0.4) or found.error(rate) == 0.0


def test_merged__leaves_its_parts_as_they_are() -> None:
    parts = [sketch_of(np.linspace(0.0, 1.0, 5_000)) for _ in range(2)]
    kept = [each.to_bytes() for each in parts]
    assert len(Sketch.merged(parts)) == 10_000
    assert [each.to_bytes() for each in parts] == kept


def test_sketch__kept_as_bytes__is_the_same() -> None:
    sketch = sketch_of(np.random.default_rng(1).uniform(size=20_000))
    again = Sketch.of_bytes(sketch.to_bytes())
    assert again.weighted.values.tolist() == sketch.weighted.values.tolist()
    assert again.bounds(0.01) == sketch.bounds(0.01)


@pytest.mark.parametrize("values", [[0.5, np.nan], [-0.1, 0.5], [0.5, 1.5]])
def test_sketch__of_what_is_no_probability__is_refused(values: list[float]) -> None:
    with pytest.raises(ValueError, match="expected probabilities"):
        sketch_of(np.array(values))


def test_sketch__of_nothing__is_empty() -> None:
    assert len(sketch_of(np.empty(0))) == 0
    with pytest.raises(ValueError, match="at least one"):
        merged([Sketch(), Sketch()])


def test_fit__of_sketches__reaches_the_targets_on_all_values_within_the_bounds() -> None:
    rng = np.random.default_rng(7)
    values = [rng.beta(0.4, 8.0, 40_000) for _ in range(7)]
    sketched = Sketched.of([sketch_of(each) for each in values])
    assert sketched.sample is not None
    scores = [0.3, 0.6, 0.8]
    fitted = fit_mapping(sketched.sample, REFERENCE, scores)
    assert all(each.reachable for each in fitted.thresholds)
    found = fitted.mapping().many(np.concatenate(values))
    for threshold in fitted.thresholds:
        rate = np.mean(found >= threshold.score)
        assert abs(rate / threshold.target - 1.0) < MOST * sketched.error(threshold.target) + 1e-4
    at_knots = sketched.at_knots(fitted)
    assert len(at_knots) == len(fitted.x) - 2
    assert all(each.low <= each.alert_rate <= each.high for each in at_knots)


def test_intervals__of_sketches__are_wider_by_their_error() -> None:
    rng = np.random.default_rng(8)
    values = [rng.beta(0.4, 8.0, 40_000) for _ in range(7)]
    sketches = [sketch_of(each) for each in values]
    sketched, exact = Sketched.of(sketches), Sketched.of([np.sort(each) for each in values])
    assert not exact
    assert sketched.sample is not None
    assert exact.error(0.01) == exact.largest_error == 0.0
    mapping = fit_mapping(sketched.sample, REFERENCE, [0.6]).mapping()
    (narrow,), (wide,) = (
        summarise(sketched.sample, mapping, REFERENCE, [0.6], error).thresholds
        for error in (exact.error, lambda rate: 0.05)
    )
    assert (wide.high - wide.low) / 2 / wide.rate == pytest.approx(
        np.hypot((narrow.high - narrow.low) / 2 / narrow.rate, 1.96 * 0.05), rel=0.02
    )
    assert assess(10**9, [0.01], sketched=sketched.error).relative_error >= 1.96 * sketched.error(0.01) > 0.001
    held = [held_out(days, REFERENCE, [0.6]).thresholds[0] for days in (sketches, [np.sort(each) for each in values])]
    assert held[0].rate == pytest.approx(held[1].rate, rel=0.02)
    assert held[0].high - held[0].low == pytest.approx(held[1].high - held[1].low, rel=0.1)
