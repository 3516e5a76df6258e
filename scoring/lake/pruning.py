"""Which files of event tables may hold what is looked for, by the statistics that Delta keeps of each file."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pyarrow as pa
from deltalake import DeltaTable

FIRST_FILES, FIRST_EVENTS = 24, 250_000  # of the first reading; each further one is twice as large
_AFTER_ALL = "\U0010ffff"  # statistics may be cut short; what they begin with is in the range too
_EARLIEST, _LATEST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class EventFile:
    """A file of an intent's event table: its events occurred from `earliest` to `latest`.

    `ids`: a range in which all their ids are; None where it is not known.
    """

    intent: str
    uri: str
    events: int
    earliest: datetime
    latest: datetime
    ids: tuple[str, str] | None = None


def event_files(
    intent: str, table: DeltaTable, since: datetime | None, until: datetime | None, prefix: str = ""
) -> list[EventFile]:
    """Return the files that may hold events that occurred in [since, until) and whose ids begin with `prefix`."""
    first, last = since or _EARLIEST, until or _LATEST
    root = f"{table.table_uri.removeprefix('file://').rstrip('/')}/"
    actions = pa.table(table.get_add_actions(flatten=True))
    columns = {name: actions.column(name).to_pylist() for name in actions.column_names if _is_of_use(name)}
    return [
        EventFile(intent, root + row["path"], row["num_records"] or 0, earliest, latest, _ids(row))
        for row in (dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True))
        for earliest, latest in [_span(row)]
        if earliest < last and latest >= first and _may_begin(row, prefix)
    ]


def readings(files: Sequence[EventFile], *, newest_first: bool = True) -> Iterator[tuple[list[EventFile], datetime]]:
    """The files in portions, and with each the time beyond which nothing is left in those to come."""
    ordered = sorted(files, key=lambda each: each.latest if newest_first else each.earliest, reverse=newest_first)
    most_files, most_events, start = FIRST_FILES, FIRST_EVENTS, 0
    while start < len(ordered):
        end, events = start, 0
        while end < len(ordered) and end - start < most_files and events < most_events:
            events += ordered[end].events
            end += 1
        yield ordered[start:end], _edge(ordered[end:], newest_first)
        start, most_files, most_events = end, 2 * most_files, 2 * most_events


def _edge(left: Sequence[EventFile], newest_first: bool) -> datetime:
    if not left:
        return _EARLIEST if newest_first else _LATEST
    return left[0].latest if newest_first else left[0].earliest


def _is_of_use(name: str) -> bool:
    return name in ("path", "num_records", "partition.day") or name.endswith((".event_id", ".occurred_at"))


def _span(row: dict[str, Any]) -> tuple[datetime, datetime]:
    """Return the span of a file's events, by its statistics, or else by the day of its partition."""
    day: date = row["partition.day"]
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    last = midnight + timedelta(days=1, microseconds=-1)
    return row.get("min.occurred_at") or midnight, row.get("max.occurred_at") or last


def label_files(table: DeltaTable, of: Sequence[tuple[str, str] | None]) -> list[str]:
    """The label table's files that may hold labels of events whose ids are in these ranges."""
    known = [each for each in of if each is not None]
    if len(known) < len(of):
        return list(table.file_uris())
    low, high = (edge.replace("'", "''") for edge in (min(low for low, _ in known), max(high for _, high in known)))
    return list(table.file_uris(file_pruning_predicate=f"event_id >= '{low}' AND event_id <= '{high}'"))


def _ids(row: dict[str, Any]) -> tuple[str, str] | None:
    low, high = row.get("min.event_id"), row.get("max.event_id")
    return None if low is None or high is None else (str(low), f"{high}{_AFTER_ALL}")


def _may_begin(row: dict[str, Any], prefix: str) -> bool:
    """Statistics may be cut short, so only what both have is compared."""
    low, high = row.get("min.event_id"), row.get("max.event_id")
    if not prefix or low is None or high is None:
        return True
    return str(low)[: len(prefix)] <= prefix[: len(low)] and str(high)[: len(prefix)] >= prefix[: len(high)]
