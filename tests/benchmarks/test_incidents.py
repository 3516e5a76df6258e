"""The benchmark of incidents in a short form: on a small file of its own, whether it runs and what it writes."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from benchmarks.incident_report import Quiet, Run, Runs

ROOT = Path(__file__).resolve().parents[2]
DAYS, A_DAY = 150, 240


def cards(file: Path) -> None:
    """Events as those of the card transactions, simulated: amounts, of which high ones are fraud more often."""
    rng = np.random.default_rng(5)
    n = DAYS * A_DAY
    amount = rng.lognormal(4.0, 1.0, n)
    seconds = np.sort(rng.integers(0, DAYS * 86_400, n))
    columns = {
        "TRANSACTION_ID": np.arange(n),
        "TX_DATETIME": (1_522_540_800 + seconds) * 1_000,
        "CUSTOMER_ID": rng.integers(0, 600, n),
        "TERMINAL_ID": rng.integers(0, 600, n),
        "TX_AMOUNT": amount,
        "TX_FRAUD": (rng.random(n) < np.minimum(0.5, 0.00002 * amount**1.5)).astype(np.int8),
    }
    for days in (1, 7, 30):
        columns[f"CUSTOMER_ID_AVG_AMOUNT_{days}DAY_WINDOW"] = rng.lognormal(4.0, 0.5, n)
    table = pa.table(columns)
    at = table.schema.get_field_index("TX_DATETIME")
    pq.write_table(table.set_column(at, "TX_DATETIME", table["TX_DATETIME"].cast(pa.timestamp("ms"))), file)


def test_incidents__of_a_feature_that_is_null__are_found_and_named(tmp_path: Path) -> None:
    cards(tmp_path / "cards.parquet")
    options = ["--data", tmp_path / "cards.parquet", "--runs", "3", "--only", "fault_null", "--json", tmp_path / "out"]
    command = [sys.executable, ROOT / "benchmarks/incidents.py", *options]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    told = json.loads((tmp_path / "out").read_text())["fault_null"]
    assert (told["found"], told["named_first"], told["kinds"]) == (1.0, 1.0, {"data fault by feature": 3})


def test_told__of_an_attack_and_of_nothing__have_the_share_and_the_rate_and_how_well_they_are_known() -> None:
    runs = [Run(3, hours, "risk", "copies", recall_lost=0.01) for hours in (2, 4, 6, 90)]
    told = Runs("attack_2", runs).as_json()
    assert (told["found"], told["hours_p95"], told["recall_lost"]) == (0.75, 90.0, pytest.approx(0.01))
    assert told["found_at_least"] == pytest.approx(0.249, abs=0.001)  # 3 of 4
    quiet = Quiet([], 3.0).as_json()
    assert (quiet["false_alarms_per_intent_year"], quiet["at_most"]) == (0.0, pytest.approx(0.9986, abs=0.0001))
