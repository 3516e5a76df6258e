"""Schedules of everything that can happen between a request and the lake, each from a seed and so to be played again.

`SCHEDULES=10000 pytest …` plays as many; a seed that breaks the law is printed, and `SEED=…` plays it alone.
"""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from tests.scoring.simulation.machine import Trouble
from tests.scoring.simulation.world import EVENTS, LABELS, World, simulated

SCHEDULES = int(os.environ.get("SCHEDULES", "200"))
SEED = os.environ.get("SEED")
ACTS = 40  # of a schedule
HOW_OFTEN = {"score": 8.0, "consume": 8.0, "time": 3.0, "trouble": 3.0, "kill": 1.0, "refuse": 0.3, "power": 0.5}
SOON = 12  # calls ahead at most that a trouble is planned


@pytest.mark.parametrize("fsync", [False, True], ids=["killed", "power lost"])
def test_events__any_schedule_of_crashes_and_failing_calls__are_kept_once_everywhere(fsync: bool) -> None:
    seeds = [int(SEED)] if SEED else range(SCHEDULES)
    broken = [(seed, found) for seed in seeds if (found := played(seed, fsync))]
    assert broken[:5] == [], f"{len(broken)} of {len(seeds)} seeds"


def played(seed: int, fsync: bool) -> list[str]:
    """Play a schedule; what it breaks of the law."""
    chance = Random(seed)
    with tempfile.TemporaryDirectory() as name, simulated(Path(name), chance, fsync=fsync) as world:
        requests = _requests()
        for _ in range(ACTS):
            _act(world, chance, requests)
        world.settle()
        return world.broken()


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
            world.lake.refused ^= {chance.choice((EVENTS, LABELS))}
        case "power" if world.fsync:
            world.lose_power()


def _requests() -> Iterator[list[str]]:
    """One to three events each, of which none has the id of another."""
    number = 0
    while True:
        count = 1 + number % 3
        yield [f"e{number + each:04d}" for each in range(count)]
        number += count
