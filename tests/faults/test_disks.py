"""Disks that fill up while the product is under load. Where no disk can be mounted, these are skipped."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from muse_site.embedded import Postgres
from tests.factories import World
from tests.faults.disks import DISKS, POSTGRES_DISK, disk, postgres_on_a_small_disk
from tests.faults.hurting import Hurt
from tests.faults.table import Row
from tests.faults.trial import LONG, try_all

pytestmark = [pytest.mark.live, LONG]


@pytest.fixture
def small_disks(tmp_path: Path) -> Iterator[None]:
    """Mounted before the product starts."""
    with disk(tmp_path / "data" / "segments", 64), disk(tmp_path / "data" / "lake", 64):
        yield


@pytest.fixture
def small_postgres(tmp_path: Path) -> Iterator[None]:
    postgres = Postgres(Path(os.environ["MUSE_DATA"]), ephemeral=True)
    with postgres_on_a_small_disk(postgres, tmp_path / "spare", 400):
        yield


def test_product__its_disks_full_under_load__loses_only_what_it_counts(
    small_disks: None, hurt: Hurt, world: World, rows: list[Row]
) -> None:
    """No second names of segments here: they would keep the disk full."""
    assert try_all(DISKS, hurt, world, None, rows) == []


def test_product__disk_of_postgres_full_under_load__loses_and_doubles_nothing(
    transactional_db: None, small_postgres: None, hurt: Hurt, world: World, rows: list[Row]
) -> None:
    assert try_all(POSTGRES_DISK, hurt, world, None, rows) == []
