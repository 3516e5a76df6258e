"""Schedules of everything that can happen between a request and the lake, each from a seed and so to be played again.

`SCHEDULES=10000 pytest -s …` plays as many, and prints their seeds and how many it played in a minute; a seed that
breaks the law is printed, and `SEED=…` plays it alone.
"""

import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from random import Random

import pytest

from tests.scoring.simulation.lake import Commit
from tests.scoring.simulation.machine import Trouble, empty_disk
from tests.scoring.simulation.world import EVENTS, LABELS, World, simulated

SEED = os.environ.get("SEED")
SEEDS: Sequence[int] = [int(SEED)] if SEED else range(int(os.environ.get("SCHEDULES", "200")))
ACTS = 40  # of a schedule
HOW_OFTEN = {"score": 8.0, "consume": 8.0, "time": 3.0, "trouble": 3.0, "kill": 1.0, "refuse": 0.6, "power": 0.5}
LONG_ROUNDS = 8  # of the consumer, that follow on a table that refuses: as many as it takes to put it in quarantine
SOON = 12  # calls ahead at most that a trouble is planned

Defect = Callable[[pytest.MonkeyPatch], object]  # planted in the product while a schedule is played


@dataclass(frozen=True)
class Played:
    """The calls that a schedule made, what the lake has in the end, and in words what is broken of the law."""

    calls: list[str]
    commits: list[Commit]
    broken: list[str]


def soundness(_: pytest.MonkeyPatch) -> None:
    """No defect."""


def broken_by(
    seeds: Iterable[int],
    *,
    fsync: bool,
    elsewhere: bool = False,
    defect: Defect = soundness,
    until: str | None = None,
) -> dict[int, list[str]]:
    """Play schedules; those seeds that break the law, and what of it. until: these words are among it."""
    found: dict[int, list[str]] = {}
    played, began = [], time.monotonic()
    for seed in seeds:
        if broken := play(seed, fsync=fsync, elsewhere=elsewhere, defect=defect).broken:
            found[seed] = broken
        played.append(seed)
        if until is not None and until in " ".join(broken):
            break
    rate = 60 * len(played) / (time.monotonic() - began)
    print(f"\nseeds {played[0]} to {played[-1]}: {rate:,.0f} schedules a minute; {len(found)} break the law", end=" ")
    return found


def play(seed: int, *, fsync: bool, elsewhere: bool = False, defect: Defect = soundness) -> Played:
    """fsync, elsewhere: power is lost, too, and the lake with it or not."""
    chance = Random(seed)
    with (
        empty_disk() as folder,
        simulated(folder, chance, fsync=fsync, elsewhere=elsewhere) as world,
        pytest.MonkeyPatch.context() as patch,
    ):
        defect(patch)
        requests = _requests()
        for _ in range(ACTS):
            _act(world, chance, requests)
        world.settle()
        return Played(list(world.machine.calls), list(world.lake.commits), world.broken())


def _act(world: World, chance: Random, requests: Iterator[list[str]]) -> None:
    machine = world.machine
    match chance.choices(list(HOW_OFTEN), list(HOW_OFTEN.values()))[0]:
        case "score":
            world.score(chance.randrange(2), next(requests))
        case "consume":
            world.consume()
        case "time":
            machine.pass_time(chance.choice((0.1, 3.0, 30.0, 400.0)), chance.choice((None, None, 0.0, -7200.0)))
        case "trouble":
            machine.troubles[len(machine.calls) + chance.randrange(SOON)] = chance.choice(list(Trouble))
        case "kill":
            chance.choice((lambda: world.kill(0), lambda: world.kill(1), world.kill_consumer))()
        case "refuse":
            _refuse(world, chance)
        case "power" if world.fsync:
            world.lose_power()


def _refuse(world: World, chance: Random) -> None:
    """Have a table refuse its rows, or take them again; for a while nothing else happens, or for no time."""
    world.lake.refused ^= {chance.choice((EVENTS, LABELS))}
    for _ in range(chance.randint(0, LONG_ROUNDS)):
        world.machine.pass_time(61.0)
        world.consume()


def _requests() -> Iterator[list[str]]:
    """One to three events each, of which none has the id of another."""
    number = 0
    while True:
        count = 1 + number % 3
        yield [f"e{number + each:04d}" for each in range(count)]
        number += count
