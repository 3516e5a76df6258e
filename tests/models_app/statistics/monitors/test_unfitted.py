"""Events beyond the fit: what chance makes of a highest knot with one event above it, and what a change does."""

import numpy as np

from models_app.statistics.monitors import sequential
from models_app.statistics.monitors.unfitted import Top, Watch

LIMIT = sequential.limit(1.0)
FITTED = 20_000


def until_alarm(multiple: float, hours: int, seed: int, events: int = 60) -> int | None:
    """By simulation: the true share above a knot that one of the fitted events lay above."""
    rng, watch = np.random.default_rng(seed), Watch()
    share = rng.gamma(1.0, 1.0 / FITTED)
    for hour in range(hours):
        watch = watch.after(hour, events, int(rng.poisson(multiple * share * events)), Top(1.0 / FITTED, 1.0))
        if watch.sum >= LIMIT:
            return hour
    return None


def test_watch__of_a_knot_that_happened_to_be_low__hardly_ever_alarms() -> None:
    """By simulation, of four years, each month with another fit: at most one alarm a year is promised in the mean."""
    assert sum(until_alarm(1.0, 730, seed) is not None for seed in range(48)) <= 4


def test_watch__of_events_that_come_beyond_the_fit__alarms_and_says_since_when() -> None:
    watch = Watch()
    for hour in range(200):
        watch = watch.after(hour, 60, 2 if hour >= 150 else 0, Top(1.0 / FITTED, 1.0))
        if watch.sum >= LIMIT:
            break
    assert 150 <= hour <= 154
    multiple, since = watch.likeliest
    assert (multiple, since) == (125.0, 150)
    assert (watch.came, watch.events) == (2 * (hour - 149), 60 * (hour + 1))


def test_watch__of_hours_without_events__stays_as_it_was() -> None:
    watch = Watch().after(7, 60, 1, Top(1.0 / FITTED, 1.0))
    assert watch.after(8, 0, 0, Top(1.0 / FITTED, 1.0)) == watch
