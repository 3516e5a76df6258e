"""What was recorded under a client's name: as SQL over a table's files, and of one row.

Columns that a former version shared out among names are read by the release that scored each event: its document says
which names and types there were. Only tables that have such columns cost that look into Postgres.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from scoring.engine import document
from scoring.lake.columns import EVENT
from scoring.lake.delta import TableName
from scoring.lake.names import BEGINNINGS, Prefix, Types, columns_of, doubtful_columns, name_of, written_before
from scoring.models import Release
from tenants.scope import tenant_scope

Values = dict[str, Any]
PREFIXES: Mapping[str, Prefix] = {"features": "feature", "context": "context"}
_SQL_TYPES = {"number": "DOUBLE", "integer": "BIGINT", "boolean": "BOOLEAN", "category": "VARCHAR", "string": "VARCHAR"}


def quoted(name: str) -> str:
    """An identifier in SQL."""
    return '"' + name.replace('"', '""') + '"'


def expression(table: TableName, column: str, known: Types, wanted: str | None = None) -> str:
    """SQL for `features.<name>`, `context.<name>` or a column that all events have.

    known: the table's columns. wanted: the type that values of all types are cast to; null where that is impossible.
    Raises KeyError naming a column that was never recorded.
    """
    kind, _, name = column.partition(".")
    if not name and column in EVENT.names:
        return quoted(column)
    if kind not in PREFIXES or not name:
        raise KeyError(f"'{column}' is no column of events; expected features.<name>, context.<name> or a common one")
    found = sources(table, PREFIXES[kind], name, known)
    if not found:
        raise KeyError(f"'{column}' was never recorded; the intent's `keep_features` says what is")
    if wanted is None and len({type_ for _, type_ in found}) > 1:
        wanted = "string"
    if wanted is None:
        return f"coalesce({', '.join(each for each, _ in found)})"
    return f"coalesce({', '.join(_cast(each, type_, _SQL_TYPES[wanted]) for each, type_ in found)})"


def _cast(value: str, type_: pa.DataType, wanted: str) -> str:
    cast = f"try_cast({value} AS {wanted})"
    if wanted == "BIGINT" and pa.types.is_floating(type_):  # which would round
        return f"CASE WHEN {value} = trunc({value}) THEN {cast} END"
    return cast


def sources(table: TableName, prefix: Prefix, name: str, known: Types) -> list[tuple[str, pa.DataType]]:
    """SQL expressions, with their types, of which at most one has a value in each row; none where it was never kept.

    known: the table's columns.
    """
    found = [(quoted(each), known[each]) for each in columns_of(prefix, name, known)]
    doubtful = doubtful_columns(prefix, name, known)
    if not doubtful:
        return found
    written: dict[str, list[int]] = {}
    for release, content in _intents(table):
        for part in _parts(content, prefix):
            if part.name == name:
                written.setdefault(written_before(prefix, name, part.type, known), []).append(release)
    return found + [(_in_releases(each, written[each]), known[each]) for each in doubtful if each in written]


def _in_releases(column: str, releases: Sequence[int]) -> str:
    return f"CASE WHEN release IN ({', '.join(map(str, releases))}) THEN {quoted(column)} END"


def recorded_names(prefix: Prefix, known: Types) -> list[str]:
    """The names of which a table has values, as far as its columns tell."""
    names = {found[1] for column in known if (found := name_of(column)) is not None and found[0] == prefix}
    return sorted(names)


def by_name(table: TableName, row: Mapping[str, Any], known: Types) -> Values:
    """A row of a table: what all events have, and `features` and `context` by the names that clients know."""
    named = {column: name_of(column) for column in row}
    doubtful = [
        column for column, name in named.items() if name is None and column.startswith(tuple(BEGINNINGS.values()))
    ]
    intents = _intents(table, row["release"]) if doubtful else []
    found = {column: row[column] for column, name in named.items() if name is None and column not in doubtful}
    for kind, prefix in PREFIXES.items():
        values: Values = {}
        for _, intent in intents:
            written = {
                part.name: written_before(prefix, part.name, part.type, known) for part in _parts(intent, prefix)
            }
            values = {name: row[column] for name, column in written.items() if column in doubtful}
        for column, name in named.items():
            if name is not None and name[0] == prefix and values.get(name[1]) is None:
                values[name[1]] = row[column]
        found[kind] = values
    return found


def _intents(table: TableName, release: int | None = None) -> list[tuple[int, document.Intent]]:
    """The table's intent as each release that is here has it, or as one has it."""
    with tenant_scope(table.tenant):
        rows = Release.objects.filter(tenant_id=table.tenant)
        rows = rows if release is None else rows.filter(number=release)
        texts = list(rows.order_by("number").values_list("number", "document"))
    found = []
    for number, text in texts:
        try:
            found.append((number, document.decode(text).intents[table.intent]))
        except (document.DocumentError, KeyError):
            continue  # a document that cannot be read, or without this intent
    return found


def _parts(intent: document.Intent, prefix: Prefix) -> Sequence[document.Feature | document.ContextAttribute]:
    return intent.features if prefix == "feature" else intent.context
