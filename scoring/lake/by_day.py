"""Counting a window's events day by day."""

import math
from datetime import datetime, timedelta

from scoring.lake import delta, reading, rows
from scoring.lake.given import given_by
from scoring.lake.routed import Routed


def count_events_by_day(
    tenant_id: int,
    intent: str,
    start: datetime,
    end: datetime,
    predictor_key: str | None = None,
    routed: Routed | None = None,
) -> list[int]:
    """As `reading.count_events`, of each day since `start`, the last of which may be shorter."""
    name, days = delta.TableName(tenant_id, intent, "events"), math.ceil((end - start) / timedelta(days=1))
    table = delta.open_table(name)
    files = reading.files_of(table, start, end) if table is not None else []
    if table is None or not files:
        return [0] * days
    condition, values = reading.chosen(None, routed, name, delta.schema_of(table))
    values |= {"start": start, "end": end}
    if predictor_key is not None:
        condition, values = (
            f"{condition} AND {given_by('$predictor')} IS NOT NULL",
            values | {"predictor": predictor_key},
        )
    day = "(epoch_us(occurred_at) - epoch_us($start)) // 86400000000"
    query = f"SELECT {day} AS day, count(*) AS n FROM recorded WHERE {condition} GROUP BY 1"
    found = reading.run(table, files, query, values, where=rows.one_of_each_id_answered_live(table))
    counted = dict(zip(found.column("day").to_pylist(), found.column("n").to_pylist(), strict=True))
    return [counted.get(each, 0) for each in range(days)]
