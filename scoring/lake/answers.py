"""What an event table's files say of the ids that were answered, for whoever looks for repeated events."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

import numpy as np
from deltalake import DeltaTable

from scoring.lake import rows
from scoring.lake.reading import run
from scoring.lake.recent import Answer, Answers

PORTION = 100_000


def recent_answers(table: DeltaTable, since: datetime) -> Iterator[Answers]:
    """What was answered at or after a time, in portions."""
    for ids, times, repeats, *received in _columns(table, since, ""):
        yield replace(Answers.of(ids, np.array(times, np.int64), *received), repeats=np.array(repeats, dtype=bool))


def repeated_answers(table: DeltaTable, since: datetime) -> Iterator[Answer]:
    """What was answered at or after a time, but only ids that are there more than once, sorted by id and time."""
    which = "QUALIFY count(*) OVER (PARTITION BY event_id) > 1 ORDER BY event_id, scored_at"
    return (Answer(*row) for columns in _columns(table, since, which) for row in zip(*columns, strict=True))


def _columns(table: DeltaTable, since: datetime, which: str) -> Iterator[list[list[Any]]]:
    """The fields of Answer, portion by portion."""
    files = table.file_uris(file_pruning_predicate=f"scored_at >= '{since.isoformat()}'")
    if not files:
        return
    repeat = "coalesce(repeat, FALSE)" if rows.has_repeats(table) else "FALSE"
    query = f"""
        SELECT event_id, epoch_us(scored_at), {repeat}, predictor, transform, probability, score
        FROM recorded WHERE scored_at >= $since {which}
    """
    for portion in run(table, files, query, {"since": since}).to_batches(max_chunksize=PORTION):
        yield [column.to_pylist() for column in portion.columns]
