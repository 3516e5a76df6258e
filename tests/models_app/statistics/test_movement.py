"""How rates move from week to week: what past weeks say of it, and how it is shrunk where they are few."""

import numpy as np
import pytest

from models_app.statistics.evidence.forecast import with_past
from models_app.statistics.movement import movement_of
from models_app.statistics.past_weeks import Contrast, Days, contrasts

EVENTS = np.full(56, 20_000)
FloatArray = np.ndarray


def many(levels: FloatArray, seed: int = 1) -> list[Days]:
    """Days of intents with an alert rate of 1 % times exp(levels), by week: (intents, 8)."""
    random = np.random.default_rng(seed)
    return [Days(EVENTS, random.binomial(EVENTS, 0.01 * np.exp(np.repeat(own, 7)))) for own in levels]


def seen(levels: FloatArray) -> tuple[list[Contrast], list[Contrast]]:
    """Of the first intent, and of the others."""
    own, *others = [contrasts(each) for each in many(levels)]
    return own, [each for other in others for each in other]


def test_movement__of_still_intents__is_next_to_none() -> None:
    found = movement_of(*seen(np.zeros((20, 8))))
    assert all(found.ahead(span).share < 0.01 for span in (2, 8))


@pytest.mark.parametrize("scatter", [0.05, 0.2])
def test_movement__of_weeks_that_scatter__is_what_they_differ_by(scatter: float) -> None:
    found = movement_of(*seen(np.random.default_rng(3).normal(0, scatter, (20, 8))))
    # The week to come differs from its level by `scatter`, and the mean of two weeks by that over √2.
    assert found.ahead(2).share == pytest.approx(scatter * np.sqrt(1.5), rel=0.25)
    assert found.ahead(8).share < found.ahead(2).share


def test_movement__of_weeks_that_walk__is_more_the_farther_back_they_are() -> None:
    found = movement_of(*seen(np.cumsum(np.random.default_rng(4).normal(0, 0.05, (20, 8)), axis=1)))
    assert found.ahead(2).share == pytest.approx(0.05 * np.sqrt(1.25), rel=0.25)
    assert found.ahead(8).share > 1.3 * found.ahead(2).share


def test_movement__wild_weeks_of_its_own_among_still_ones__are_believed() -> None:
    still, wild = Contrast(0.0, 1e-5, 0.01), Contrast(0.3, 1e-5, 0.01)
    assert movement_of([wild], [still] * 30).ahead(2).share == pytest.approx(0.3, rel=0.3)
    assert movement_of([still], [still] * 30).ahead(2).share < 0.01


def test_movement__no_weeks_of_its_own__is_that_of_others_and_told_less_surely() -> None:
    _, others = seen(np.random.default_rng(3).normal(0, 0.05, (20, 8)))
    found = movement_of([], others)
    assert found.weeks == len(others)
    assert found.ahead(2).share == pytest.approx(0.05 * np.sqrt(1.5), rel=0.25)


def test_with_past__of_still_weeks__tells_the_rate_from_more_of_them_than_the_window_has() -> None:
    own, others = seen(np.zeros((20, 8)))
    (days, *_) = many(np.zeros((20, 8)))
    found = with_past(days, 14, movement_of(own, others))
    alone = with_past(Days(EVENTS[:14], days.alerts[-14:]), 14, movement_of(own, others))
    assert (found.days, alone.days) == (56, 14)
    assert found.expected == np.sum(days.alerts) / np.sum(EVENTS)
    assert _width(found.expected_low, found.expected_high) < 0.7 * _width(alone.expected_low, alone.expected_high)
    assert found.weeks == alone.weeks


def test_with_past__of_weeks_that_walk_away__tells_it_from_the_window() -> None:
    levels = np.cumsum(np.full((20, 8), 0.1), axis=1)
    own, others = seen(levels)
    assert with_past(many(levels)[0], 14, movement_of(own, others)).days == 14


def test_with_past__window_that_is_no_whole_weeks__is_told_from_it_or_from_more() -> None:
    own, others = seen(np.zeros((20, 8)))
    days = many(np.zeros((20, 8)))[0]
    found = with_past(Days(days.events[-10:], days.alerts[-10:]), 10, movement_of(own, others))
    assert found.days == 10


@pytest.mark.parametrize(("scatter", "walk"), [(0.0, 0.0), (0.02, 0.0), (0.0, 0.01), (0.05, 0.02)])
def test_with_past__weeks_that_move_little_or_much__holds_the_rate_behind_next_week(
    scatter: float, walk: float
) -> None:
    random, held = np.random.default_rng(5), 0
    for run in range(100):
        shape = (12, 9)
        levels = random.normal(0, scatter, shape) + np.cumsum(random.normal(0, walk, shape), axis=1)
        days = many(levels[:, :8], run)
        own, *others = [contrasts(each) for each in days]
        found = with_past(days[0], 14, movement_of(own, [each for other in others for each in other]))
        assert found.expected_low is not None
        assert found.expected_high is not None
        held += found.expected_low <= 0.01 * np.exp(levels[0, 8]) <= found.expected_high
    assert held >= 88


def _width(low: float | None, high: float | None) -> float:
    assert low is not None
    assert high is not None
    return high - low
