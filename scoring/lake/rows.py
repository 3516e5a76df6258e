"""Rows of a table's files, as DuckDB reads them: a view on files of a folder, or of an object store."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import unquote

import duckdb
import pyarrow as pa
from deltalake import DeltaTable
from duckdb.func import ARROW
from duckdb.sqltypes import UBIGINT, VARCHAR

from scoring.lake import delta
from scoring.lake.id_numbers import id_numbers


def connect() -> duckdb.DuckDBPyConnection:
    """A connection of its own, whose times are UTC's, and which knows the `id_number` that samples are drawn by."""
    connection = duckdb.connect(":memory:")
    connection.execute("SET TimeZone = 'UTC'")
    connection.create_function("id_number", id_numbers, [VARCHAR, UBIGINT], UBIGINT, type=ARROW)
    return connection


def source(
    connection: duckdb.DuckDBPyConnection, name: str, table: DeltaTable, files: Sequence[str], *, whole: bool = True
) -> tuple[str, dict[str, Any]]:
    """What a query selects from to have the files' rows, and the values for it; `name` is the connection's own for it.

    whole: with all columns of the table, also those that came later than these files, or earlier; they are null. Else
    only what every event has, which is quicker.
    """
    if not delta.is_local():
        connection.register(name, _remote(table, files))
        return name, {}
    plain = [unquote(file) for file in files]  # Delta names them as parts of URLs
    if not plain:  # all that it had is deleted; DuckDB reads no list without a file
        connection.register(name, _no_rows(table))
        return name, {}
    if not whole:
        return f"read_parquet(${name}, hive_partitioning = false)", {name: plain}
    connection.register(name, _no_rows(table))
    rows = f"SELECT * FROM read_parquet(${name}, union_by_name = true, hive_partitioning = false)"
    return f"({rows} UNION ALL BY NAME SELECT * FROM {name})", {name: plain}


def has_repeats(table: DeltaTable) -> bool:
    """Whether any id of the table was ever answered twice, differently: only then it has the column `repeat`."""
    return _has(table, "repeat")


def has_degraded(table: DeltaTable) -> bool:
    """Whether any event of the table was degraded: only then it has the column `degraded`."""
    return _has(table, "degraded")


def one_of_each_id(table: DeltaTable) -> str:
    """The condition that leaves out what an id was answered with again: an event is counted once."""
    return "repeat IS NOT TRUE" if has_repeats(table) else "TRUE"


def one_of_each_id_answered_live(table: DeltaTable) -> str:
    """Also leaves out degraded events, which say nothing of the predictor that should have answered them.

    Those that it fails on are no sample of what it answers, and what answered in its place is not live. So neither
    transforms are fitted on them, nor is evidence made of them.
    """
    once = one_of_each_id(table)
    return f"{once} AND degraded IS NULL" if has_degraded(table) else once


def _has(table: DeltaTable, column: str) -> bool:
    return any(field.name == column for field in table.schema().fields)


def _no_rows(table: DeltaTable) -> pa.Table:
    schema = pa.schema(table.schema())
    return schema.remove(schema.get_field_index("day")).empty_table()


def _remote(table: DeltaTable, files: Sequence[str]) -> Any:
    """An Arrow dataset of files of an object store, which DuckDB cannot reach by itself."""
    from pyarrow.dataset import dataset  # half a second at the start of each process, where Pandas is there too

    filesystem, root = delta.filesystem()
    paths = ["/".join([root, *uri.rsplit("/", 5)[1:]]) for uri in files]  # tenant, intent, kind, day, file
    return dataset(paths, schema=pa.schema(table.schema()), filesystem=filesystem, format="parquet")
