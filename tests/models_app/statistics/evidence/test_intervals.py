"""Intervals, against references that are not ours, and by simulation."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.proportion import proportion_confint
from statsmodels.stats.proportion import test_proportions_2indep as score_test

from models_app.statistics.alert_rates import wilson_interval
from models_app.statistics.drift import DAY, Drift
from models_app.statistics.evidence.forecast import forecast, of_days
from models_app.statistics.evidence.paired import of_counts, paired_change
from models_app.statistics.prediction import interval, prediction_interval

RUNS = 2000
NO_DRIFT = Drift(0.0, 1.0)


@given(n=st.integers(1, 10**7), share=st.floats(0, 1), confidence=st.sampled_from([0.8, 0.95, 0.99]))
def test_wilson_interval__any_counts__is_that_of_statsmodels(n: int, share: float, confidence: float) -> None:
    alerts = round(n * share)
    expected = proportion_confint(alerts, n, alpha=1 - confidence, method="wilson")
    assert wilson_interval(alerts, n, confidence) == pytest.approx(expected, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize(
    ("both", "into", "out", "ratio", "low", "high"),
    [(6, 26, 4, 3.2, 1.766544, 5.796628), (12, 26, 4, 2.375, 1.537157, 3.669518)],
)
def test_paired_change__examples_of_its_authors__have_their_intervals(
    both: int, into: int, out: int, ratio: float, low: float, high: float
) -> None:
    """As printed in the manual of ci.ratio.prop.ps in Bonett's R package statpsych."""
    found = of_counts(both=both, only_before=out, only_after=into)
    assert (found.relative, found.low, found.high) == pytest.approx((ratio - 1, low - 1, high - 1), abs=1e-6)


@pytest.mark.parametrize(("rate", "n", "stays"), [(0.1, 2_000, 0.9), (0.01, 10_000, 0.8), (0.001, 50_000, 0.7)])
def test_paired_change__simulated__covers_the_truth(rate: float, n: int, stays: float) -> None:
    """Before at `rate`, of which `stays` alert after; as many new ones: the true change is none, or −5 % below."""
    random, covered = np.random.default_rng(17), 0
    truth = 0.95
    cells = [rate * stays, rate * (1 - stays), rate * (truth - stays)]
    for both, out, into, _ in random.multinomial(n, [*cells, 1 - sum(cells)], size=RUNS):
        found = of_counts(int(both), int(out), int(into))
        low, high = found.low, found.high
        covered += low is not None and low <= truth - 1 and (high is None or truth - 1 <= high)
    assert 0.93 <= covered / RUNS <= 0.97


@pytest.mark.parametrize(("rate", "n"), [(0.1, 2_000), (0.01, 10_000), (0.001, 50_000)])
def test_wilson_interval__simulated__covers_the_truth(rate: float, n: int) -> None:
    counts = np.random.default_rng(5).binomial(n, rate, size=RUNS)
    covered = [low <= rate <= high for low, high in (wilson_interval(int(count), n) for count in counts)]
    assert 0.93 <= np.mean(covered) <= 0.97


@pytest.mark.parametrize(("rate", "a_day"), [(0.1, 300), (0.01, 2_000), (0.001, 20_000), (0.001, 1_600), (0.001, 400)])
def test_forecast__simulated_without_drift__covers_the_rate_of_the_next_week(rate: float, a_day: int) -> None:
    """Down to 3 alerts a week."""
    random, covered, days = np.random.default_rng(11), 0, np.full(14, a_day)
    for alerts in random.binomial(a_day, rate, (RUNS, 21)):
        found = of_days(days, alerts[:14], NO_DRIFT)
        covered += found.low <= np.sum(alerts[14:]) / (7 * a_day) <= found.high
    assert 0.93 <= covered / RUNS <= 0.975


def test_forecast__no_past_week_known__covers_days_that_have_rates_of_their_own() -> None:
    """Three times the variance of independent events (beta-binomial)."""
    random, covered, days = np.random.default_rng(11), 0, np.full(14, 2_000)
    spread = 1_999 / 2 - 1
    for alerts in random.binomial(2_000, random.beta(0.01 * spread, 0.99 * spread, (RUNS, 21))):
        found = of_days(days, alerts[:14])
        covered += found.low <= np.sum(alerts[14:]) / 14_000 <= found.high
    assert covered / RUNS >= 0.93


@given(n=st.integers(1, 10**6), m=st.integers(1, 10**6), share=st.floats(0, 1), effect=st.floats(1, 50))
def test_prediction_interval__its_ends__are_where_statsmodels_score_test_starts_to_refuse(
    n: int, m: int, share: float, effect: float
) -> None:
    alerts = round(n * share)
    ends = prediction_interval(alerts / n, n, m, effect, 0.0, 1.96)
    assert 0 <= ends[0] <= alerts / n <= ends[1] <= 1
    for end in ends:
        if 0 < end < 1:
            statistic, _ = score_test(alerts, n, end * m, m, method="score", correction=False)
            # n and m may differ by six orders of magnitude, which costs digits.
            assert abs(statistic) == pytest.approx(1.96 * np.sqrt(effect), rel=1e-4)


@given(both=st.integers(0, 10**6), out=st.integers(0, 10**6), into=st.integers(0, 10**6))
def test_paired_change__any_counts__has_the_change_inside(both: int, out: int, into: int) -> None:
    found = of_counts(both, out, into)
    if found.relative is not None:
        assert found.low is not None
        assert -1 <= found.low <= found.relative + 1e-9
        assert found.high is None or found.relative - 1e-9 <= found.high


def test_paired_change__arrays__are_counted_event_by_event() -> None:
    before, after = np.array([True, True, False, False]), np.array([True, False, True, False])
    found = paired_change(before, after)
    assert (found.both, found.only_before, found.only_after, found.relative) == (1, 1, 1, 0.0)


def test_paired_change__nobody_alerts__says_nothing() -> None:
    assert of_counts(0, 0, 0).low is None


def test_forecast__bursts_on_some_days__is_wider() -> None:
    occurred_at = np.repeat(np.arange(14) * DAY, 1_000)
    even = np.tile(np.arange(1_000) < 10, 14)
    burst = np.concatenate([np.arange(1_000) < (140 if day == 3 else 0) for day in range(14)])
    calm, wild = forecast(even, occurred_at), forecast(burst, occurred_at)
    assert calm.drift < wild.drift
    assert wild.low < calm.low < 0.01 < calm.high < wild.high
    assert calm.weeks == [0.01, 0.01]


@given(n=st.integers(1, 10**7), share=st.floats(0, 1))
def test_interval__of_the_rate_behind_the_week_without_drift__is_wilsons(n: int, share: float) -> None:
    alerts = round(n * share)
    assert interval(alerts, n, math.inf, NO_DRIFT) == pytest.approx(wilson_interval(alerts, n), rel=1e-9, abs=1e-12)


@given(alerts=st.integers(0, 1000), variance=st.floats(0, 10), degrees=st.floats(0.5, 50))
def test_interval__more_drift__is_never_narrower(alerts: int, variance: float, degrees: float) -> None:
    calm, wild = (interval(alerts, 10_000, 5_000, Drift(each, degrees)) for each in (variance / 2, variance))
    assert 0 <= wild[0] <= calm[0] + 1e-12 <= alerts / 10_000 + 1e-12
    assert alerts / 10_000 <= calm[1] <= wild[1] + 1e-12 <= 1 + 1e-12


def test_forecast__no_alert__still_says_how_high_it_may_go() -> None:
    found = forecast(np.zeros(14_000, bool), np.arange(14_000) * DAY // 1_000, NO_DRIFT)
    assert (found.low, found.events) == (0.0, 7_000)
    assert 1 / 7_000 < found.high < 5 / 7_000


def test_forecast__window_begins_within_a_day__counts_whole_days_back_from_its_end() -> None:
    occurred_at = DAY // 2 + np.arange(14_000) * DAY // 1_000
    found = forecast(np.arange(14_000) % 100 == 0, occurred_at)
    assert (found.events, found.weeks) == (7_000, [0.01, 0.01])
