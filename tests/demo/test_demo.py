"""The whole demonstration, as `make demo` runs it, on embedded services of its own."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from muse_site.driving.running import ROOT, free_ports

pytestmark = pytest.mark.live

VERDICTS = [("pass", "harbour-bank"), ("fail", "parcel-market"), ("not enough events", "tram-wallet")]
_SERVICES = ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL")


def demo_output(data: Path) -> str:
    """What it says, until its story is told."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("MUSE_") and name not in _SERVICES}
    scoring, console = free_ports(2)
    ports = {"MUSE_SCORING_PORT": str(scoring), "MUSE_CONSOLE_PORT": str(console)}
    argv = [sys.executable, "manage.py", "demo", "--no-traffic"]
    done = subprocess.run(
        argv, cwd=ROOT, env={**ours, **ports, "MUSE_DATA": str(data)}, capture_output=True, text=True, timeout=420
    )
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
