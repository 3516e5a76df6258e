"""The benchmark of the first start, in a short form: until the product runs. No figure of it is judged."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.first_start import Start, as_text
from muse_site.driving.running import ROOT


@pytest.mark.live
def test_first_start__until_the_product_runs__tells_when_each_line_was_said(tmp_path: Path) -> None:
    out = tmp_path / "start.json"
    argv = ["-m", "benchmarks.first_start", "--pairs", "1", "--until", "the product runs", "--json", str(out)]
    done = subprocess.run([sys.executable, *argv], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    [start] = json.loads(out.read_text())["now"]
    assert start["lines"][-1][1].endswith("the product runs")
    assert start["seconds"] == start["lines"][-1][0] > 0


def test_as_text__two_checkouts__tells_the_ratio_of_each_pair() -> None:
    def start(seconds: float, processor: float) -> Start:
        return Start(seconds, processor, [(seconds, "ready")])

    text = as_text({"now": [start(4, 5), start(6, 5)], "before": [start(8, 10), start(10, 10)]})
    assert "now: 5.0 s, 5.0 s of processor time" in text
    assert "now to before: 0.55 (0.50 to 0.60) by the clock, 0.50 by processor time" in text
