"""What the consumer meets while the product is under load: records that are none, and another consumer."""

import pytest

from tests.factories import World
from tests.faults.hurting import Hurt
from tests.faults.records import RECORDS
from tests.faults.table import Row
from tests.faults.trial import LONG, Recorded, try_all

pytestmark = [pytest.mark.live, LONG]


def test_product__bad_records_and_another_consumer_under_load__loses_and_doubles_nothing(
    hurt: Hurt, world: World, recorded: Recorded, rows: list[Row]
) -> None:
    assert try_all(RECORDS, hurt, world, recorded, rows) == []
