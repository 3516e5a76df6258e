"""Alert rates as observed, AUC, and the summary of a mapping."""

import math

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from sklearn.metrics import roc_auc_score

from models_app.statistics.alert_rates import observed_rates, wilson_interval
from models_app.statistics.auc import auc
from models_app.statistics.fit import fit_mapping
from models_app.statistics.references import BetaReference
from models_app.statistics.sample import SortedSample
from models_app.statistics.summary import summarise
from tests.models_app.statistics.strategies import references, samples, scores

BETA = BetaReference(2.0, 8.0)


@given(st.integers(1, 10_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), st.floats(0.5, 0.999))
def test_wilson_interval__any_count__is_that_of_scipy(count, confidence):
    alerts, n = count
    low, high = wilson_interval(alerts, n, confidence)
    expected = stats.binomtest(alerts, n).proportion_ci(confidence, method="wilson")
    assert math.isclose(low, expected.low, abs_tol=1e-12)
    assert math.isclose(high, expected.high, abs_tol=1e-12)
    assert 0.0 <= low <= alerts / n <= high <= 1.0


@pytest.mark.parametrize(("alerts", "n"), [(1, 0), (-1, 10), (11, 10)])
def test_wilson_interval__impossible_count__value_error(alerts, n):
    with pytest.raises(ValueError, match="alerts: expected 0 to n"):
        wilson_interval(alerts, n)


def test_observed_rates__score_at_the_threshold__counts_as_an_alert():
    [low, high] = observed_rates(np.array([0.1, 0.5, 0.5, 0.9]), [0.5, 0.91])
    assert (low.alerts, low.rate, high.alerts) == (3, 0.75, 0)


def test_observed_rates__float32_scores__compared_with_the_threshold_in_float64():
    [found] = observed_rates(np.array([0.7], dtype=np.float32), [0.7])
    assert found.alerts == int(float(np.float32(0.7)) >= 0.7)


@pytest.mark.parametrize(("values", "message"), [([], "at least one"), ([0.1, math.nan], "found 1 NaN")])
def test_observed_rates__bad_scores__value_error(values, message):
    with pytest.raises(ValueError, match=message):
        observed_rates(np.array(values), [0.5])


@given(st.lists(st.tuples(st.integers(0, 20), st.booleans()), min_size=2, max_size=100))
def test_auc__with_ties__is_that_of_scikit_learn(events):
    values, labels = (np.array(column) for column in zip(*events, strict=True))
    if 0 < labels.sum() < len(labels):
        assert math.isclose(auc(values / 20.0, labels), roc_auc_score(labels, values), abs_tol=1e-12)


@pytest.mark.parametrize(
    ("values", "labels", "message"),
    [
        ([0.1, 0.2], [True], "labels: expected one for each score"),
        ([0.1, 0.2], [True, True], "labels: expected both kinds, found 2 positive, 0 negative"),
        ([0.1, math.nan], [True, False], "scores: expected numbers"),
    ],
)
def test_auc__bad_input__value_error(values, labels, message):
    with pytest.raises(ValueError, match=message):
        auc(np.array(values), np.array(labels))


@given(samples, references, st.lists(scores, max_size=3))
def test_summary__any_sample__counts_what_the_mapping_does(sample, reference, thresholds):
    mapping = fit_mapping(sample, reference, thresholds).mapping()
    summary = summarise(SortedSample(sample), mapping, reference, thresholds)
    found = mapping.many(sample)
    assert np.allclose(summary.scores.shares, np.histogram(found, summary.scores.edges)[0] / len(sample))
    assert math.isclose(sum(summary.probabilities.shares), 1.0)
    assert math.isclose(sum(summary.scores.expected), 1.0)
    for threshold in summary.thresholds:
        assert threshold.alerts == int(np.sum(found >= threshold.score))
        assert threshold.low <= threshold.rate <= threshold.high


def test_summary__fitted_sample__small_plain_and_without_error_at_thresholds():
    sample = np.random.default_rng(4).beta(0.4, 30.0, 100_000)
    thresholds = [float(BETA.score_at(rate)) for rate in (0.1, 0.01)]
    mapping = fit_mapping(sample, BETA, thresholds).mapping()
    summary = summarise(SortedSample(sample), mapping, BETA, thresholds)
    assert len(msgspec.json.encode(summary)) < 10_000
    assert all(abs(threshold.relative_error) < 1e-3 for threshold in summary.thresholds)
    assert all(abs(row.score - row.reference) < 0.02 for row in summary.comparisons)
    assert summary.comparisons[-1].alert_rate == 1e-5
