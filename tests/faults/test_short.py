"""The short form: some of the faults of each kind, on one product. `make faults` tries all, and holds them to times.

It tries a product's own processes, records that cannot be read, bad releases, and the supervisor itself.
"""

import pytest

from tests.factories import World
from tests.faults.hurting import Hurt
from tests.faults.models import MODELS
from tests.faults.processes import KILLS, SUPERVISOR
from tests.faults.records import RECORDS
from tests.faults.table import Row
from tests.faults.trial import ALL, Recorded, try_all

pytestmark = [pytest.mark.live, pytest.mark.skipif(ALL, reason="all faults are tried")]


def test_product__some_faults_of_each_kind_under_load__loses_and_doubles_nothing(
    hurt: Hurt, world: World, recorded: Recorded, rows: list[Row]
) -> None:
    faults = [fault for fault in (*KILLS, *RECORDS, *MODELS, *SUPERVISOR) if fault.is_short]
    assert len(faults) == 9
    assert try_all(faults, hurt, world, recorded, rows) == []
