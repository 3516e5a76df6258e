"""Watches of alert rates: quiet while days scatter around the target, however often one looks; loud soon after."""

import numpy as np
import pytest

from models_app.statistics.monitors import sequential
from models_app.statistics.monitors.alert_rate import LEAST_SPREAD, Target, Watch, spread_of

LIMIT = sequential.limit(1.0)
DAY = 24


def hours_until_alarm(rate: float, target: Target, hours: int, seed: int, events: int = 400) -> int | None:
    """By simulation: alerts of hours whose days differ by the target's own spread."""
    rng, watch, factor = np.random.default_rng(seed), Watch(), 1.0
    for hour in range(hours):
        if hour % DAY == 0:
            factor = rng.gamma(1.0 / target.spread**2, target.spread**2)
        watch = watch.after(hour, events, int(rng.binomial(events, min(1.0, rate * factor))), target)
        if watch.sum >= LIMIT:
            return hour
    return None


@pytest.mark.parametrize(
    ("rate", "tolerated"),
    [(0.01, 0.1), (0.0105, 0.1), (0.0095, 0.1), (0.01, 0.35), (0.0145, 0.5), (0.0055, 0.5), (0.0002, 1.0)],
)
def test_watch__of_a_rate_that_is_tolerated__hardly_ever_alarms_in_a_year(rate: float, tolerated: float) -> None:
    """By simulation, of four years: at most one alarm a year in the mean is promised."""
    target = Target(0.01, tolerated, 0.15)
    alarms = [hours_until_alarm(rate, target, 2190, seed) is not None for seed in range(16)]
    assert sum(alarms) <= 4


@pytest.mark.parametrize(("multiple", "within"), [(3.0, 24), (2.0, 48), (0.4, 96)])
def test_watch__of_a_rate_that_has_left_its_target__alarms_soon_and_tells_the_multiple(
    multiple: float, within: int
) -> None:
    target = Target(0.01, 0.1, 0.1)
    found = [hours_until_alarm(0.01 * multiple, target, 240, seed) for seed in range(10)]
    assert all(each is not None and each < within for each in found)


def test_watch__of_a_rate_beyond_a_wide_tolerance__alarms_all_the_same() -> None:
    found = [hours_until_alarm(0.03, Target(0.01, 0.5, 0.1), 240, seed) for seed in range(4)]
    assert all(each is not None and each < 48 for each in found)


def test_watch__that_alarms__says_since_when_and_how_much() -> None:
    target, watch = Target(0.01, 0.1, 0.05), Watch()
    for hour in range(200):
        alerts = 4 if hour < 150 else 12
        watch = watch.after(hour, 400, alerts, target)
    multiple, since = watch.likeliest
    assert multiple == pytest.approx(3.0, rel=0.05)
    assert 148 <= since <= 152


def test_watch__of_hours_without_events__stays_as_it_was() -> None:
    target = Target(0.01, 0.1, 0.1)
    watch = Watch().after(7, 400, 9, target)
    assert watch.after(8, 0, 0, target) == watch


def test_spread__of_days_that_differ__is_told_beyond_what_sampling_makes_them_differ() -> None:
    rng = np.random.default_rng(3)
    events = rng.integers(40_000, 60_000, 200)
    alerts = rng.binomial(events, np.clip(0.01 * rng.gamma(25.0, 1 / 25.0, 200), 0, 1))
    assert spread_of(events.tolist(), alerts.tolist()) == pytest.approx(0.2, rel=0.15)
    assert spread_of(events.tolist(), rng.binomial(events, 0.01).tolist()) < 0.06
    assert spread_of([5], [0]) == LEAST_SPREAD
