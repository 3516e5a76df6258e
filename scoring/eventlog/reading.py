"""Reading the lake: with DuckDB's `read_parquet` over the files that Delta names, pruned by day and by statistics.

Windows are [start, end) of `occurred_at`. Tables that do not exist read as empty ones.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from deltalake import DeltaTable
from numpy.typing import NDArray

from scoring.engine import document
from scoring.eventlog import lake, rows
from scoring.eventlog.columns import EVENT, FEATURE_TYPES, column_name
from scoring.eventlog.pruning import event_files
from scoring.eventlog.sampling import Sample

NO_TYPES: Mapping[str, document.FeatureType] = MappingProxyType({})
_PREFIXES = {"features": "feature", "context": "context"}
_SQL_TYPES = {"number": "DOUBLE", "integer": "BIGINT", "boolean": "BOOLEAN", "category": "VARCHAR"}
LABELS_OF = """
    SELECT event_id, arg_max(label, (reported_at, labelled_at)) AS label FROM ({source}) GROUP BY event_id
"""


def probabilities(
    tenant_id: int, intent: str, predictor_key: str, start: datetime, end: datetime
) -> NDArray[np.float64]:
    """Probabilities (n,) that a predictor version gave in a window, live or as a shadow; one for each event.

    Events for which a shadow failed are left out.
    """
    query = f"""
        SELECT probability FROM (
            SELECT {_given_by("$predictor")} AS probability
            FROM ({{source}}) WHERE occurred_at >= $start AND occurred_at < $end
        ) WHERE probability IS NOT NULL
    """
    found = _query(lake.TableName(tenant_id, intent, "events"), query, start, end, predictor=predictor_key)
    return np.asarray(found.column("probability").to_numpy() if found else [], dtype=np.float64)


def version(tenant_id: int, intent: str) -> int | None:
    """The event table's version now, for reading it more than once while events are written; None without a table."""
    table = lake.open_table(lake.TableName(tenant_id, intent, "events"))
    return table.version() if table else None


def outcomes(
    tenant_id: int,
    intent: str,
    start: datetime,
    end: datetime,
    predictors: Sequence[str],
    context: Sequence[str],
    sample: Sample | None = None,
    version: int | None = None,
) -> pa.Table | None:
    """Recorded events of a window, by event id, and what these predictor versions gave for them; None without any.

    With a `sample`, only the events in it.
    Columns: `event_id`, `occurred_at`, `context.<name>` (null where it was never recorded), `probability.<j>` of the
    j-th predictor, live or as a shadow (null where it was neither, or failed), and `label` (null where there is none).
    `version`: of the table, to read it as it was; default as it is.
    """
    name = lake.TableName(tenant_id, intent, "events")
    table = lake.open_table(name, version)
    if table is None:
        return None
    known = lake.schema_of(table)
    columns = ["event_id", "occurred_at", *(f"context.{each}" for each in context)]
    picked = [f"{_known_or_null(column, known)} AS {_quoted(column)}" for column in columns]
    given = [f'{_given_by(f"$p{j}")} AS "probability.{j}"' for j in range(len(predictors))]
    where, chosen = _chosen(sample)
    query = f"SELECT {', '.join([*picked, *given])} FROM ({{source}}) WHERE {where} ORDER BY event_id"
    values = {f"p{j}": each for j, each in enumerate(predictors)} | chosen
    found = _query(name, query, start, end, table=table, **values)
    if found is None or not len(found):
        return None
    known_labels = labels(tenant_id, intent)
    place = pc.index_in(found.column("event_id"), value_set=known_labels.column("event_id").combine_chunks())
    return found.append_column("label", known_labels.column("label").take(place))


def feature_table(
    tenant_id: int,
    intent: str,
    start: datetime,
    end: datetime,
    columns: Sequence[str],
    types: Mapping[str, document.FeatureType] = NO_TYPES,
    sample: Sample | None = None,
    version: int | None = None,
) -> pa.Table:
    """Recorded events of a window, or those in a `sample`, one row each, for a replay; no order is promised.

    columns: `features.<name>`, `context.<name>`, or columns that every event has (`event_id`, `occurred_at`, …). They
    are called so in the result. types: of features, by column, as the intent has them now; where a type has changed,
    values of the former one are cast, and are null where that is impossible. version: of the table, as in `outcomes`.
    Raises KeyError naming a column that was never recorded.
    """
    name = lake.TableName(tenant_id, intent, "events")
    table = lake.open_table(name, version)
    if table is None:
        raise KeyError(f"intent {intent} has no recorded events yet")
    known = lake.schema_of(table)
    picked = [f"{_expression(column, known, types.get(column))} AS {_quoted(column)}" for column in columns]
    where, chosen = _chosen(sample)
    query = f"SELECT {', '.join(picked)} FROM ({{source}}) WHERE {where}"
    found = _query(name, query, start, end, table=table, **chosen)
    return found if found is not None else pa.table({column: pa.array([], pa.null()) for column in columns})


def count_events(tenant_id: int, intent: str, start: datetime, end: datetime, predictor_key: str | None = None) -> int:
    """How many events a window has; of those, how many have a probability of this predictor version."""
    query = "SELECT count(*) AS n FROM ({source}) WHERE occurred_at >= $start AND occurred_at < $end"
    values: dict[str, Any] = {}
    if predictor_key is not None:
        query, values = f"{query} AND {_given_by('$predictor')} IS NOT NULL", {"predictor": predictor_key}
    found = _query(lake.TableName(tenant_id, intent, "events"), query, start, end, **values)
    return int(found.column("n")[0].as_py()) if found else 0


def first_event_at(tenant_id: int, intent: str, version: int | None = None) -> datetime | None:
    """When the first recorded event of all occurred, as the files' statistics have it; None without any."""
    table = lake.open_table(lake.TableName(tenant_id, intent, "events"), version)
    files = event_files(intent, table, None, None) if table is not None else []
    return min((each.earliest for each in files), default=None)


def labels(tenant_id: int, intent: str, event_ids: Sequence[str] | None = None) -> pa.Table:
    """The latest label of each labelled event: event_id, label."""
    name = lake.TableName(tenant_id, intent, "labels")
    table = lake.open_table(name)
    if table is None:
        return pa.table({"event_id": pa.array([], pa.string()), "label": pa.array([], pa.int32())})
    where = "" if event_ids is None else "WHERE event_id IN (SELECT unnest($ids))"
    query = LABELS_OF.format(source="SELECT * FROM ({source}) " + where)
    parameters = {} if event_ids is None else {"ids": list(event_ids)}
    return _run(table, table.file_uris(), query, parameters)


class SeveralEvents(LookupError):
    """More than one intent has an event of an id; `intents` are their names."""

    def __init__(self, intents: Sequence[str]) -> None:
        super().__init__(", ".join(intents))
        self.intents = list(intents)


def find_event(
    tenant_id: int, event_id: str, intent: str | None = None, day: date | None = None
) -> dict[str, Any] | None:
    """One recorded event by its id, as a dictionary of its columns and its `intent` and latest `label`; else None.

    It is looked for on the day that a UUIDv7 carries, or on `day` (each with its neighbours), then everywhere, by the
    files' statistics, newest first. Of repeated ids the last scored one is given.
    Raises SeveralEvents where intents have one each, and none is asked for.
    """
    names = (
        lake.table_names(("events",), tenant_id) if intent is None else [lake.TableName(tenant_id, intent, "events")]
    )
    days = [each for each in (day, day_of_uuid7(event_id)) if each is not None]
    tables = [(name, table) for name in names if (table := lake.open_table(name)) is not None]
    for predicate in (*map(_around, days), ""):
        found = {name: row for name, table in tables if (row := _find(table, event_id, predicate)) is not None}
        if len(found) > 1:
            raise SeveralEvents([name.intent for name in found])
        for name, row in found.items():
            return row | {"intent": name.intent, "label": _label_of(name, event_id)}
    return None


def recent_ids(table: DeltaTable, since: int) -> tuple[list[str], list[int]]:
    """Ids of the events that were scored at or after a time (µs), and their times."""
    at = _time(since)
    files = table.file_uris(file_pruning_predicate=f"scored_at >= '{at.isoformat()}'")
    if not files:
        return [], []
    query = "SELECT event_id, epoch_us(scored_at) AS micros FROM ({source}) WHERE scored_at >= $since"
    found = _run(table, files, query, {"since": at})
    return found.column("event_id").to_pylist(), found.column("micros").to_pylist()


def repeated_ids(table: DeltaTable, since: datetime) -> tuple[list[str], list[int]]:
    """As `recent_ids`, but only ids that are there more than once, sorted by id and time."""
    files = table.file_uris(file_pruning_predicate=f"scored_at >= '{since.isoformat()}'")
    if not files:
        return [], []
    query = """
        WITH ids AS (SELECT event_id, epoch_us(scored_at) AS micros FROM ({source}) WHERE scored_at >= $since)
        SELECT * FROM ids WHERE event_id IN (SELECT event_id FROM ids GROUP BY event_id HAVING count(*) > 1)
        ORDER BY event_id, micros
    """
    found = _run(table, files, query, {"since": since})
    return found.column("event_id").to_pylist(), found.column("micros").to_pylist()


def day_of_uuid7(event_id: str) -> date | None:
    """The day (UTC) of the time in a UUIDv7; None for any other id."""
    digits = event_id.replace("-", "").lower()
    if len(digits) != 32 or digits[12] != "7" or set(digits) - set("0123456789abcdef"):
        return None
    try:
        return _time(int(digits[:12], 16) * 1000).date()
    except OverflowError:
        return None


# ---- how


def _query(
    name: lake.TableName, query: str, start: datetime, end: datetime, *, table: DeltaTable | None = None, **values: Any
) -> pa.Table | None:
    """Run a query on the files of a window; None where there are none."""
    table = table or lake.open_table(name)
    if table is None:
        return None
    start, end = start.astimezone(UTC), end.astimezone(UTC)
    days = f"day >= '{start.date()}' AND day <= '{end.date()}'"
    files = table.file_uris(file_pruning_predicate=days)
    return _run(table, files, query, {"start": start, "end": end, **values}) if files else None


def _chosen(sample: Sample | None) -> tuple[str, dict[str, Any]]:
    """The condition of a window, and of a sample where there is one; the latter's values."""
    window = "occurred_at >= $start AND occurred_at < $end"
    return (window, {}) if sample is None else (f"{window} AND {sample.condition}", dict(sample.values()))


def _run(table: DeltaTable, files: Sequence[str], query: str, values: dict[str, Any]) -> pa.Table:
    """`{source}` in the query stands for the files' rows."""
    with rows.connect() as connection:
        source, named = rows.source(connection, "recorded", table, files)
        return connection.sql(query.replace("{source}", f"FROM {source}"), params=values | named).to_arrow_table()


def _around(day: date) -> str:
    one = timedelta(days=1)
    first, last = max(day, date.min + one) - one, min(day, date.max - one) + one
    return f"day >= '{first}' AND day <= '{last}'"


def _find(table: DeltaTable, event_id: str, predicate: str) -> dict[str, Any] | None:
    literal = event_id.replace("'", "''")
    wanted = " AND ".join(filter(None, [f"event_id = '{literal}'", predicate]))
    files = sorted(table.file_uris(file_pruning_predicate=wanted), reverse=True)  # by day, newest first
    for start in range(0, len(files), 50):
        query = "SELECT * FROM ({source}) WHERE event_id = $id ORDER BY scored_at DESC LIMIT 1"
        for row in _run(table, files[start : start + 50], query, {"id": event_id}).to_pylist():
            return dict(row)
    return None


def _label_of(name: lake.TableName, event_id: str) -> int | None:
    found = labels(name.tenant, name.intent, [event_id])
    return found.column("label")[0].as_py() if len(found) else None


def _given_by(predictor: str) -> str:
    """What a predictor version gave for an event, live or as a shadow; null where it did not."""
    shadow = f"list_filter(shadows, lambda s: s.predictor = {predictor} AND s.probability IS NOT NULL)[1].probability"
    return f"CASE WHEN predictor = {predictor} THEN probability ELSE {shadow} END"


def _known_or_null(column: str, known: Mapping[str, pa.DataType]) -> str:
    try:
        return _expression(column, known, None)
    except KeyError:
        return "NULL"


def _expression(column: str, known: Mapping[str, pa.DataType], wanted: document.FeatureType | None) -> str:
    kind, _, name = column.partition(".")
    if not name and column in EVENT.names:
        return _quoted(column)
    if kind not in _PREFIXES or not name:
        raise KeyError(f"'{column}' is no column of events; expected features.<name>, context.<name> or a common one")
    plain = column_name(_PREFIXES[kind], name)
    found = [name for name in known if name == plain or name.startswith(f"{plain}__")]
    if not found:
        raise KeyError(f"'{column}' was never recorded; the intent's `keep_features` says what is")
    if wanted is None:
        return _quoted(found[0])
    found.sort(key=lambda name: known[name] != FEATURE_TYPES[wanted])  # those of the right type first
    return f"coalesce({', '.join(f'try_cast({_quoted(name)} AS {_SQL_TYPES[wanted]})' for name in found)})"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _time(microseconds: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)
