"""What an event table's files say of the ids that were answered, for whoever looks for repeated events."""

from collections.abc import Iterator
from datetime import datetime

from deltalake import DeltaTable

from scoring.lake import rows
from scoring.lake.reading import run
from scoring.lake.recent import Answer

PORTION = 100_000


def recent_answers(table: DeltaTable, since: datetime) -> Iterator[list[Answer]]:
    """What was answered at or after a time, in portions."""
    return _answers(table, since, "")


def repeated_answers(table: DeltaTable, since: datetime) -> Iterator[Answer]:
    """As `recent_answers`, but only of ids that are there more than once, sorted by id and time."""
    which = "QUALIFY count(*) OVER (PARTITION BY event_id) > 1 ORDER BY event_id, scored_at"
    return (answer for portion in _answers(table, since, which) for answer in portion)


def _answers(table: DeltaTable, since: datetime, which: str) -> Iterator[list[Answer]]:
    files = table.file_uris(file_pruning_predicate=f"scored_at >= '{since.isoformat()}'")
    if not files:
        return
    repeat = "coalesce(repeat, FALSE)" if rows.has_repeats(table) else "FALSE"
    query = f"""
        SELECT event_id, epoch_us(scored_at), {repeat}, predictor, transform, probability, score
        FROM recorded WHERE scored_at >= $since {which}
    """
    for portion in run(table, files, query, {"since": since}).to_batches(max_chunksize=PORTION):
        columns = [column.to_pylist() for column in portion.columns]
        yield [Answer(*row) for row in zip(*columns, strict=True)]
