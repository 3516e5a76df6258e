"""The product's own processes, hurt one after the other under load."""

import pytest

from tests.factories import World
from tests.faults.fault import Fault
from tests.faults.hurting import Hurt
from tests.faults.processes import KILLS, SUPERVISOR
from tests.faults.table import Row
from tests.faults.trial import LONG, Recorded, try_all

pytestmark = [pytest.mark.live, LONG]

UNHURT = Fault("None", took_hold=lambda hurt: hurt.is_whole)


def test_product__its_supervisor_killed_under_load__loses_and_doubles_nothing(
    hurt: Hurt, world: World, recorded: Recorded, rows: list[Row]
) -> None:
    assert try_all(SUPERVISOR, hurt, world, recorded, rows) == []


def test_product__its_processes_hurt_under_load__loses_and_doubles_nothing(
    hurt: Hurt, world: World, recorded: Recorded, rows: list[Row]
) -> None:
    assert try_all([UNHURT, *KILLS], hurt, world, recorded, rows) == []
