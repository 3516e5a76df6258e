"""Stories in which power is lost at the worst time, and all that was not safe is gone."""

from collections.abc import Iterator
from contextlib import contextmanager
from random import Random

from scoring.consumer.quarantine import quarantined
from tests.scoring.simulation.machine import Trouble, empty_disk
from tests.scoring.simulation.world import LABELS, World, simulated


class Worst(Random):
    """Of what is not safe from power loss, nothing stays."""

    def randint(self, a: int, b: int) -> int:
        return a


@contextmanager
def world_at_worst(*, elsewhere: bool = False) -> Iterator[World]:
    with empty_disk() as folder, simulated(folder, Worst(), fsync=True, elsewhere=elsewhere, beside=0.0) as world:
        yield world
        world.settle()
        assert world.broken() == []


def consume(world: World, rounds: int = 1) -> None:
    for _ in range(rounds):
        world.machine.pass_time(61.0)
        world.consume()


def set_labels_apart(world: World) -> None:
    """Have as many tries fail as it takes, all but for the quarantine's file, which nothing is in yet."""
    world.lake.refused.add(LABELS)
    for _ in range(20):
        if not quarantined(world.segments):
            consume(world)


def test_labels__in_the_lake_before_a_quarantine_and_not_yet_safe__are_kept_when_power_is_lost() -> None:
    with world_at_worst() as world:
        world.score(0, ["before"])
        consume(world, 2)
        world.score(0, ["apart"])
        set_labels_apart(world)
        consume(world, 2)
        world.lose_power()


def test_labels__in_a_quarantine_whose_consumer_died_before_it_was_safe__are_kept_when_power_is_lost() -> None:
    with world_at_worst(elsewhere=True) as world:
        for name in "abcdef":  # more than a segment
            world.score(0, [name])
        set_labels_apart(world)
        world.machine.next_of["fsync"] = Trouble.DIE_BEFORE
        consume(world, 2)
        assert not world.machine.next_of
        consume(world, 4)
        world.machine.keep_names()
        world.lose_power()


def test_events__after_a_frame_that_was_read_before_it_was_safe__are_kept_when_the_clock_goes_back() -> None:
    with world_at_worst(elsewhere=True) as world:
        world.score(0, ["before"])
        world.machine.next_of["fdatasync"] = Trouble.DIE_BEFORE
        assert not world.score(0, ["lost"])
        consume(world, 2)
        world.lose_power()
        world.machine.pass_time(1.0, -7200.0)
        assert world.score(0, ["then"])
