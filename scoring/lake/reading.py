"""Reading the lake: with DuckDB's `read_parquet` over the files that Delta names, pruned by day and by statistics.

Windows are [start, end) of `occurred_at`. Tables that do not exist read as empty ones. What is read of a window is read
for fits and evidence, and has no degraded events.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from deltalake import DeltaTable
from duckdb import DuckDBPyConnection as Connection
from duckdb import DuckDBPyRelation
from numpy.typing import NDArray

from scoring.lake import delta, rows
from scoring.lake.columns import LABEL
from scoring.lake.given import given_by, queries_of_given
from scoring.lake.names import Types
from scoring.lake.pruning import event_files
from scoring.lake.recorded import by_name, expression
from scoring.lake.routed import Routed
from scoring.lake.sampling import Sample
from scoring.queue.record import MOST_AHEAD

NO_TYPES: Mapping[str, str] = MappingProxyType({})
NOTHING: Mapping[str, tuple[str, str]] = MappingProxyType({})
MOST_REPEATS = 20  # of an id, that are shown
OTHER = ("occurred_at", "scored_at", "release", "route", "predictor", "transform", "probability", "score")
LABELS_OF = """
    SELECT event_id, arg_max(label, (reported_at, labelled_at)) AS label FROM ({source}) GROUP BY event_id
"""

# `reported_at`: when what the label says was first reported, however often it was said again.
REPORTS_OF = """
    SELECT event_id, arg_max(label, last) AS label, arg_max(first, last) AS reported_at FROM (
        SELECT event_id, label, max((reported_at, labelled_at)) AS last, min(reported_at) AS first
        FROM ({source}) GROUP BY event_id, label
    ) GROUP BY event_id
"""


def probabilities(
    tenant_id: int,
    intent: str,
    predictor_key: str,
    start: datetime,
    end: datetime,
    sample: Sample | None = None,
    routed: Routed | None = None,
) -> NDArray[np.float64]:
    """Probabilities (n,) that a predictor version gave in a window, live or as a shadow; one for each event.

    Events for which a shadow failed are left out. With a `sample`, only the events in it; `routed`: only those of
    these routes.
    """
    return next(probabilities_in(tenant_id, intent, predictor_key, [(start, end)], sample, routed))


def probabilities_in(
    tenant_id: int,
    intent: str,
    predictor_key: str,
    windows: Iterable[tuple[datetime, datetime]],
    sample: Sample | None = None,
    routed: Routed | None = None,
) -> Iterator[NDArray[np.float64]]:
    """As `probabilities`, of one window after the other, all of the table as it is now."""
    name = delta.TableName(tenant_id, intent, "events")
    table = delta.open_table(name)
    if table is None:
        yield from (np.empty(0) for _ in windows)
        return
    where, named = chosen(sample, routed, name, delta.schema_of(table))
    values = {"predictor": predictor_key, **named}
    queries = queries_of_given(where)
    with rows.connect() as connection:
        for window in windows:
            found = [_query(name, each, *window, table=table, connection=connection, **values) for each in queries]
            chunks = [chunk.to_numpy() for each in found if each for chunk in each.column("probability").chunks]
            yield np.concatenate([np.empty(0), *chunks])


def version(tenant_id: int, intent: str) -> int | None:
    """The event table's version now, for reading it more than once while events are written; None without a table."""
    table = delta.open_table(delta.TableName(tenant_id, intent, "events"))
    return table.version() if table else None


def outcomes(
    tenant_id: int,
    intent: str,
    start: datetime,
    end: datetime,
    predictors: Sequence[str],
    context: Mapping[str, str],
    sample: Sample | None = None,
    version: int | None = None,
    kept: Mapping[str, tuple[str, str]] = NOTHING,
) -> pa.Table | None:
    """Recorded events of a window, by event id, and what these predictor versions gave for them; None without any.

    With a `sample`, only the events in it.
    Columns: `event_id`, `occurred_at`, `context.<name>` (null where it was never recorded), `probability.<j>` of the
    j-th predictor, live or as a shadow (null where it was neither, or failed), `label` and `reported_at` (null where
    there is none), and what `kept` names: `features.<name>` or `context.<name>` and its type, null if never recorded.
    `context`: attributes and their types, which values of former ones are cast to.
    `version`: of the table, to read it as it was; default as it is.
    """
    name = delta.TableName(tenant_id, intent, "events")
    table = delta.open_table(name, version)
    if table is None:
        return None
    known = delta.schema_of(table)
    columns = {f"context.{each}": _known_or_null(name, f"context.{each}", known, context[each]) for each in context}
    columns = {"event_id": "event_id", "occurred_at": "occurred_at"} | columns
    columns |= {f"probability.{j}": given_by(f"$p{j}") for j in range(len(predictors))}
    columns |= {each: _known_or_null(name, column, known, type_) for each, (column, type_) in kept.items()}
    where, named = chosen(sample, None, name, known)
    query = f"SELECT {_numbered(columns.values())} FROM recorded WHERE {where} ORDER BY event_id"
    values = {f"p{j}": each for j, each in enumerate(predictors)} | named
    found = _query(name, query, start, end, table=table, **values)
    if found is None or not len(found):
        return None
    found = found.rename_columns(list(columns))
    reports = label_reports(tenant_id, intent, start)
    place = pc.index_in(found.column("event_id"), value_set=reports.column("event_id").combine_chunks())
    for column in ("label", "reported_at"):
        found = found.append_column(column, reports.column(column).take(place))
    return found


def feature_table(
    tenant_id: int,
    intent: str,
    start: datetime,
    end: datetime,
    columns: Sequence[str],
    types: Mapping[str, str] = NO_TYPES,
    sample: Sample | None = None,
    version: int | None = None,
    routed: Routed | None = None,
    ids: Sequence[str] | None = None,
) -> pa.Table:
    """Recorded events of a window, or those in a `sample`, one row each, for a replay; no order is promised.

    With `ids` only the events of these.

    columns: `features.<name>`, `context.<name>`, or columns that every event has (`event_id`, `occurred_at`, …). They
    are called so in the result. types: of some of them, by column, as the intent has them now; where a type has
    changed, values of the former one are cast, and are null where that is impossible. version: as in `outcomes`;
    routed: as in `probabilities`.
    Raises KeyError naming a column that was never recorded.
    """
    name = delta.TableName(tenant_id, intent, "events")
    table = delta.open_table(name, version)
    if table is None:
        raise KeyError(f"intent {intent} has no recorded events yet")
    known = delta.schema_of(table)
    picked = [expression(name, column, known, types.get(column)) for column in columns]
    where, named = chosen(sample, routed, name, known)
    if ids is not None:
        where, named = f"{where} AND event_id IN (SELECT unnest($ids))", {**named, "ids": list(ids)}
    found = _query(name, f"SELECT {_numbered(picked)} FROM recorded WHERE {where}", start, end, table=table, **named)
    if found is None:
        return pa.table({column: pa.array([], pa.null()) for column in columns})
    return found.rename_columns(list(columns))


def count_events(
    tenant_id: int,
    intent: str,
    start: datetime,
    end: datetime,
    predictor_key: str | None = None,
    routed: Routed | None = None,
) -> int:
    """How many events a window has, `routed` as in `probabilities`; or how many this predictor version gave one for."""
    name = delta.TableName(tenant_id, intent, "events")
    table = delta.open_table(name)
    if table is None:
        return 0
    where, values = chosen(None, routed, name, delta.schema_of(table))
    query = f"SELECT count(*) AS n FROM recorded WHERE {where}"
    if predictor_key is not None:
        query, values = f"{query} AND {given_by('$predictor')} IS NOT NULL", {**values, "predictor": predictor_key}
    found = _query(name, query, start, end, table=table, **values)
    return int(found.column("n")[0].as_py()) if found else 0


def first_event_at(tenant_id: int, intent: str, version: int | None = None) -> datetime | None:
    """When the first recorded event of all occurred, as the files' statistics have it; None without any."""
    table = delta.open_table(delta.TableName(tenant_id, intent, "events"), version)
    files = event_files(intent, table, None, None) if table is not None else []
    return min((each.earliest for each in files), default=None)


def labels(tenant_id: int, intent: str, event_ids: Sequence[str] | None = None) -> pa.Table:
    """The latest label of each labelled event: event_id, label."""
    name = delta.TableName(tenant_id, intent, "labels")
    table = delta.open_table(name)
    if table is None:
        return pa.table({"event_id": pa.array([], pa.string()), "label": pa.array([], pa.int32())})
    where = "" if event_ids is None else "WHERE event_id IN (SELECT unnest($ids))"
    query = LABELS_OF.format(source="SELECT * FROM recorded " + where)
    parameters = {} if event_ids is None else {"ids": list(event_ids)}
    return run(table, table.file_uris(), query, parameters)


def label_reports(tenant_id: int, intent: str, start: datetime | None = None) -> pa.Table:
    """The latest label of each labelled event, and when it was first reported: event_id, label, reported_at.

    start: of a window of events whose labels are wanted. Files of labels that were reported before any of these may
    have occurred are not read, whatever their number.
    """
    table = delta.open_table(delta.TableName(tenant_id, intent, "labels"))
    first = date.min if start is None else max(start.astimezone(UTC).date(), date.min + MOST_AHEAD) - MOST_AHEAD
    files = list(table.file_uris(file_pruning_predicate=f"day >= '{first}'")) if table is not None else []
    if table is None or not files:
        return LABEL.empty_table().select(["event_id", "label", "reported_at"])
    return run(table, files, REPORTS_OF.format(source="SELECT * FROM recorded"), {})


def labelled(tenant_id: int, intent: str, start: datetime, end: datetime) -> pa.Table:
    """As `label_reports`, of the events of a window alone."""
    reports = label_reports(tenant_id, intent, start)
    table = delta.open_table(delta.TableName(tenant_id, intent, "events"))
    if table is None or not len(reports):
        return reports.slice(0, 0)
    found = feature_table(tenant_id, intent, start, end, ["event_id"])
    ids = found.column("event_id").combine_chunks().cast(reports.column("event_id").type)
    return reports.filter(pc.is_in(reports.column("event_id"), value_set=ids))


class SeveralEvents(LookupError):
    """More than one intent has an event of an id; `intents` are their names."""

    def __init__(self, intents: Sequence[str]) -> None:
        super().__init__(", ".join(intents))
        self.intents = list(intents)


def find_event(
    tenant_id: int, event_id: str, intent: str | None = None, day: date | None = None
) -> dict[str, Any] | None:
    """One recorded event by its id, as a dictionary; else None.

    It has the columns of all events, `features` and `context` by name, its `intent`, the latest `label`, and `others`:
    what the same id was answered with besides.

    It is looked for on the day that a UUIDv7 carries, or on `day` (each with its neighbours), then everywhere, by the
    files' statistics, newest first. Of repeated ids the last scored one is given.
    Raises SeveralEvents where intents have one each, and none is asked for.
    """
    names = (
        delta.table_names(("events",), tenant_id) if intent is None else [delta.TableName(tenant_id, intent, "events")]
    )
    days = [each for each in (day, day_of_uuid7(event_id)) if each is not None]
    tables = [(name, table) for name in names if (table := delta.open_table(name)) is not None]
    for predicate in (*map(_around, days), ""):
        found = {name: (table, each) for name, table in tables if (each := _find(table, event_id, predicate))}
        if len(found) > 1:
            raise SeveralEvents([name.intent for name in found])
        for name, (table, (latest, *others)) in found.items():
            row = by_name(name, latest, delta.schema_of(table))
            return row | {"intent": name.intent, "label": _label_of(name, event_id), "others": _others(others)}
    return None


def day_of_uuid7(event_id: str) -> date | None:
    """The day (UTC) of the time in a UUIDv7; None for any other id."""
    digits = event_id.replace("-", "").lower()
    if len(digits) != 32 or digits[12] != "7" or set(digits) - set("0123456789abcdef"):
        return None
    try:
        return moment(int(digits[:12], 16) * 1000).date()
    except OverflowError:
        return None


# ---- how


def _query(
    name: delta.TableName,
    query: str,
    start: datetime,
    end: datetime,
    *,
    table: DeltaTable | None = None,
    connection: Connection | None = None,
    **values: Any,
) -> pa.Table | None:
    """Run a query on the files of a window, without degraded events; None where there are none."""
    table = table or delta.open_table(name)
    if table is None:
        return None
    files, values = files_of(table, start, end), values | {"start": start, "end": end}
    where = rows.one_of_each_id_answered_live(table)
    return run(table, files, query, values, where=where, connection=connection) if files else None


def files_of(table: DeltaTable, start: datetime, end: datetime) -> Sequence[str]:
    """The files of the days of a window."""
    first, last = start.astimezone(UTC).date(), (end.astimezone(UTC) - timedelta.resolution).date()
    return list(table.file_uris(file_pruning_predicate=f"day >= '{first}' AND day <= '{last}'"))


def chosen(
    sample: Sample | None, routed: Routed | None, name: delta.TableName, known: Types
) -> tuple[str, dict[str, Any]]:
    """The condition of a window, and of a sample and of routes where there are such; their values."""
    where, values = "occurred_at >= $start AND occurred_at < $end", {}
    if sample is not None:
        where, values = f"{where} AND {sample.condition}", dict(sample.values())
    if routed is not None:
        condition, more = routed.condition(lambda of, type_: _known_or_null(name, f"context.{of}", known, type_))
        where, values = f"{where} AND {condition}", values | more
    return where, values


def run(
    table: DeltaTable,
    files: Sequence[str],
    query: str,
    values: dict[str, Any],
    *,
    where: str = "TRUE",
    connection: Connection | None = None,
) -> pa.Table:
    """`recorded` in the query stands for the files' rows that meet a condition."""
    with nullcontext(connection) if connection else rows.connect() as using:
        return selected(using, table, files, query, values, where).to_arrow_table()


def selected(
    connection: Connection, table: DeltaTable, files: Sequence[str], query: str, values: dict[str, Any], where: str
) -> DuckDBPyRelation:
    """What `run` gives, before it is read."""
    source, named = rows.source(connection, "files", table, files)
    whole = f"WITH recorded AS NOT MATERIALIZED (FROM {source} WHERE {where}) {query}"
    return connection.sql(whole, params=values | named)


def _around(day: date) -> str:
    one = timedelta(days=1)
    first, last = max(day, date.min + one) - one, min(day, date.max - one) + one
    return f"day >= '{first}' AND day <= '{last}'"


def _find(table: DeltaTable, event_id: str, predicate: str) -> list[dict[str, Any]]:
    """All that there is of an id in the first files that have it, the last scored first."""
    literal = event_id.replace("'", "''")
    wanted = " AND ".join(filter(None, [f"event_id = '{literal}'", predicate]))
    files = sorted(table.file_uris(file_pruning_predicate=wanted), reverse=True)  # by day, newest first
    for start in range(0, len(files), 50):
        query = "SELECT * FROM recorded WHERE event_id = $id ORDER BY scored_at DESC LIMIT $most"
        values = {"id": event_id, "most": MOST_REPEATS}
        found = run(table, files[start : start + 50], query, values).to_pylist()
        if found:
            return found
    return []


def _others(found: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [{name: row[name] for name in OTHER} for row in found]


def _label_of(name: delta.TableName, event_id: str) -> int | None:
    found = labels(name.tenant, name.intent, [event_id])
    return found.column("label")[0].as_py() if len(found) else None


def _known_or_null(table: delta.TableName, column: str, known: Types, wanted: str) -> str:
    try:
        return expression(table, column, known, wanted)
    except KeyError:
        return "NULL"


def _numbered(expressions: Iterable[str]) -> str:
    """What to select, by place: names that clients choose are no names in SQL, which does not tell them all apart."""
    return ", ".join(f"{each} AS c{place}" for place, each in enumerate(expressions))


def moment(microseconds: int) -> datetime:
    """A time that is counted from 1970 (UTC)."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)
