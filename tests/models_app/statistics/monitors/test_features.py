"""A feature that goes with the hour of the day, simulated: what is usual of it, however many events come."""

from collections.abc import Sequence

import numpy as np
import pytest

from models_app.statistics.monitors import features
from models_app.statistics.monitors.distribution import HOURS
from models_app.statistics.monitors.features import Moved, Past
from models_app.statistics.monitors.sequential import HOURS_A_YEAR

DAYS = 28
FIRST = 500_000 // HOURS * HOURS  # an hour that begins a day
NIGHT = 7  # hours of it


def hour_of(hour: int, rng: np.random.Generator, times: int = 1) -> dict[str, int]:
    """Few events by night, many about noon; `times`: as many of each."""
    name = "=night" if hour % HOURS < NIGHT else "=day"
    return {name: times * (1 + int(rng.poisson(100.0 * np.exp(-(((hour % HOURS - 12) / 7.0) ** 2)))))}


def past(rng: np.random.Generator) -> Past:
    return features.past_of([hour_of(FIRST + each, rng) for each in range(DAYS * HOURS)])


def looks(rng: np.random.Generator, day: Sequence[dict[str, int]]) -> list[Moved]:
    """After every hour of the day that follows the past."""
    known, before = past(rng), [hour_of(FIRST + each, rng) for each in range(HOURS)]
    begin = FIRST + DAYS * HOURS
    seen = [*before, *day]
    return [features.moved("time", seen[: HOURS + each + 1], known, begin + each) for each in range(HOURS)]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("times", [1, 3, 10])
def test_moved__of_a_feature_that_goes_with_the_hour__stays_usual_however_many_events_come(
    times: int, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    found = looks(rng, [hour_of(each, rng, times) for each in range(HOURS)])
    assert min(HOURS_A_YEAR * np.exp(each.surprise) for each in found) > 1.0


def test_moved__of_nights_that_are_said_to_be_days__is_unusual_all_the_same() -> None:
    rng = np.random.default_rng(1)
    found = looks(rng, [{"=day": sum(hour_of(each, rng).values())} for each in range(HOURS)])
    assert min(HOURS_A_YEAR * np.exp(each.surprise) for each in found[:NIGHT]) < 0.01
