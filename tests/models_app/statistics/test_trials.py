"""Who has won a trial: a shadow that ranks better, and hardly ever one that does not."""

import numpy as np
import pytest

from models_app.statistics.evidence.outcomes import Known
from models_app.statistics.evidence.shares import Sampled
from models_app.statistics.trials import Found, judged

RATES = {"review": 0.05, "decline": 0.01}
DAYS = 28.0


def trial(seed: int, *, live: float, shadow: float, n: int = 20_000, positive: float = 0.01) -> Found:
    """By simulation: positive events lie so many standard deviations higher in what each side says."""
    rng = np.random.default_rng(seed)
    is_positive, common = rng.random(n) < positive, rng.normal(size=n)
    sides = [0.8 * common + 0.6 * rng.normal(size=n) + shift * is_positive for shift in (live, shadow)]
    return judged(Known(*sides, is_positive, Sampled()), np.linspace(0.0, DAYS, n, endpoint=False), RATES)


def test_trial__of_a_shadow_that_ranks_better__is_won() -> None:
    found = [trial(seed, live=1.5, shadow=2.3) for seed in range(20)]
    assert sum(not each.against for each in found) >= 18
    assert all(each.is_known for each in found)


def test_trial__of_a_shadow_that_is_no_better__is_hardly_ever_won() -> None:
    """One of forty at most is promised; by simulation, of 200."""
    won = sum(not trial(seed, live=2.0, shadow=2.0).against for seed in range(200))
    assert won <= 10


def test_trial__of_a_shadow_that_is_worse__says_where() -> None:
    found = trial(1, live=2.5, shadow=1.5)
    assert found.is_known
    assert any("at “review” it catches" in each for each in found.against)


@pytest.mark.parametrize(("n", "positive"), [(1_000, 0.005), (0, 0.01)])
def test_trial__of_few_labels__is_not_told(n: int, positive: float) -> None:
    found = trial(1, live=0.0, shadow=5.0, n=n, positive=positive)
    assert (found.is_known, len(found.against)) == (False, 1)
    assert "it takes 20 to compare" in found.against[0]


def test_trial__of_too_few_events_for_its_alert_rates__is_not_told() -> None:
    found = trial(1, live=0.0, shadow=5.0, n=150, positive=0.5)
    assert not found.is_known
    assert found.against == ["150 labelled events are too few for the thresholds' alert rates"]


def test_trial__lost_in_one_week_for_certain__is_not_won() -> None:
    rng, n = np.random.default_rng(2), 40_000
    days, is_positive = np.linspace(0.0, DAYS, n, endpoint=False), rng.random(n) < 0.02
    first = days < 7.0
    live = rng.normal(size=n) + 2.0 * is_positive
    shadow = rng.normal(size=n) + np.where(first, -1.0, 4.0) * is_positive
    found = judged(Known(live, shadow, is_positive, Sampled()), days, RATES)
    assert all(each.is_won for each in found.contests)
    assert [each for each in found.against if each.startswith("in week 1 it caught,")]
