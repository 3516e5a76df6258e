"""Worlds in which events are made up: how the alert rate moves from day to day, and how events cluster.

All of it is simulated, so that the truth behind each interval is known. Two mappings judge the same events: most
alerts are shared, some are of one alone.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
Levels = Callable[[np.random.Generator, int, int], FloatArray]

WINDOW, WEEK, HISTORY = 14, 7, 56  # days: of evidence, to come, and known before the week to come


@dataclass(frozen=True)
class World:
    """`levels(rng, intents, days)`: the logarithm of each day's risk. `swaps`: the scatter of a day's one-sided alerts.

    `cluster`: so many events of a card share their fate. `discordant`: the share of alerts that one mapping has alone.
    """

    levels: Levels
    events_a_day: int = 20_000
    rate: float = 0.01
    cluster: int = 1
    swaps: float = 0.0
    weekday: float = 0.0
    discordant: float = 0.3


@dataclass(frozen=True)
class Drawn:
    """Alerts of each day, arrays of shape (intents, days): shared, and of the mapping before and after alone.

    `expected`: the rate after, behind each day's events. There are `events` a day and intent.
    """

    both: NDArray[np.int64]
    only_before: NDArray[np.int64]
    only_after: NDArray[np.int64]
    expected: FloatArray
    expected_before: FloatArray
    events: int

    @property
    def ratio(self) -> FloatArray:
        """Return the true change of each intent from before to after, as a share."""
        found: FloatArray = np.sum(self.expected, axis=1) / np.sum(self.expected_before, axis=1) - 1.0
        return found

    @property
    def after(self) -> NDArray[np.int64]:
        return self.both + self.only_after


def _still(rng: np.random.Generator, intents: int, days: int) -> FloatArray:
    return np.zeros((intents, days))


def _day_effects(rng: np.random.Generator, intents: int, days: int) -> FloatArray:
    return rng.normal(0.0, 0.1, (intents, days))


def _ar1(rng: np.random.Generator, intents: int, days: int, memory: float = 0.7) -> FloatArray:
    found = rng.normal(0.0, 0.1, (intents, days))
    for day in range(1, days):
        found[:, day] = memory * found[:, day - 1] + np.sqrt(1.0 - memory**2) * found[:, day]
    return found


def _random_walk(rng: np.random.Generator, intents: int, days: int) -> FloatArray:
    return np.cumsum(rng.normal(0.0, 0.03, (intents, days)), axis=1)


def _weekday(rng: np.random.Generator, intents: int, days: int) -> FloatArray:
    pattern = 1.0 + 0.2 * np.sin(2.0 * np.pi * np.arange(days) / WEEK)  # 1 in the mean of a week
    return np.broadcast_to(np.log(pattern), (intents, days))


def _one_restless(rng: np.random.Generator, intents: int, days: int) -> FloatArray:
    """Weeks of the first intent differ by 3 %, about as much as sampling makes them; in all others nothing moves."""
    found = np.zeros((intents, days))
    found[0] = np.repeat(rng.normal(0.0, 0.03, days // WEEK), WEEK)
    return found


WORLDS: Mapping[str, World] = {
    "independent": World(_still),
    "day_effects": World(_day_effects, swaps=0.3),
    "ar1": World(_ar1),
    "random_walk": World(_random_walk),
    "weekday": World(_weekday, weekday=0.4),
    "clusters": World(_still, cluster=5),
    "rare": World(_still, events_a_day=1_000, rate=0.001),
}
# Not what intervals promise to hold in: they take an intent to move as others do, until its own weeks tell otherwise.
AGAINST_WHAT_IS_ASSUMED: Mapping[str, World] = {"one_restless": World(_one_restless)}


def drawn(
    rng: np.random.Generator,
    world: World,
    intents: int,
    days: int,
    *,
    change: float = 0.0,
    off: float = 0.0,
    **other: Any,
) -> Drawn:
    """Days of `intents` whose rate lies `off` the world's, where the mapping after has `change` more alerts.

    Both as shares.
    """
    events = other.get("events_a_day", world.events_a_day)
    risk = world.rate * (1.0 + off) * np.exp(world.levels(rng, intents, days))
    before_alone = world.discordant * _scatter(rng, world, intents, days)
    after_alone = (world.discordant + change) * _scatter(rng, world, intents, days)
    after_alone = after_alone * (1.0 + world.weekday * np.cos(2.0 * np.pi * np.arange(days) / WEEK))
    cards = events // world.cluster
    both, only_before, only_after = (
        rng.binomial(cards, np.minimum(1.0, risk * share / (1.0 + change))) * world.cluster
        for share in (1.0 - world.discordant, before_alone, after_alone)
    )
    shared, level = 1.0 - world.discordant, risk / (1.0 + change)
    expected, expected_before = (level * (shared + alone) for alone in (after_alone, before_alone))
    return Drawn(both, only_before, only_after, expected, expected_before, cards * world.cluster)


def _scatter(rng: np.random.Generator, world: World, intents: int, days: int) -> FloatArray:
    """Draw factors of mean 1."""
    s = world.swaps
    return np.exp(rng.normal(-0.5 * s * s, s, (intents, days))) if s else np.ones((intents, days))
