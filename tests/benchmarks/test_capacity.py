"""What a load needs, by arithmetic that can be followed by hand, and the processor time of a product's processes."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.capacity import COSTS as COSTS_FILE
from benchmarks.capacity import used_cores
from benchmarks.capacity_costs import Used, of_events_and_commits
from benchmarks.capacity_needs import MIB, YEAR, Costs, Load, needs
from benchmarks.capacity_page import page, tables
from benchmarks.roles import processor_seconds
from muse_site.driving.running import ROOT

COSTS = Costs(
    scoring_us=500.0,
    database_us=50.0,
    consumer_us=100.0,
    consumer_shadow_us=50.0,
    commit_us=30_000.0,
    lake_bytes=100.0,
    lake_shadow_bytes=50.0,
    fit_us=10.0,
    merge_us=20.0,
    scoring_mib=200.0,
    consumer_mib=100.0,
    worker_mib=100.0,
)
# A thousand events a second, five thousand at the peak.
LOAD = Load(events_a_year=1_000 * YEAR, peak=5.0, tenants=10, shadows=2, retention_months=12.0, busy=0.5)


def test_needs__of_a_round_load__are_what_a_hand_finds() -> None:
    found = needs(LOAD, COSTS)
    assert found.scoring_processes == 5  # 5,000 × 500 µs = 2.5 cores, half busy
    assert found.consumers == 3  # 5,000 × 200 µs = 1 core; each commits to ten tables a minute besides, 0.005 of a core
    assert found.celery_processes == 2  # 28 days of 86.4 million events at 10 µs: 24,192 s in 21,600; 0.24 for merging
    assert found.database_cores == pytest.approx(0.5)
    assert found.used_cores == pytest.approx(2.5 + 1.0 + 3 * 0.005 + 0.25)
    assert found.cores == 5 + 3 + 2 + 1
    assert found.memory_gib == pytest.approx((5 * 200 + 3 * 100 + 2 * 100) / 1024)
    assert found.lake_tib == pytest.approx(1_000 * YEAR * 200 / MIB**2)
    assert found.lake_files == 366 * 10 * 13  # 1.73 GB a day and tenant, in files of 134 MB
    assert found.commits_a_day == pytest.approx(3 * 10 * 1_440)
    assert found.money_a_million == pytest.approx(11 * 0.04 / 3_600 / 1_000 * 1e6)


def test_needs__of_more_shadows__grow_where_shadows_run() -> None:
    few, many = needs(LOAD, COSTS), needs(replace(LOAD, shadows=12), COSTS)
    assert many.scoring_processes == few.scoring_processes
    assert many.consumers > few.consumers
    assert many.lake_tib > few.lake_tib


def test_needs__of_more_tables_than_can_be_committed_to__are_refused() -> None:
    with pytest.raises(ValueError, match="1200 tables every 60 s"):
        needs(replace(LOAD, tenants=1_200), COSTS)


def test_events_and_commits__of_two_runs__are_told_apart() -> None:
    runs = [Used(events, {"consumer": events * 70e-6 + commits * 20e-3}, 0, commits, 60.0)
            for events, commits in ((600, 12), (9_000, 13))]  # fmt: skip
    assert of_events_and_commits(runs) == pytest.approx((70.0, 20_000.0))


def test_used_cores__of_a_run__grow_with_its_events_and_commits() -> None:
    run = Used(events=60_000, seconds={}, lake_bytes=0, commits=10, took=60.0)
    assert used_cores(LOAD, COSTS, run) == pytest.approx(1_000 * 750e-6 + 0.3 / 60)


def test_page__of_what_was_measured__has_the_numbers_that_the_documentation_tells() -> None:
    costs = Costs(**json.loads(COSTS_FILE.read_text()))
    told = (ROOT / "docs" / "capacity.md").read_text()
    assert tables(Load(), costs, None) in told
    assert page(Load(), costs, None).partition("\n\n| needed")[0] in told


def test_processor_seconds__of_a_folder_without_a_product__are_none(tmp_path: Path) -> None:
    assert not processor_seconds(tmp_path)
