"""One story of the event log, from the first request to the end of the last segment; with its n-th call in trouble."""

from collections import Counter
from random import Random

import pytest

from tests.scoring.simulation.machine import WRITES, Trouble, empty_disk
from tests.scoring.simulation.world import LABELS, World, simulated

IN_PART = (Trouble.SHORT, Trouble.DIE_WITHIN)  # which the others are like, for what has no parts


def story(world: World) -> None:
    """Two processes fill some segments, the labels' table is set apart and can be written again, all is consumed."""
    for number in range(4):
        world.score(number % 2, [f"e{number}a", f"e{number}b"])
    world.consume()
    world.lake.refused.add(LABELS)
    for number in range(4, 13):
        world.score(number % 2, [f"e{number}"])
        world.machine.pass_time(20.0)
        world.consume()
    world.lake.refused.clear()
    world.machine.pass_time(400.0)
    for _ in range(4):
        world.consume()
        world.machine.pass_time(6.0)
    world.kill(0)
    world.score(0, ["last"])
    world.machine.pass_time(6.0)
    world.consume()


def told(troubles: dict[int, Trouble]) -> tuple[World, list[str], list[str]]:
    """Tell the story; also the calls that it made, and what broke of the law."""
    with empty_disk() as folder, simulated(folder, Random(1), fsync=True, beside=0.0) as world:
        world.machine.troubles |= troubles
        story(world)
        calls = list(world.machine.calls)
        world.settle()
        return world, calls, world.broken()


@pytest.mark.parametrize("trouble", list(Trouble))
def test_events__nth_call_in_trouble__are_kept_once_everywhere(trouble: Trouble) -> None:
    _, calls, _ = told({})
    numbers = [number for number, name in enumerate(calls) if trouble not in IN_PART or name in WRITES]
    found = {(number, calls[number]): told({number: trouble})[2] for number in numbers}
    assert {call: broken for call, broken in found.items() if broken} == {}


def test_story__without_trouble__makes_calls_of_every_kind_and_keeps_all() -> None:
    world, calls, broken = told({})
    assert broken == []
    assert len(world.kept) == len(world.tried) == 18
    kinds = {"open_file", "write", "pwrite", "truncate", "fsync", "fdatasync", "unlink", "commit", "open_table"}
    assert kinds | {"sync_all", "replace"} <= set(calls), Counter(calls)
