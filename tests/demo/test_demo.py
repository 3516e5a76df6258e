"""The whole demonstration, as `make demo` runs it, on embedded services of its own."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from muse_site.driving.running import ROOT, environment_of_its_own

pytestmark = pytest.mark.live

VERDICTS = [("pass", "harbour-bank"), ("fail", "parcel-market"), ("not enough events", "tram-wallet")]


def demo_output(data: Path) -> str:
    """What it says, until its story is told."""
    argv = [sys.executable, "manage.py", "demo", "--no-traffic"]
    done = subprocess.run(argv, cwd=ROOT, env=environment_of_its_own(data), capture_output=True, text=True, timeout=420)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout


def test_demo__begun_and_begun_again__leaves_a_change_request_of_each_verdict_for_two_people(tmp_path: Path) -> None:
    for output in (demo_output(tmp_path), demo_output(tmp_path)):
        waiting = re.findall(r"^ {4}([a-z ]+?) +http://127\.0\.0\.1:\d+/tenants/([a-z-]+)/changes/3$", output, re.M)
        assert waiting == VERDICTS
        for slug in ("harbour-bank", "parcel-market", "tram-wallet"):
            assert f"{slug}: change request 3 is in review" in output
        assert re.search(r"analyst@example\.com +[a-z2-7]{16} +analyst of the platform", output)
        assert re.search(r"approver@example\.com +[a-z2-7]{16} +approver of the platform", output)
    assert "days 1 to 45 of the history: scored before" in output
