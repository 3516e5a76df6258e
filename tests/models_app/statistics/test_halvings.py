"""Weighted fits: against repeating events, against unweighted ones in the limit, and by simulation."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models_app.statistics.alert_rates import wilson_interval
from models_app.statistics.days import merged
from models_app.statistics.fit import fit_mapping
from models_app.statistics.fitting_sample import fitting_sample
from models_app.statistics.halvings import effective_events, effective_size, halvings, weights_of, whole_weights
from models_app.statistics.held_out import Worth, held_out, next_week
from models_app.statistics.references import BetaReference, CurveReference
from models_app.statistics.sample import SortedSample
from models_app.statistics.sample_size import Verdict, assess
from models_app.statistics.sketch import Sketch
from models_app.statistics.sketched import Sketched
from models_app.statistics.summary import summarise
from models_app.statistics.weighted_sample import WeightedSample

REFERENCE, SCORES = BetaReference(2.0, 5.0), [0.3, 0.6]
CURVE = CurveReference(((0.5, 0.1), (0.9, 0.01)))
DAY = st.lists(st.integers(0, 60).map(lambda each: each / 60), max_size=25).map(lambda each: np.sort(np.array(each)))
DAYS = st.lists(DAY, min_size=1, max_size=8).filter(lambda days: any(map(len, days)))
HALF_LIVES = st.floats(0.1, 365.0)
SIZES = st.lists(st.integers(0, 10_000), min_size=1, max_size=40)


def aged(days: int, half_life: float) -> np.ndarray:
    """Of successive days, the last of which has just ended."""
    return halvings(range(days - 1, -1, -1), half_life)


def drawn(risks: np.ndarray, a_day: int, rng: np.random.Generator) -> list[np.ndarray]:
    """Probabilities of days, in each of which so many times as many events exceed any level."""
    return [np.sort(1.0 - np.minimum(1.0, rng.random(a_day) / risk)) for risk in risks]


@given(DAYS)
def test_fit__of_an_endless_half_life__is_the_unweighted_one(days: list[np.ndarray]) -> None:
    weighted, plain = merged(days, aged(len(days), 1e12)), merged(days)
    assert (weighted.n, weighted.events, weighted.effective) == (plain.n,) * 3
    assert fit_mapping(weighted, REFERENCE, SCORES) == fit_mapping(plain, REFERENCE, SCORES)


@given(DAYS)
def test_fit__of_days_that_halve_whole_times__is_that_of_repeated_events(days: list[np.ndarray]) -> None:
    """The oldest day counts once, each later one twice as much as that before it."""
    weighted = merged(days, aged(len(days), 1.0))
    repeated = SortedSample(np.concatenate([np.repeat(day, 2**place) for place, day in enumerate(days)]))
    places = np.linspace(0.0, 1.0, 13)
    assert weighted.counts_above(places) / weighted.n == pytest.approx(repeated.counts_above(places) / repeated.n)
    assert weighted.mean() == pytest.approx(repeated.mean())
    of_weights, of_repeats = (fit_mapping(each, REFERENCE, SCORES) for each in (weighted, repeated))
    for one, other in zip(of_weights.thresholds, of_repeats.thresholds, strict=True):
        assert (one.target, one.achieved) == (other.target, pytest.approx(other.achieved))


@given(DAYS, HALF_LIVES)
def test_fit__weighted__reaches_each_knot_within_the_weights_beside_it(
    days: list[np.ndarray], half_life: float
) -> None:
    sample = merged(days, aged(len(days), half_life))
    for each in fit_mapping(sample, REFERENCE, SCORES).thresholds:
        nearest = [abs(rate - each.target) for rate in (each.nearest_below, each.nearest_above) if rate is not None]
        assert abs((each.achieved or 0.0) - each.target) == pytest.approx(min(nearest))


@given(SIZES, HALF_LIVES)
def test_effective_events__of_any_half_life__are_no_more_than_there_are(sizes: list[int], half_life: float) -> None:
    found = effective_events(aged(len(sizes), half_life), sizes)
    assert min(1, sum(sizes)) <= found <= sum(sizes)


@given(SIZES, HALF_LIVES, HALF_LIVES)
def test_effective_events__of_a_longer_half_life__are_no_fewer_where_days_are_alike(
    sizes: list[int], one: float, other: float
) -> None:
    alike = [max(sizes)] * len(sizes)
    short, long = (effective_events(aged(len(sizes), each), alike) for each in sorted((one, other)))
    assert short <= long


@given(st.lists(st.floats(1e-3, 1.0), min_size=1, max_size=40))
def test_effective_size__of_equal_weights__is_their_number(weights: list[float]) -> None:
    assert effective_size(np.full(len(weights), weights[0])) == pytest.approx(len(weights))
    assert 1.0 - 1e-9 <= effective_size(np.array(weights)) <= len(weights) + 1e-9


def test_weights__of_days_without_events_and_of_too_old_ones__are_none() -> None:
    halved = aged(30, 1.0)
    sizes = np.array([5] * 28 + [3, 0])
    weights = weights_of(halved, sizes)
    assert (weights[-1], weights[-2], weights[-3]) == (0.0, 1.0, 0.5)
    whole = whole_weights(halved, sizes)
    assert (whole[-2], whole[-3], whole[0], whole[-1]) == (2**20, 2**19, 0, 0)
    only_old = merged([np.array([0.2, 0.4]), *[np.empty(0)] * 400], aged(401, 0.1))
    assert (only_old.n, only_old.effective) == (2, 2)


def test_merged__of_nothing_or_no_probabilities__is_refused() -> None:
    with pytest.raises(ValueError, match="expected at least one"):
        merged([np.empty(0), np.empty(0)], aged(2, 1.0))
    with pytest.raises(ValueError, match="expected probabilities in"):
        merged([np.array([0.5]), np.array([0.5, 1.5])], aged(2, 1.0))
    with pytest.raises(ValueError, match="expected probabilities in"):
        WeightedSample(np.array([0.5, np.nan]), np.array([1, 1]))


def test_assess__weighted_events__are_judged_by_what_they_are_worth() -> None:
    found = assess(40_000, [0.01], effective=900)
    assert (found.verdict, found.n, found.effective, found.expected_alerts) == (Verdict.REFUSED, 40_000, 900, 9.0)
    assert found.sentence.startswith("40,000 events, worth 900 after weighting: too few.")
    assert found.sentence.endswith("for instance with a longer half-life.")
    flagged, plain = assess(400_000, [0.01], effective=30_000), assess(30_000, [0.01])
    assert (flagged.verdict, flagged.relative_error) == (Verdict.FLAGGED, plain.relative_error)
    assert plain.effective == 30_000
    assert "worth" not in plain.sentence


def test_summary__of_weighted_events__has_the_intervals_of_their_effective_number() -> None:
    days = drawn(np.ones(28), 1_000, np.random.default_rng(1))
    sample = merged(days, aged(28, 3.0))
    mapping = fit_mapping(sample, CURVE, [0.5, 0.9]).mapping()
    found = summarise(sample, mapping, CURVE, [0.5, 0.9])
    assert found.n == sample.effective < sample.events == 28_000
    for each in found.thresholds:
        assert (each.low, each.high) == wilson_interval(each.rate * sample.effective, sample.effective)


def test_intervals__of_weighted_days_that_are_alike__cover_the_rate_in_95_of_100_cases() -> None:
    """Days are drawn independently and alike: by the effective number of events, intervals are as wide as they say."""
    rng, halved, target, a_day, days = np.random.default_rng(5), aged(28, 3.0), 0.05, 400, 28
    weights, sizes = weights_of(halved, [a_day] * days), [a_day] * days
    effective = effective_events(halved, sizes)
    alerts = rng.binomial(a_day, target, (4_000, days))
    rates = alerts @ weights / np.sum(weights * a_day)
    assert np.std(rates) == pytest.approx(np.sqrt(target * (1 - target) / effective), rel=0.04)
    ends = np.array([wilson_interval(rate * effective, effective) for rate in rates])
    covered = float(np.mean((ends[:, 0] <= target) & (target <= ends[:, 1])))
    assert 0.935 <= covered <= 0.965
    # By their mere number they would be far too narrow.
    narrow = np.array([wilson_interval(rate * a_day * days, a_day * days) for rate in rates])
    assert np.mean((narrow[:, 0] <= target) & (target <= narrow[:, 1])) < 0.8


@pytest.mark.parametrize("spread", [0.0, 0.15])
def test_fitting_sample__of_weighted_days__knows_how_far_its_shares_scatter(spread: float) -> None:
    rng, halved, found, shares = np.random.default_rng(6), aged(28, 4.0), [], []
    for _ in range(120):
        days = drawn(np.exp(rng.normal(0.0, spread, 28)), 300, rng)
        sample = merged(days, halved)
        kept = fitting_sample(sample, [0.9], days, halved=halved)
        found.append(kept.variance(0.9))
        shares.append(kept.share(0.9))
    assert kept.n == sample.effective < kept.events == 28 * 300
    assert (round(kept.days), kept.degrees) == (round(effective_size(weights_of(halved, [300] * 28))), 10)
    assert np.sqrt(np.mean(found)) == pytest.approx(np.std(shares), rel=0.2)


@pytest.mark.parametrize("spread", [0.0, 0.2])
def test_held_out__weighted__holds_the_target_in_95_of_100_cases(spread: float) -> None:
    rng, halved, held = np.random.default_rng(7), aged(21, 3.0), 0
    for _ in range(200):
        found = held_out(drawn(np.exp(rng.normal(0.0, spread, 21)), 500, rng), CURVE, [0.5], halved)
        held += found.thresholds[0].low <= found.thresholds[0].target <= found.thresholds[0].high
    assert found.effective < found.fitted == 15 * 500
    assert 0.90 <= held / 200 <= 1.0


def test_held_out__weighted__follows_a_rise_that_an_unweighted_fit_lags_behind() -> None:
    rising = np.linspace(1.0, 2.0, 28)
    days = drawn(rising, 3_000, np.random.default_rng(8))
    weighted, plain = (held_out(days, CURVE, [0.5], halved).thresholds[0] for halved in (aged(28, 2.0), None))
    assert 0.1 < weighted.rate < plain.rate


def test_next_week__of_weighted_days__is_told_by_what_they_are_worth() -> None:
    halved, days = aged(28, 3.0), drawn(np.ones(28), 2_000, np.random.default_rng(9))
    held = held_out(days, CURVE, [0.5], halved)
    worth = Worth.of(days, halved)
    assert worth == Worth(effective_events(halved, [2_000] * 28), effective_size(np.exp2(-halved)))
    weighted, fewer, plain = (
        next_week(held, held.thresholds[0], 0.1, 56_000, worth=each) for each in (worth, Worth(worth.events, 28), None)
    )
    assert fewer.low < plain.low < 0.1 < plain.high < fewer.high
    # Days that are nearer to the next week have had less time to drift from it.
    assert weighted.drift < plain.drift == fewer.drift


def sketch_of(values: np.ndarray) -> Sketch:
    sketch = Sketch()
    sketch.add(values)
    return sketch


def test_sketched__weighted_days__are_as_close_as_they_say() -> None:
    rng, halved = np.random.default_rng(10), aged(6, 1.5)
    days = drawn(np.linspace(0.5, 2.0, 6), 200_000, rng)
    sorted_sample, sketched = merged(days, halved), Sketched.of(list(map(sketch_of, days)), halved)
    assert sketched.sample is not None
    assert (sketched.sample.events, sketched.sample.effective) == (sorted_sample.events, sorted_sample.effective)
    for place in (0.5, 0.9, 0.99):
        (exact,), (found,) = (each.counts_above([place]) / each.n for each in (sorted_sample, sketched.sample))
        assert 0.0 < sketched.error(exact) < 0.003
        assert found == pytest.approx(exact, rel=5 * sketched.error(exact))
    fitted = fit_mapping(sketched.sample, CURVE, [0.5, 0.9])
    assert len(sketched.at_knots(fitted)) == len(fitted.x) - 2
    assert all(each.low <= each.alert_rate <= each.high for each in sketched.at_knots(fitted))
