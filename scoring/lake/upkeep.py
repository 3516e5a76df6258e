"""What is done to the lake now and then: small files merged, repeated events dropped, old ones deleted.

Each step is one Delta commit beside which the consumer goes on appending; one that loses to another commit is left for
the next time.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import groupby

import pyarrow as pa
import structlog
from deltalake import DeltaTable, Field
from deltalake.schema import PrimitiveType

from scoring.lake import delta
from scoring.lake.answers import repeated_answers
from scoring.lake.columns import REPEAT
from scoring.lake.reading import moment
from scoring.lake.recent import Answer
from scoring.lake.rows import has_repeats
from tenants.models import Intent, Tenant
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
    for name in delta.table_names():
        window = windows.get((name.tenant, name.intent), USUAL_WINDOW)
        _each(name, "compacted", partial(compact, name, window=window))


def retain_all(*, days: int) -> None:
    """Delete what arrived too long ago from every table, then files that nothing needs.

    days: how long it is kept, of tenants that have no number of days of their own.
    """
    with platform_scope():
        own = dict(Tenant.objects.values_list("pk", "retention_days"))
    for name in delta.table_names():
        before = datetime.now(UTC) - timedelta(days=own.get(name.tenant) or days)
        _each(name, "rid of old events", partial(delete_older, name, before))
        _each(name, "vacuumed", partial(vacuum, name))


def _each(name: delta.TableName, done: str, act: Callable[[], object]) -> None:
    """What fails for one table is left for the next time, and stops no other."""
    try:
        result = act()
    except delta.Failure as error:
        log.warning("A table could not be looked after; the next time will do.", table=name.path, what=done,
                    reason=str(error))  # fmt: skip
    else:
        if result not in (False, 0, NOTHING):
            log.info(f"A table is {done}.", table=name.path, result=str(result))


def compact(name: delta.TableName, *, window: timedelta) -> Compacted:
    """Merge the files of days that have many, and drop repeated events in them.

    window: the intent's idempotency window. A day is looked at when it has small files, so once in a while.
    Raises DeltaError when another commit was in the way.
    """
    table = delta.open_table(name)
    small = _small_files(table) if table is not None else {}
    if table is None or not small:
        return NOTHING
    repeated = _drop_repeated(table, small, window) if name.kind == "events" else 0
    removed = 0
    for day in sorted(small):
        metrics = table.optimize.compact(partition_filters=[("day", "=", day)], target_size=TARGET_BYTES)
        removed += metrics["numFilesRemoved"]
    return Compacted(len(small), removed, repeated)


def delete_older(name: delta.TableName, before: datetime) -> bool:
    """Delete rows that arrived before a time; returns whether there were any."""
    table = delta.open_table(name)
    if table is None:
        return False
    arrived = "scored_at" if name.kind == "events" else "reported_at"
    predicate = f"{arrived} < '{before.astimezone(UTC).isoformat()}'"
    if not table.file_uris(file_pruning_predicate=predicate):
        return False
    metrics = table.delete(predicate)
    return bool(metrics.get("num_deleted_rows", metrics.get("num_removed_files")))


def vacuum(name: delta.TableName, *, hours: int = VACUUM_HOURS) -> int:
    """Remove files that no version needs any more, and those of writes that were never committed."""
    table = delta.open_table(name)
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
    """Settle repetitions that came through different machines, which each machine's consumer could not see.

    The same answer again is deleted; another answer is marked as a repeat, as the consumer would have done.
    """
    since = min(min(times) for times in small.values()) - window
    again, other = _repeated(repeated_answers(table, since), int(window / timedelta(microseconds=1)))
    if other and not has_repeats(table):
        table.alter.add_columns([Field(REPEAT.name, PrimitiveType("boolean"))])
    for portion in _portions(other):
        table.update(updates={REPEAT.name: "true"}, predicate=portion)
    for portion in _portions(again):
        table.delete(portion)
    return len(again)


def _portions(answers: Sequence[Answer]) -> Iterable[str]:
    """Conditions that single out these answers, some at a time."""
    for start in range(0, len(answers), 500):
        yield " OR ".join(_exactly(each) for each in answers[start : start + 500])


def _repeated(answers: Iterable[Answer], window: int) -> tuple[list[Answer], list[Answer]]:
    """Split the repeats among answers sorted by id and time into equal ones and different ones.

    A repeat is less than `window` after the first answer of its id.

    What is alike in id and time cannot be told apart, and stays as it is.
    """
    again: list[Answer] = []
    other: list[Answer] = []
    for _, group in groupby(answers, key=lambda each: each.event_id):
        answers_of_id = list(group)
        times = Counter(each.at for each in answers_of_id)
        first: int | None = None
        contents: set[Hashable] = set()
        for each in answers_of_id:
            if first is None or not first <= each.at < first + window:
                if each.repeat:
                    continue  # of an event before all that was looked at
                first, contents = each.at, {each.content}
            elif each.content in contents and times[each.at] == 1:
                again.append(each)
            elif times[each.at] == 1 and not each.repeat:
                other.append(each)
            contents.add(each.content)
    return again, other


def _exactly(answer: Answer) -> str:
    literal = answer.event_id.replace("'", "''")
    return f"(event_id = '{literal}' AND scored_at = '{moment(answer.at).isoformat()}')"
