"""What a load needs, by arithmetic that can be followed by hand, and the processor time of a product's processes."""

from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.capacity_needs import MIB, YEAR, Costs, Load, needs
from benchmarks.roles import processor_seconds

COSTS = Costs(
    scoring_us=500.0,
    database_us=50.0,
    consumer_us=100.0,
    consumer_shadow_us=50.0,
    lake_bytes=100.0,
    lake_shadow_bytes=50.0,
    fit_us=10.0,
    scoring_mib=200.0,
    consumer_mib=100.0,
    worker_mib=100.0,
)
# A thousand events a second, five thousand at the peak.
LOAD = Load(events_a_year=1_000 * YEAR, peak=5.0, tenants=10, shadows=2, retention_months=12.0, busy=0.5)


def test_needs__of_a_round_load__are_what_a_hand_finds() -> None:
    found = needs(LOAD, COSTS)
    assert found.scoring_processes == 5  # 5,000 × 500 µs = 2.5 cores, half busy
    assert found.consumers == 2  # 5,000 × 200 µs = 1 core
    assert found.celery_processes == 2  # 28 days of 86.4 million events at 10 µs: 24,192 s in 21,600
    assert found.database_cores == pytest.approx(0.5)
    assert found.used_cores == pytest.approx(2.5 + 1.0 + 0.25)
    assert found.cores == 5 + 2 + 2 + 1
    assert found.memory_gib == pytest.approx((5 * 200 + 2 * 100 + 2 * 100) / 1024)
    assert found.lake_tib == pytest.approx(1_000 * YEAR * 200 / MIB**2)
    assert found.lake_files == 366 * 10 * 7  # 1.73 GB a day and tenant, in files of 268 MB
    assert found.money_a_million == pytest.approx(10 * 0.04 / 3_600 / 1_000 * 1e6)


def test_needs__of_more_shadows__grow_where_shadows_run() -> None:
    few, many = needs(LOAD, COSTS), needs(replace(LOAD, shadows=12), COSTS)
    assert many.scoring_processes == few.scoring_processes
    assert many.consumers > few.consumers
    assert many.lake_tib > few.lake_tib


def test_processor_seconds__of_a_folder_without_a_product__are_none(tmp_path: Path) -> None:
    assert not processor_seconds(tmp_path)
