"""Reads what was scored, live and by shadows, from the event tables."""

from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
from deltalake import DeltaTable
from numpy.typing import NDArray


@dataclass(frozen=True)
class Served:
    """What one target (predictor, transform) gave, by event: `ids` increasing."""

    ids: NDArray[np.int64]
    probability: NDArray[np.float64]
    score: NDArray[np.float64]


def read(table: Path) -> dict[int, Served]:
    """All that is recorded in an event table, live or by shadows, by transform. Event ids are whole numbers.

    Raises ValueError where a shadow failed.
    """
    files = [str(uri) for uri in DeltaTable(str(table)).file_uris()]
    events = "read_parquet(?, hive_partitioning = false)"
    query = f"""
        SELECT event_id::BIGINT AS id, transform, probability, score, NULL AS error FROM {events}
        UNION ALL
        SELECT id, s.transform, s.probability, s.score, s.error
        FROM (SELECT event_id::BIGINT AS id, unnest(shadows) AS s FROM {events})
    """
    with duckdb.connect() as connection:
        connection.execute(f"CREATE TABLE served AS {query}", [files, files])
        for (failed,) in connection.execute("SELECT error FROM served WHERE error != '' LIMIT 1").fetchall():
            raise ValueError(f"a shadow failed: {failed}")
        transforms = [row[0] for row in connection.execute("SELECT DISTINCT transform FROM served").fetchall()]
        return {transform: _served(connection, transform) for transform in transforms}


def _served(connection: duckdb.DuckDBPyConnection, transform: int) -> Served:
    columns = connection.execute(
        "SELECT id, probability, score FROM served WHERE transform = ? ORDER BY id", [transform]
    ).fetchnumpy()
    return Served(columns["id"], columns["probability"], columns["score"])
