"""The consumer's metrics are shown by the services, for it has no port of its own."""

import os
import subprocess
import sys
from pathlib import Path

OBSERVE = """
import django; django.setup()
from datetime import UTC, datetime
from scoring.lake.delta import TableName
from scoring.consumer.quarantine import QuarantineState
from scoring.consumer.consumer import LaneState
from scoring.consumer.metrics import observe
observe([LaneState("0", position=9, behind_bytes=512, events=10, duplicates=2, dropped=1, lost_events=3,
                   set_aside=4)],
        [QuarantineState(TableName(7, "x", "events"), "refused", datetime.now(UTC), records=5, bytes=9, lost=1)])
"""
SHOW = "import django; django.setup(); from scoring.serving.metrics import page; print(page().decode())"


def run(code: str, folder: Path) -> str:
    folder.mkdir()
    env = os.environ | {"PROMETHEUS_MULTIPROC_DIR": str(folder), "DJANGO_SETTINGS_MODULE": "muse_site.settings"}
    return subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True).stdout


def test_metrics__of_the_consumer__are_on_the_page_of_a_service(tmp_path: Path) -> None:
    run(OBSERVE, tmp_path / "consumer")
    page = run(SHOW, tmp_path / "console")
    assert 'muse_consumer_behind_bytes{lane="0"} 512.0' in page
    assert 'muse_lane_lost_events{lane="0"} 3.0' in page
    assert 'muse_segments_set_aside{lane="0"} 4.0' in page
    assert "muse_quarantined_tables 1.0" in page
    assert "muse_quarantined_records 5.0" in page
    assert "muse_quarantine_lost_records 1.0" in page
