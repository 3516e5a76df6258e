import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models_app.statistics.auc import auc
from models_app.statistics.fit import fit_mapping
from models_app.statistics.levels import alert_counts
from models_app.statistics.references import BetaReference
from models_app.statistics.sample import SortedSample
from tests.models_app.statistics.strategies import large_samples, references, samples, scores, small_samples

BETA = BetaReference(2.0, 8.0)
thresholds = st.lists(scores, max_size=5)


def reachable_rates(sample):
    """Every alert rate that a strictly increasing mapping with f(0) = 0 and f(1) = 1 can have at one score."""
    values = np.unique(sample.astype(np.float64))
    room = math.nextafter(1.0, 0.0)
    cuts = [v for below, v in zip([0.0, *values], values, strict=False) if below < v and below < room]
    return sorted({float(np.mean(sample >= v)) for v in cuts} | ({0.0} if values[-1] < room else set()))


@given(samples, references, thresholds)
def test_fit__every_knot__returns_its_alert_rate_within_one_event(sample, reference, declared):
    fit = fit_mapping(sample, reference, declared)
    found = np.sort(fit.mapping().many(sample))
    cannot = {threshold.score for threshold in fit.thresholds if not threshold.reachable}
    knots = np.array(sorted(set(fit.y[1:-1]) - cannot))
    achieved = 1.0 - np.searchsorted(found, knots, side="left") / len(sample)
    assert np.all(np.abs(achieved - reference.alert_rate(knots)) <= 1.0 / len(sample) + 1e-9)


@given(samples, references, scores)
def test_fit__declared_threshold__gets_the_nearest_rate_that_any_mapping_can_reach(sample, reference, score):
    fit = fit_mapping(sample, reference, [score])
    [report] = fit.thresholds
    rates = reachable_rates(sample)
    assert report.target == float(reference.alert_rate(score))
    assert report.achieved == np.mean(fit.mapping().many(sample) >= score)
    nearest = min(abs(rate - report.target) for rate in rates)
    assert abs(abs(report.achieved - report.target) - nearest) <= 1e-9
    assert report.reachable == (nearest <= 1.0 / len(sample) + 1e-9)


@given(samples, references, scores)
def test_fit__declared_threshold__names_the_reachable_rates_around_it(sample, reference, score):
    [report] = fit_mapping(sample, reference, [score]).thresholds
    rates = reachable_rates(sample)
    # One event counted by rounding a target of 0.1 of 1,000 events to 100.
    slack = 1e-6 / len(sample)
    assert report.nearest_below == max((r for r in rates if r <= report.target + slack), default=None)
    assert report.nearest_above == min((r for r in rates if r >= report.target - slack), default=None)


@given(large_samples(), references, thresholds)
def test_fit__several_thresholds__each_is_a_knot_and_reported_as_the_mapping_does(sample, reference, declared):
    fit = fit_mapping(sample, reference, declared)
    found = fit.mapping().many(sample)
    assert [threshold.score for threshold in fit.thresholds] == sorted(set(declared))
    for threshold in fit.thresholds:
        assert threshold.score in fit.y
        assert threshold.achieved == np.mean(found >= threshold.score)


@given(samples, references, thresholds)
def test_fit__any_sample__mapping_is_monotone_onto_the_unit_interval(sample, reference, declared):
    mapping = fit_mapping(sample, reference, declared).mapping()
    p = np.sort(np.concatenate([sample.astype(np.float64), mapping.x, np.linspace(0.0, 1.0, 101)]))
    found = mapping.many(p)
    assert np.all(np.diff(found) >= 0.0)
    assert (found[0], found[-1]) == (0.0, 1.0)


@given(samples, references, thresholds)
def test_fit__beyond_the_outermost_knots__no_flat_ends(sample, reference, declared):
    fit = fit_mapping(sample, reference, declared)
    for j in (0, -2):
        low, high = fit.x[j : j + 2] if j == 0 else fit.x[-2:]
        middle = low + (high - low) / 2.0
        if low < middle < high and high - low > 1e-12:
            assert fit.y[j] < fit.mapping().one(middle) < fit.y[j + 1]


@given(large_samples(), references, st.integers(0, 2**32 - 1))
def test_fit__sample_with_labels__auc_untouched(sample, reference, seed):
    found = fit_mapping(sample, reference, [0.5]).mapping().many(sample)
    assert len(np.unique(found)) == len(np.unique(sample))
    labels = np.random.default_rng(seed).random(len(sample)) < 0.05 + 0.9 * sample
    if 0 < labels.sum() < len(labels):
        assert auc(found, labels) == auc(sample, labels)


@given(small_samples, references, st.randoms(use_true_random=False))
def test_fit__same_events_in_any_order__same_knots_and_input_unchanged(sample, reference, random):
    shuffled = np.array(random.sample(sample.tolist(), len(sample)))
    before = sample.copy()
    assert fit_mapping(sample, reference, [0.5]) == fit_mapping(shuffled, reference, [0.5])
    assert np.array_equal(sample, before)


@given(st.sampled_from([0.0, 5e-324, 0.3, math.nextafter(1.0, 0.0), 1.0]), st.integers(1, 50), references)
def test_fit__constant_sample__strictly_increasing_knots_and_one_atom(value, n, reference):
    fit = fit_mapping(np.full(n, value), reference, [0.5])
    assert fit.mapping().one(value) >= 0.0
    assert fit.distinct == 1
    assert [(atom.value, atom.mass) for atom in fit.atoms] == ([(value, 1.0)] if n > 1 else [])


@given(large_samples())
def test_fit__atoms__are_all_values_above_a_thousandth_of_mass(sample):
    values, counts = np.unique(sample, return_counts=True)
    expected = {float(v): c for v, c in zip(values, counts, strict=True) if c > max(1, 0.001 * len(sample))}
    fit = fit_mapping(sample, BETA, [])
    assert {atom.value: round(atom.mass * len(sample)) for atom in fit.atoms} == expected
    assert fit.distinct == len(values)
    for atom in fit.atoms:
        assert atom.rate_above == np.mean(sample > atom.value)
        assert atom.rate_from == np.mean(sample >= atom.value)


def test_fit__shallow_tree__names_the_rates_that_cannot_be_reached():
    sample = np.repeat([0.02, 0.1, 0.7], [900, 60, 40])
    score = float(BETA.score_at(0.08))
    fit = fit_mapping(sample, BETA, [score])
    [report] = fit.thresholds
    assert (report.reachable, report.nearest_below, report.nearest_above) == (False, 0.04, 0.1)
    assert report.achieved == 0.1
    assert [(atom.value, atom.mass) for atom in fit.atoms] == [(0.02, 0.9), (0.1, 0.06), (0.7, 0.04)]


def test_fit__fresh_events_of_the_same_source__follow_the_reference_into_the_tail():
    rng = np.random.default_rng(5)
    rates = [0.1, 0.05, 0.01, 0.005, 0.001]
    mapping = fit_mapping(rng.beta(0.4, 30.0, 1_000_000), BETA, [float(BETA.score_at(0.01))]).mapping()
    fresh = mapping.many(rng.beta(0.4, 30.0, 1_000_000))
    for rate in rates:
        standard_error = math.sqrt(2 * (1 - rate) / rate / 1_000_000)
        assert abs(np.mean(fresh >= BETA.score_at(rate)) / rate - 1.0) < 5 * standard_error


def test_fit__float32_sample__knots_do_not_depend_on_rounding():
    sample = np.random.default_rng(6).beta(0.4, 30.0, 20_000)
    fit = fit_mapping(sample.astype(np.float32), BETA, [0.5])
    assert fit.thresholds[0].achieved == np.mean(fit.mapping().many(sample) >= 0.5)


def test_fit__sorted_sample_given__same_result():
    sample = np.random.default_rng(7).random(1000)
    assert fit_mapping(SortedSample(sample), BETA, [0.5]) == fit_mapping(sample, BETA, [0.5])


@pytest.mark.parametrize(
    ("sample", "message"),
    [
        (np.array([]), "sample: expected at least one probability, found none"),
        (np.array([0.1, math.nan]), "sample: expected probabilities, found 1 NaN among 2"),
        (np.array([0.1, 1.1]), "sample: expected probabilities in \\[0, 1\\], found 1.1"),
        (np.array([-0.1, 0.1]), "found -0.1"),
        (np.array([0.1, math.inf]), "found inf"),
        (np.array([[0.1]]), "one-dimensional .* found 2 dimension"),
        (np.array([0, 1]), "float32 or float64, found 1 dimension\\(s\\) of int64"),
    ],
)
def test_fit__bad_sample__value_error_saying_what_is_wrong(sample, message):
    with pytest.raises(ValueError, match=message):
        fit_mapping(sample, BETA, [])


@pytest.mark.parametrize("score", [0.0, 1.0, -0.5, math.nan])
def test_fit__threshold_out_of_range__value_error_naming_it(score):
    with pytest.raises(ValueError, match="thresholds\\[1\\]: expected a score above 0 and below 1"):
        fit_mapping(np.array([0.5]), BETA, [0.5, score])


@given(st.integers(0, 10**8), st.lists(st.floats(0.0, 1.0), max_size=5))
def test_alert_counts__any_size__dense_in_the_upper_tail_down_to_one_event(n, declared):
    counts = alert_counts(n, declared)
    assert len(counts) < 800
    if n < 2:
        assert len(counts) == 0
        return
    assert (counts[0], counts[-1]) == (1, n - 1)
    assert np.all(np.diff(counts) > 0)
    assert {round(rate * n) for rate in declared} <= {0, n, *counts.tolist()}
    tail = counts[counts <= n // 10]
    assert np.all(tail[1:] <= np.maximum(tail[:-1] + 1, np.ceil(tail[:-1] * 1.08) + 1))
