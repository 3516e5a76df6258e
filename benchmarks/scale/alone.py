"""What DuckDB alone takes to read columns of an event table, in a process of its own.

    python -m benchmarks.scale.alone TABLE COLUMN…

Prints seconds, and seconds of processor time, as JSON; the second time that it reads, when all is loaded.
"""

import json
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from muse_site.driving.running import ROOT

PROBABILITY = ("probability",)
# What evidence looks at, of every event that it takes.
EVIDENCE = ("event_id", "occurred_at", "context_channel", "predictor", "probability", "shadows[1].predictor",
            "shadows[1].probability")  # fmt: skip


@dataclass(frozen=True)
class Took:
    """Seconds by the clock, and of the processor."""

    seconds: float
    processor: float


def alone(table: Path, columns: tuple[str, ...]) -> Took:
    """Read these columns of all events."""
    argv = [sys.executable, "-m", "benchmarks.scale.alone", str(table), *columns]
    told = subprocess.run(argv, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout
    return Took(**json.loads(told))


def _read(table: str, columns: list[str]) -> dict[str, float]:
    import duckdb
    from deltalake import DeltaTable

    began, used = time.monotonic(), time.process_time()
    query = f"SELECT {', '.join(columns)} FROM read_parquet($files, hive_partitioning = false)"
    with duckdb.connect() as connection:
        connection.sql(query, params={"files": DeltaTable(table).file_uris()}).to_arrow_table()
    return {"seconds": time.monotonic() - began, "processor": time.process_time() - used}


if __name__ == "__main__":
    _read(sys.argv[1], sys.argv[2:])
    print(json.dumps(_read(sys.argv[1], sys.argv[2:])))
