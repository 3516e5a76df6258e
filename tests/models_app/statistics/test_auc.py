"""AUC and its interval: against a reference that is not ours, by simulation, and where every pair is ranked alike."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import special, stats
from sklearn.metrics import roc_auc_score
from statsmodels.stats.nonparametric import rank_compare_2indep

from models_app.statistics.auc import auc, auc_difference, auc_interval

RUNS = 1000


@given(seed=st.integers(0, 2**32 - 1), distinct=st.sampled_from([3, 20, 10**9]))
def test_auc_interval__any_scores__has_the_variance_of_statsmodels(seed: int, distinct: int) -> None:
    """Brunner and Munzel's variance is DeLong's; the interval is symmetric about the estimate on the logit's scale."""
    random = np.random.default_rng(seed)
    scores = random.integers(0, distinct, 60) / distinct
    labels = np.arange(60) < random.integers(5, 55)
    area = auc(scores, labels)
    assert area == pytest.approx(roc_auc_score(labels, scores), abs=1e-12)
    assume(0 < area < 1)
    low, high = auc_interval(scores, labels)
    reference = rank_compare_2indep(scores[labels], scores[~labels], use_t=False)
    half = stats.norm.ppf(0.975) * np.sqrt(reference.var_prob) / (area * (1 - area))
    assert special.logit([low, high]) == pytest.approx(special.logit(area) + np.array([-half, half]), abs=1e-6)


@pytest.mark.parametrize(
    ("shift", "positive", "negative"),
    [(0.0, 20, 200), (0.0, 100, 2_000), (1.0, 30, 1_000), (2.0, 50, 1_000), (-1.0, 30, 300), (2.5, 400, 400)],
)
def test_auc_interval__simulated__covers_the_truth(shift: float, positive: int, negative: int) -> None:
    """Two normal distributions `shift` apart: the true area is Φ(shift / √2)."""
    random, truth = np.random.default_rng(11), stats.norm.cdf(shift / np.sqrt(2))
    labels = np.arange(positive + negative) < positive
    covered = 0
    for scores in random.normal(size=(RUNS, len(labels))):
        low, high = auc_interval(scores + shift * labels, labels)
        covered += bool(low <= truth <= high)
    assert 0.93 <= covered / RUNS <= 0.97


def test_auc_interval__all_pairs_ranked_alike__is_not_without_width() -> None:
    labels = np.arange(110) < 10
    best, worst = auc_interval(labels * 1.0, labels), auc_interval(labels * -1.0, labels)
    assert best == pytest.approx((0.025**0.1, 1.0))
    assert worst == pytest.approx((0.0, 1 - 0.025**0.1))


def test_auc_interval__equal_scores__is_at_a_half() -> None:
    assert auc_interval(np.full(40, 0.3), np.arange(40) < 20) == (0.5, 0.5)


def test_auc_interval__one_event_of_a_kind__is_refused() -> None:
    with pytest.raises(ValueError, match="at least two of each kind, found 1 positive, 4 negative"):
        auc_interval(np.linspace(0, 1, 5), np.arange(5) < 1)


def test_auc_difference__simulated__covers_the_truth() -> None:
    random, labels, held = np.random.default_rng(12), np.arange(600) < 100, 0
    truth = float(stats.norm.cdf(1.5 / np.sqrt(2)) - stats.norm.cdf(1.0 / np.sqrt(2)))
    for _ in range(400):
        shared = 0.8 * random.normal(size=600)
        before, after = (gap * labels + shared + 0.6 * random.normal(size=600) for gap in (1.0, 1.5))
        _, low, high = auc_difference(before, after, labels)
        held += low <= truth <= high
    assert 0.93 <= held / 400 <= 0.98


def test_auc_difference__both_perfect__still_is_not_known_for_sure() -> None:
    labels = np.arange(20) < 10
    value, low, high = auc_difference(labels * 1.0, labels * 2.0, labels)
    assert value == 0.0
    assert low < -0.1
    assert high > 0.1
