"""Two scoring machines with their consumers on one Postgres and one lake: what becomes of events when one goes."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from pytest_django import Settings

from muse_site.driving.client import wait
from scoring.models import ConsumerLane
from tests.factories import World, serve
from tests.faults.load import Seen, clients, ids
from tests.live import machines
from tests.live.clients import kept_after, serves
from tests.live.machines import Machine
from tests.object_store import running, use

pytestmark = [
    pytest.mark.live,
    pytest.mark.skipif(not machines.can_be_made(), reason="network namespaces cannot be made here"),
]
ENV = {"MUSE_FLUSH_SECONDS": "0.5", "MUSE_SCORING_WORKERS": "1"}
RATE = 25.0  # events a second to each machine
AWAY_SECONDS = 3.0


@pytest.fixture
def two(settings: Settings, tmp_path: Path, transactional_db: None) -> Iterator[list[Machine]]:
    """Two machines that run; lake and model files are in an object store, which they reach by the network."""
    with ExitStack() as stack:
        net = stack.enter_context(machines.network())
        store = stack.enter_context(running(net.host))
        env = ENV | store.as_environment(tmp_path) | use(store, settings)
        found = [stack.enter_context(net.machine(number, tmp_path / str(number), env)) for number in (1, 2)]
        for each in found:
            each.start()
        yield found


@contextmanager
def under_load(two: list[Machine], world: World) -> Iterator[list[Seen]]:
    """Clients of each machine, and what they saw."""
    with ExitStack() as stack:
        yield [stack.enter_context(clients(each.scoring, world.token, rate=RATE, count=4)) for each in two]


def served_by(two: list[Machine]) -> World:
    """A tenant that both machines serve."""
    world = serve("acme")
    wait(lambda: all(serves(each.scoring, world) for each in two), "both machines to serve", 60.0)
    return world


def check(world: World, seen: list[Seen]) -> None:
    """What was answered is in the lake; and nothing is in it twice, whether it was answered or not."""
    kept = kept_after(world, 120.0)
    answered = {each for one in seen for each in ids(one.answered)}
    assert len(answered) > 100
    assert answered - set(kept) == set()
    assert [name for name, count in kept.items() if count > 1] == []


def test_machine__killed_under_load__loses_and_doubles_nothing_once_it_is_back(two: list[Machine]) -> None:
    world = served_by(two)
    with under_load(two, world) as (of_killed, of_other):
        time.sleep(AWAY_SECONDS)
        two[0].kill()
        time.sleep(AWAY_SECONDS)
        two[0].start()
        time.sleep(AWAY_SECONDS)
    check(world, [of_killed, of_other])
    assert of_killed.count(0) > 0  # while it was away
    assert of_other.statuses.keys() == {200}
    assert set(ConsumerLane.objects.values_list("machine", flat=True)) == {each.name for each in two}


def test_machine__cut_off_from_the_network__keeps_what_it_has_answered(two: list[Machine]) -> None:
    world = served_by(two)
    with under_load(two, world) as (of_cut_off, of_other):
        time.sleep(AWAY_SECONDS)
        two[0].cut_off()
        time.sleep(2 * AWAY_SECONDS)
        two[0].connect()
        time.sleep(AWAY_SECONDS)
    check(world, [of_cut_off, of_other])
    assert of_other.statuses.keys() == {200}
