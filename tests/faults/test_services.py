"""Valkey and Postgres, hurt in one way after the other while the product is under load."""

import pytest

from tests.factories import World
from tests.faults.hurting import Hurt
from tests.faults.services import POSTGRES, VALKEY
from tests.faults.table import Row
from tests.faults.trial import LONG, Recorded, try_all

pytestmark = [pytest.mark.live, LONG]


def test_product__its_services_hurt_under_load__loses_and_doubles_nothing(
    hurt: Hurt, world: World, recorded: Recorded, rows: list[Row]
) -> None:
    assert try_all([*VALKEY, *POSTGRES], hurt, world, recorded, rows) == []
