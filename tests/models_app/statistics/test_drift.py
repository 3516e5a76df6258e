"""Drift from week to week: what past weeks say, and how it is shrunk where they are few."""

import numpy as np
import pytest

from models_app.statistics.drift import ASSUMED, Drift, WeekAhead, alike, drift_of, of_days, weeks_ahead

EVENTS = np.full(56, 50_000)


def past(levels: np.ndarray, seed: int = 1) -> list[WeekAhead]:
    """Weeks of an intent with an alert rate of 1 % times exp(levels), by day."""
    return weeks_ahead(EVENTS, np.random.default_rng(seed).binomial(EVENTS, 0.01 * np.exp(levels)))


def many(levels: np.ndarray) -> list[WeekAhead]:
    """Of 40 intents; levels (40, 56)."""
    return [week for seed, own in enumerate(levels) for week in past(own, seed)]


def test_weeks_ahead__eight_weeks__are_six_with_two_before_each() -> None:
    weeks = past(np.zeros(56))
    assert len(weeks) == 6
    assert all(abs(week.error) < 5 * week.sampling**0.5 for week in weeks)


def test_weeks_ahead__a_day_without_events__leaves_out_what_touches_it() -> None:
    events = EVENTS.copy()
    events[20] = 0
    assert len(weeks_ahead(events, events // 100)) == 3  # of the six, those that begin on days 14, 21 and 28 touch it


def test_weeks_ahead__fewer_days_than_a_window_and_a_week__are_none() -> None:
    assert weeks_ahead(EVENTS[:20], EVENTS[:20] // 100) == []


def test_weeks_ahead__weekday_pattern__cancels() -> None:
    pattern = np.tile([1, 1, 1, 1, 1, 1.5, 1.5], 8)
    weeks = weeks_ahead(EVENTS, (EVENTS * 0.01 * pattern).astype(int))
    assert all(abs(week.error) < 1e-3 for week in weeks)


def test_drift__of_still_intents__is_next_to_none() -> None:
    weeks = many(np.zeros((40, 56)))
    assert drift_of(weeks[:6], weeks[6:]).share < 0.01


@pytest.mark.parametrize("scatter", [0.05, 0.2])
def test_drift__of_weeks_that_differ__is_what_they_differ_by(scatter: float) -> None:
    levels = np.repeat(np.random.default_rng(3).normal(0, scatter, (40, 8)), 7, axis=1)
    weeks = many(levels)
    # The week to come differs from its own mean by `scatter`, and the mean of two weeks by that over √2.
    assert drift_of(weeks[:6], weeks[6:]).share == pytest.approx(scatter * np.sqrt(1.5), rel=0.25)


def test_drift__nothing_known__is_assumed() -> None:
    assert drift_of([]) == ASSUMED


def test_drift__few_own_weeks__lies_between_them_and_others() -> None:
    still, wild = WeekAhead(0.0, 1e-6, 0.01), WeekAhead(0.4, 1e-6, 0.01)
    found = drift_of([wild], [still] * 30)
    assert 0.0 < found.share < 0.4
    assert drift_of([wild] * 30, [still] * 30).share > found.share


def test_alike__other_alert_rates__are_left_out() -> None:
    rare, common = WeekAhead(0.0, 1.0, 0.001), WeekAhead(0.0, 1.0, 0.1)
    assert alike(0.1, [rare, common]) == [common]
    assert alike(0.0, [rare, common]) == []


def test_of_days__independent__is_next_to_none_and_wild_days_are_seen() -> None:
    random, events = np.random.default_rng(2), EVENTS[:14]
    calm = of_days(events, random.binomial(events, 0.01))
    wild = of_days(events, random.binomial(events, 0.01 * np.exp(random.normal(0, 0.3, 14))))
    assert calm.share < 0.04 < 0.08 < wild.share
    assert of_days(events, np.zeros(14, int)) == Drift(0.0, 1.0)
