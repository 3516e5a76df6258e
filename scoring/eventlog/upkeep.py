"""What is done to the lake now and then: small files merged, repeated events dropped, old ones deleted.

Each step is one Delta commit beside which the consumer goes on appending; one that loses to another commit is left for
the next time.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import groupby

import pyarrow as pa
import structlog
from deltalake import DeltaTable

from scoring.eventlog import lake
from scoring.eventlog.reading import repeated_ids
from tenants.models import Intent
from tenants.scope import platform_scope

SMALL_FILES = 4  # of one day, from which on they are merged
TARGET_BYTES = 128 << 20
USUAL_WINDOW = timedelta(hours=1)
VACUUM_HOURS = 24  # files that no version needs are kept for readers that began before

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Compacted:
    """What compaction did to one table."""

    days: int
    removed_files: int
    repeated_events: int


NOTHING = Compacted(0, 0, 0)


def compact_all() -> None:
    """Compact every table of the lake."""
    with platform_scope():
        rows = Intent.objects.values_list("tenant_id", "name", "idempotency_seconds")
        windows = {(tenant, name): timedelta(seconds=seconds) for tenant, name, seconds in rows}
    for name in lake.table_names():
        window = windows.get((name.tenant, name.intent), USUAL_WINDOW)
        _each(name, "compacted", partial(compact, name, window=window))


def retain_all(*, days: int) -> None:
    """Delete what arrived more than `days` days ago from every table, then files that nothing needs."""
    before = datetime.now(UTC) - timedelta(days=days)
    for name in lake.table_names():
        _each(name, "rid of old events", partial(delete_older, name, before))
        _each(name, "vacuumed", partial(vacuum, name))


def _each(name: lake.TableName, done: str, act: Callable[[], object]) -> None:
    """What fails for one table is left for the next time, and stops no other."""
    try:
        result = act()
    except lake.Failure as error:
        log.warning("A table could not be looked after; the next time will do.", table=name.path, what=done,
                    reason=str(error))  # fmt: skip
    else:
        if result not in (False, 0, NOTHING):
            log.info(f"A table is {done}.", table=name.path, result=str(result))


def compact(name: lake.TableName, *, window: timedelta) -> Compacted:
    """Merge the files of days that have many, and drop repeated events in them.

    window: the intent's idempotency window. A day is looked at when it has small files, so once in a while.
    Raises DeltaError when another commit was in the way.
    """
    table = lake.open_table(name)
    small = _small_files(table) if table is not None else {}
    if table is None or not small:
        return NOTHING
    repeated = _drop_repeated(table, small, window) if name.kind == "events" else 0
    removed = 0
    for day in sorted(small):
        metrics = table.optimize.compact(partition_filters=[("day", "=", day)], target_size=TARGET_BYTES)
        removed += metrics["numFilesRemoved"]
    return Compacted(len(small), removed, repeated)


def delete_older(name: lake.TableName, before: datetime) -> bool:
    """Delete rows that arrived before a time; returns whether there were any."""
    table = lake.open_table(name)
    if table is None:
        return False
    arrived = "scored_at" if name.kind == "events" else "reported_at"
    predicate = f"{arrived} < '{before.astimezone(UTC).isoformat()}'"
    if not table.file_uris(file_pruning_predicate=predicate):
        return False
    metrics = table.delete(predicate)
    return bool(metrics.get("num_deleted_rows", metrics.get("num_removed_files")))


def vacuum(name: lake.TableName, *, hours: int = VACUUM_HOURS) -> int:
    """Remove files that no version needs any more, and those of writes that were never committed."""
    table = lake.open_table(name)
    if table is None:
        return 0
    removed = table.vacuum(retention_hours=hours, dry_run=False, enforce_retention_duration=False, full=True)
    return len(removed)


def _small_files(table: DeltaTable) -> dict[str, list[datetime]]:
    """Days that have many files below the target size → when the first event in each of them was scored."""
    actions = pa.table(table.get_add_actions(flatten=True)).to_pylist()
    found: defaultdict[str, list[datetime]] = defaultdict(list)
    for action in actions:
        if action["size_bytes"] < TARGET_BYTES // 2:
            at = action.get("min.scored_at") or action.get("min.reported_at") or datetime.min.replace(tzinfo=UTC)
            found[str(action["partition.day"])].append(at)
    return {day: times for day, times in found.items() if len(times) >= SMALL_FILES}


def _drop_repeated(table: DeltaTable, small: dict[str, list[datetime]], window: timedelta) -> int:
    """Delete repetitions that came through different machines, which each machine's consumer could not see."""
    since = min(min(times) for times in small.values()) - window
    rows = repeated_ids(table, since)
    repeated = list(_repeated(zip(*rows, strict=True), int(window / timedelta(microseconds=1))))
    for start in range(0, len(repeated), 500):
        table.delete(" OR ".join(_exactly(*row) for row in repeated[start : start + 500]))
    return len(repeated)


def _repeated(rows: Iterable[tuple[str, int]], window: int) -> Iterable[tuple[str, int]]:
    """Of rows (id, time) sorted by both, those that repeat one less than `window` before them.

    Two rows alike in both cannot be told apart, and stay.
    """
    for event_id, group in groupby(rows, key=lambda row: row[0]):
        kept = None
        for _, at in group:
            if kept is not None and kept < at < kept + window:
                yield event_id, at
            elif kept is None or at != kept:
                kept = at


def _exactly(event_id: str, at: int) -> str:
    literal = event_id.replace("'", "''")
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=at)
    return f"(event_id = '{literal}' AND scored_at = '{moment.isoformat()}')"
