"""What past weeks say of how alert rates move: contrasts of them, and which weeks count."""

import msgspec
import numpy as np
import pytest

from models_app.statistics.drift import DAY
from models_app.statistics.past_weeks import Contrast, Days, alike, contrasts, days_of

EVENTS = np.full(56, 50_000)


def test_contrasts__eight_weeks__are_seven_within_what_chance_does() -> None:
    found = contrasts(Days(EVENTS, np.random.default_rng(1).binomial(EVENTS, 0.01)))
    assert len(found) == 7
    assert all(abs(each.error) < 4 * each.sampling**0.5 for each in found)
    assert all(each.sampling == pytest.approx(0.99 / (0.01 * 350_000), rel=0.02) for each in found)


def test_contrasts__weekday_pattern__cancels() -> None:
    pattern = np.tile([1, 1, 1, 1, 1, 1.5, 1.5], 8)
    found = contrasts(Days(EVENTS, (EVENTS * 0.01 * pattern).astype(int)))
    assert all(abs(each.error) < 1e-3 for each in found)


def test_contrasts__events_of_clusters__have_more_sampling_by_their_design_effect() -> None:
    days = Days(EVENTS, EVENTS // 100)
    assert [each.sampling for each in contrasts(days, 5.0)] == pytest.approx(
        [5.0 * each.sampling for each in contrasts(days)]
    )


@pytest.mark.parametrize(("scatter", "walk"), [(0.1, 0.0), (0.0, 0.1), (0.05, 0.05)])
def test_contrasts__of_weeks_that_scatter_or_walk__have_the_variance_that_they_say_and_are_independent(
    scatter: float, walk: float
) -> None:
    random, found = np.random.default_rng(2), []
    for _ in range(1_000):
        level = random.normal(0, scatter, 8) + np.cumsum(random.normal(0, walk, 8))
        found.append(contrasts(Days(EVENTS, (EVENTS * 0.01 * np.repeat(1.0 + level / 4.0, 7)).astype(int))))
    errors = 4.0 * np.array([[each.error for each in run] for run in found])
    said = [each.scatter * scatter**2 + each.walk * walk**2 for each in found[0]]
    assert np.mean(errors**2, axis=0) == pytest.approx(said, rel=0.2)
    correlation = np.corrcoef(errors.T) - np.eye(7)
    assert np.max(np.abs(correlation)) < 0.15


def test_contrasts__a_day_without_events__are_of_the_weeks_on_either_side() -> None:
    events = EVENTS.copy()
    events[20] = 0  # in the third week
    days = Days(events, events // 100)
    assert len(contrasts(days)) == 1 + 4
    assert days.weeks == 5


@pytest.mark.parametrize(("days", "weeks"), [(0, 0), (6, 0), (13, 1), (20, 2)])
def test_days__weeks__are_whole_ones_counted_back_from_the_last_day(days: int, weeks: int) -> None:
    assert Days(EVENTS[:days], EVENTS[:days] // 100).weeks == weeks


def test_contrasts__fewer_than_two_weeks_or_no_alert__are_none() -> None:
    assert contrasts(Days(EVENTS[:13], EVENTS[:13] // 100)) == []
    assert contrasts(Days(EVENTS, EVENTS * 0)) == []


def test_days_of__events__are_counted_back_from_the_last() -> None:
    occurred_at = np.array([0, DAY // 2, DAY, 3 * DAY])
    found = days_of(occurred_at, np.array([0.1, 0.9, 0.9, 0.5]), 0.5, 3 * DAY)
    assert (found.events.tolist(), found.alerts.tolist()) == ([1, 2, 0, 1], [0, 2, 0, 1])


def test_days_of__a_day_of_which_some_scores_are_unknown__is_not_known() -> None:
    occurred_at = np.repeat([0, DAY], 100)
    scores = np.where(np.arange(200) < 2, np.nan, 1.0)
    found = days_of(occurred_at, scores, 0.5, DAY)
    assert (found.events.tolist(), found.alerts.tolist()) == ([0, 100], [0, 100])


def test_alike__other_alert_rates__are_left_out() -> None:
    rare, common = Contrast(0.0, 1.0, 0.001), Contrast(0.0, 1.0, 0.1)
    assert alike(0.1, [rare, common]) == [common]
    assert alike(0.0, [rare, common]) == []


def test_contrast__stored_by_a_former_version__is_a_week_beside_the_two_before_it() -> None:
    assert msgspec.convert({"error": 0.1, "sampling": 0.01, "rate": 0.02}, Contrast) == Contrast(
        0.1, 0.01, 0.02, scatter=1 + 1 / 2, walk=1 + 1 / 4
    )
