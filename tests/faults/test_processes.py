"""The product's own processes, hurt one after the other under load.

The short form takes some of the faults; `make faults` takes all of them, and holds them to their times too.
"""

import pytest

from tests.factories import World
from tests.faults.fault import Fault
from tests.faults.hurting import Hurt
from tests.faults.processes import KILLS
from tests.faults.table import Row
from tests.faults.trial import Recorded, try_all

pytestmark = pytest.mark.live


def test_product__its_processes_hurt_under_load__loses_and_doubles_nothing(
    hurt: Hurt, world: World, recorded: Recorded, rows: list[Row]
) -> None:
    assert try_all([Fault("None", is_short=True), *KILLS], hurt, world, recorded, rows) == []
