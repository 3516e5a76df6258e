"""How a search reads: event tables' files through DuckDB, within a time and an amount of memory."""

import threading
import time
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cached_property
from types import TracebackType
from typing import Any, Self

import duckdb
import pyarrow as pa
from deltalake import DeltaTable

from scoring.lake import delta, pruning, reading, recorded, rows
from scoring.lake.event_search import EventSearch, Place
from scoring.lake.pruning import EventFile

MEMORY = "1GB"
LABELS = {"positive": 1, "negative": 0, "none": None}
Rows = list[dict[str, Any]]
_SHOWN = "event_id, occurred_at, score, probability, predictor, transform, release, route"


class NeverRecorded(LookupError):
    """A context attribute of which no event that is searched has a value; the message names those that have."""


class SearchReader:
    """One search's connection. What it runs when the time is over raises duckdb.InterruptException."""

    def __init__(self, search: EventSearch, seconds: float) -> None:
        self._search = search
        self._connection = rows.connect()
        self._connection.execute(f"SET memory_limit = '{MEMORY}'")
        self._named = 0
        self._end = time.monotonic() + seconds
        self._over = threading.Event()
        self._watch = threading.Thread(target=self._interrupt, daemon=True)

    def __enter__(self) -> Self:
        self._watch.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._over.set()
        self._watch.join()
        self._connection.close()

    def _interrupt(self) -> None:
        """Interrupt when the time is over, again and again: a query that begins a moment later would not notice."""
        if not self._over.wait(self._end - time.monotonic()):
            while not self._over.wait(0.05):
                self._connection.interrupt()

    def _run(self, query: str, values: dict[str, Any]) -> pa.Table:
        if time.monotonic() >= self._end and not self._over.is_set():
            raise duckdb.InterruptException("the time is over")
        return self._connection.sql(query, params=values).to_arrow_table()

    @cached_property
    def _tables(self) -> dict[str, DeltaTable]:
        """Return by intent the tables that may hold what is looked for. Raises NeverRecorded."""
        search = self._search
        wanted = [each for each in search.intents if search.crossed is None or each in search.crossed]
        opened = {each: delta.open_table(delta.TableName(search.tenant_id, each, "events")) for each in wanted}
        tables = {intent: table for intent, table in opened.items() if table is not None}
        if search.context is None or not tables:
            return tables
        found = {intent: table for intent, table in tables.items() if self._context_of(intent, table)}
        if not found:
            raise NeverRecorded(_recorded(tables.values()))
        return found

    def _context_of(self, intent: str, table: DeltaTable) -> list[tuple[str, pa.DataType]]:
        """Return the columns, with their types, that may hold the context attribute that is searched by."""
        name = delta.TableName(self._search.tenant_id, intent, "events")
        assert self._search.context is not None
        return recorded.sources(name, "context", self._search.context[0], delta.schema_of(table))

    def files(self, since: datetime | None, until: datetime | None) -> list[EventFile]:
        """Return the files that may hold what is looked for."""
        found = [
            pruning.event_files(intent, table, since, until, self._search.prefix)
            for intent, table in self._tables.items()
        ]
        return [file for each in found for file in each]

    def read(self, files: Sequence[EventFile], place: Place | None, newest_first: bool, limit: int) -> Rows:
        """The first of these files' events that are looked for, after a place; no order is promised."""
        order = "DESC" if newest_first else "ASC"
        values: dict[str, Any] = {"limit": limit}
        branches = []
        for intent, source in self._sources(files, values):
            where = self._conditions(intent, files, values)
            if place is not None:
                where += _beyond(place, intent, newest_first, values)
            branches.append(
                f"(SELECT {_text(intent)} AS intent, {_SHOWN}, {self._degraded(intent)} FROM {source}"
                f" WHERE {' AND '.join(where)}"
                f" ORDER BY occurred_at {order}, event_id {order} LIMIT $limit)"
            )
        return self._run(" UNION ALL ".join(branches), values).to_pylist()

    def count(self, files: Sequence[EventFile], step: str) -> list[tuple[datetime, int]]:
        """How many of these files' events that are looked for occurred in each day or hour."""
        values: dict[str, Any] = {"step": step}
        branches = [
            f"SELECT occurred_at FROM {source} WHERE {' AND '.join(self._conditions(intent, files, values))}"
            for intent, source in self._sources(files, values)
        ]
        events = " UNION ALL ".join(branches)
        query = f"SELECT date_trunc($step, occurred_at) AS moment, count(*) AS n FROM ({events}) GROUP BY 1"
        counted = self._run(query, values)
        return list(zip(counted.column("moment").to_pylist(), counted.column("n").to_pylist(), strict=True))

    def labelled(self, events: Rows) -> Rows:
        """The events, each with its latest label; however late it is."""
        self._over.set()
        known: dict[tuple[str, str], int] = {}
        for intent in {row["intent"] for row in events}:
            ids = [row["event_id"] for row in events if row["intent"] == intent]
            values: dict[str, Any] = {"ids": ids}
            if source := self._label_source(intent, [(min(ids), max(ids))], values):
                some = f"SELECT * FROM {source} WHERE event_id IN (SELECT unnest($ids))"
                found = self._run(reading.LABELS_OF.format(source=some), values)
                known |= {(intent, row["event_id"]): row["label"] for row in found.to_pylist()}
        return [{**row, "label": known.get((row["intent"], row["event_id"]))} for row in events]

    def _sources(self, files: Sequence[EventFile], values: dict[str, Any]) -> Iterable[tuple[str, str]]:
        """Yield for each intent what to select from to read its files among these.

        The values for it are put into `values`.
        """
        for intent, table in self._tables.items():
            uris = [each.uri for each in files if each.intent == intent]
            if uris:
                whole = self._search.context is not None or rows.has_repeats(table) or rows.has_degraded(table)
                yield intent, self._source("events", table, uris, values, whole=whole)

    def _source(self, kind: str, table: DeltaTable, uris: list[str], values: dict[str, Any], *, whole: bool) -> str:
        self._named += 1
        text, more = rows.source(self._connection, f"{kind}_{self._named}", table, uris, whole=whole)
        values |= more
        return text

    def _degraded(self, intent: str) -> str:
        there = rows.has_degraded(self._tables[intent])
        return f'{"degraded" if there else "NULL"}::STRUCT(reason VARCHAR, "by" VARCHAR) AS degraded'

    def _conditions(self, intent: str, files: Sequence[EventFile], values: dict[str, Any]) -> list[str]:
        """What an event of the intent must meet; the values that this refers to are put into `values`."""
        search = self._search
        given = {
            "occurred_at >= $since": search.since,
            "occurred_at < $until": search.until,
            "score >= $min_score": search.min_score,
            "score <= $max_score": search.max_score,
            "predictor = $predictor": search.predictor or None,
            "release = $release": search.release,
            "event_id >= $prefix AND starts_with(event_id, $prefix)": search.prefix or None,
        }
        found = [rows.one_of_each_id(self._tables[intent])]
        for condition, value in given.items():
            if value is not None:
                found.append(condition)
                values[condition.partition("$")[2].partition(" ")[0]] = value
        if search.degraded:
            found.append("degraded IS NOT NULL" if rows.has_degraded(self._tables[intent]) else "FALSE")
        if search.crossed is not None:
            found.append(f"score >= {search.crossed[intent]!r}")
        if search.context is not None:
            found.append(_context_is(self._context_of(intent, self._tables[intent])))
            values["context"] = search.context[1]
        return found + self._label_is(intent, files, values)

    def _label_is(self, intent: str, files: Sequence[EventFile], values: dict[str, Any]) -> list[str]:
        if not self._search.label:
            return []
        label = LABELS[self._search.label]
        source = self._label_source(intent, [each.ids for each in files if each.intent == intent], values)
        if source is None:
            return [] if label is None else ["FALSE"]
        latest = reading.LABELS_OF.format(source=f"SELECT * FROM {source}")
        ids = f"SELECT event_id FROM ({latest})"
        return [f"event_id NOT IN ({ids})" if label is None else f"event_id IN ({ids} WHERE label = {label})"]

    def _label_source(self, intent: str, ids: Sequence[tuple[str, str] | None], values: dict[str, Any]) -> str | None:
        """What to select from for the labels of events with ids in these ranges; None where there are none."""
        table = delta.open_table(delta.TableName(self._search.tenant_id, intent, "labels"))
        files = pruning.label_files(table, ids) if table else []
        return self._source("labels", table, files, values, whole=False) if table and files else None


def _beyond(place: Place, intent: str, newest_first: bool, values: dict[str, Any]) -> list[str]:
    """Events of the intent that come after a place, in the order of reading."""
    sign = "<" if newest_first else ">"
    values["place"] = place.occurred_at
    if intent != place.intent:
        passed = intent < place.intent if newest_first else intent > place.intent
        return [f"occurred_at {sign}{'=' if passed else ''} $place"]
    values["place_id"] = place.event_id
    return [f"occurred_at {sign}= $place", f"(occurred_at {sign} $place OR event_id {sign} $place_id)"]


def _text(value: str) -> str:
    """A text in SQL."""
    return "'" + value.replace("'", "''") + "'"


def _context_is(values: Iterable[tuple[str, pa.DataType]]) -> str:
    """The value is given as text, and compared as each column's type."""
    sql = {"string": "VARCHAR", "bool": "BOOLEAN"}
    equal = [f"{value} = try_cast($context AS {sql.get(str(type_), 'DOUBLE')})" for value, type_ in values]
    return f"({' OR '.join(equal)})"


def _recorded(tables: Iterable[DeltaTable]) -> str:
    names = {name for table in tables for name in recorded.recorded_names("context", delta.schema_of(table))}
    return ", ".join(sorted(names)) or "none"
