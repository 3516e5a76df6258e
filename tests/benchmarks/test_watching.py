"""The benchmark of what looks cost, in a short form in which no figure is judged."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.watching import Cost, Found
from muse_site.driving.running import ROOT


@pytest.mark.live
def test_watching__a_few_tenants__looks_at_all_of_them_and_tells_what_it_took(tmp_path: Path) -> None:
    out = tmp_path / "found.json"
    options = ["--tenants", "3", "--events", "100", "--hours", "1", "--json", out]
    command = [sys.executable, ROOT / "benchmarks/watching.py", *options]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert out.exists(), done.stdout + done.stderr
    found = json.loads(out.read_text())
    assert found["tenants"] == 3
    assert all(seconds > 0.0 for hour in ("first", "others", "mean") for seconds in found[hour].values())
    assert "of a core for 300 tenants" in done.stdout


def test_found__of_hours__has_the_mean_of_a_day_and_the_share_that_300_tenants_take() -> None:
    found = Found(100, Cost(30.0, 18.0), Cost(6.0, 6.0))
    assert found.mean == Cost(7.0, 6.5)
    assert found.share == pytest.approx(13.5 * 3 / 3600)
    assert "| the mean of a day | 7.0 | 6.5 | 135 |" in found.as_text()
