"""The benchmark of what scoring processes hold, in a short form. No figure of it is judged but what was loaded."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.held import Held
from muse_site.driving.running import ROOT


@pytest.mark.live
def test_held__few_tenants__loads_only_what_was_published(tmp_path: Path) -> None:
    out = tmp_path / "held.json"
    argv = ["-m", "benchmarks.held", "--tenants", "4", "--models", "2", "--trees", "3", "--publishes", "2"]
    done = subprocess.run([sys.executable, *argv, "--json", str(out)], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    found = json.loads(out.read_text())
    assert found["loaded"] == [1, 1]
    assert len(found["live"]) == len(found["memory"]) == 2
    assert "wanted" in done.stdout


def test_held__as_text__has_what_is_wanted_of_memory() -> None:
    text = Held(models=10.0, start=[2.0], memory=[120.0], live=[0.1, 0.3], loaded=[1, 1]).as_text()
    assert "120 MiB a process, wanted at most 310" in text
    assert "after 0.20 s (0.10 to 0.30), wanted 1" in text
