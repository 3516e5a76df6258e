"""Watches of the riskiest events: quiet while days scatter, loud soon after an attack has begun."""

import numpy as np
import pytest

from models_app.statistics.monitors import risk, sequential
from models_app.statistics.monitors.risk import Past, Watch
from scoring.engine import bins

DAY, EVENTS = 24, 400
LIMIT = sequential.limit(1.0)


def spread(values: np.ndarray) -> dict[str, int]:
    names, counts = np.unique(bins.of_probabilities(np.clip(values, 1e-9, 1 - 1e-9)), return_counts=True)
    return {str(name): int(count) for name, count in zip(names, counts, strict=True)}


def hour_of(rng: np.random.Generator, tail: float, attack: float = 0.0) -> dict[str, int]:
    """Probabilities of an hour: `tail` times as many risky ones as usual, and a share that is very risky beside."""
    usual = rng.random(EVENTS) ** 6
    risky = 0.9 + 0.1 * rng.random(EVENTS)
    values = np.where(rng.random(EVENTS) < 0.02 * max(0.0, tail - 1.0), risky, usual)
    return spread(np.where(rng.random(EVENTS) < attack, risky, values))


def past_of(rng: np.random.Generator, scatter: float) -> Past:
    days = []
    for _ in range(28):
        tail, day = 1.0 + abs(rng.normal(0.0, scatter)), {}
        for _ in range(DAY):
            for name, count in hour_of(rng, tail).items():
                day[name] = day.get(name, 0) + count
        days.append(day)
    return risk.past_of(days)


@pytest.mark.parametrize("scatter", [0.0, 0.3])
def test_watch__while_nothing_but_days_changes__hardly_ever_alarms_in_a_year(scatter: float) -> None:
    """By simulation, of two years: at most one alarm a year in the mean is promised."""
    rng = np.random.default_rng(4)
    past, alarms = past_of(rng, scatter), 0
    for _ in range(8):
        watch = Watch()
        for day in range(91):
            tail = 1.0 + abs(rng.normal(0.0, scatter))
            for hour in range(DAY):
                watch = watch.after(day * DAY + hour, hour_of(rng, tail), past)
                if watch.sum >= LIMIT:
                    alarms, watch = alarms + 1, Watch()
    assert alarms <= 4


def test_watch__of_an_attack__alarms_within_a_day_and_says_since_when() -> None:
    rng = np.random.default_rng(5)
    past = past_of(rng, 0.1)
    watch = Watch()
    for hour in range(100):
        watch = watch.after(hour, hour_of(rng, 1.0, attack=0.02 if hour >= 80 else 0.0), past)
        assert watch.sum < LIMIT or hour >= 80
    assert watch.sum >= LIMIT
    share, since = watch.likeliest
    assert share == pytest.approx(0.02, rel=1.1)
    assert 75 <= since <= 83


def test_past__of_days_whose_tail_scatters__says_how_much_more_than_chance_does() -> None:
    rng = np.random.default_rng(6)
    assert past_of(rng, 0.0).scatter < 1.6
    assert past_of(rng, 1.0).scatter > 2.0
    assert risk.past_of([]).counts == {}


def test_watch__without_a_past_or_events__stays_as_it_was() -> None:
    watch = Watch()
    assert watch.after(1, {"3": 5}, Past({})) == watch
    assert watch.after(1, {}, Past({"3": 5})) == watch
