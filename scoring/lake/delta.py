"""The lake: one Delta table of events and one of labels for each tenant and intent, partitioned by day.

`LAKE/<tenant id>/<intent>/events|labels`, a folder or a place in an object store. Every commit of a consumer carries an
application transaction: the lane's name and the position after the last record that it includes. So a table says itself
what it holds.
"""

import contextlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa
import pyarrow.fs
from deltalake import (
    BloomFilterProperties,
    ColumnProperties,
    CommitProperties,
    DeltaTable,
    Transaction,
    WriterProperties,
    write_deltalake,
)
from deltalake.exceptions import DeltaError, TableNotFoundError
from django.conf import settings

from scoring.store import objects

Kind = Literal["events", "labels"]
ERASED = "erased"  # a folder of the lake: one empty file for each erased tenant
METADATA = "muse"  # what a consumer's commit says of itself, in the commit's own file

_CONFIGURATION: dict[str, str | None] = {
    "delta.checkpointInterval": "50",
    "delta.logRetentionDuration": "interval 14 days",
    "delta.deletedFileRetentionDuration": "interval 1 days",
}
_STATISTICS = {"events": "event_id,occurred_at,scored_at", "labels": "event_id,labelled_at,reported_at"}
_EVENT_ID = ColumnProperties(
    dictionary_enabled=False,
    statistics_enabled="PAGE",
    bloom_filter_properties=BloomFilterProperties(True, fpp=0.01, ndv=100_000),
)
_NUMBERS = ColumnProperties(dictionary_enabled=False)  # few repeat: a dictionary of them is made, filled and given up


@dataclass(frozen=True, order=True)
class TableName:
    """One table of the lake; `tenant` is an id."""

    tenant: int
    intent: str
    kind: Kind

    @property
    def path(self) -> str:
        return f"{self.tenant}/{self.intent}/{self.kind}"

    @property
    def uri(self) -> str:
        return f"{settings.LAKE.rstrip('/')}/{self.path}"


def is_local() -> bool:
    return not objects.is_place(settings.LAKE)


def filesystem() -> tuple[pyarrow.fs.FileSystem, str]:
    """Arrow's view of the lake, and the lake's own path in it."""
    if is_local():
        return pyarrow.fs.LocalFileSystem(), str(Path(settings.LAKE).absolute())
    return objects.filesystem(settings.LAKE)


def open_table(name: TableName, version: int | None = None) -> DeltaTable | None:
    """The table as it is now, or was at a version; None when there is none.

    Raises OSError or DeltaError when the lake does not answer.
    """
    try:
        return DeltaTable(name.uri, version=version, storage_options=objects.delta_options(settings.LAKE))
    except TableNotFoundError:
        return None


def schema_of(table: DeltaTable | None) -> dict[str, pa.DataType]:
    """Column names and their types; empty where there is no table yet."""
    if table is None:
        return {}
    schema = pa.schema(table.schema())
    return dict(zip(schema.names, schema.types, strict=True))


def append(
    name: TableName, table: DeltaTable | None, data: pa.Table, transactions: Mapping[str, int], notes: Any = None
) -> None:
    """Commit rows and application transactions together, or nothing.

    table: what `open_table` gave, or None to make it. notes: kept in the commit, for whoever follows the log.
    Raises OSError or DeltaError; then the commit may still have happened: look at the transactions.
    """
    write_deltalake(
        name.uri if table is None else table,
        data,
        mode="append",
        schema_mode="merge",
        partition_by=["day"] if table is None else None,
        configuration=_configuration(name.kind) if table is None else None,
        writer_properties=_writer(data.schema),
        storage_options=objects.delta_options(settings.LAKE) if table is None else None,
        commit_properties=CommitProperties(
            custom_metadata=None if notes is None else {METADATA: notes},
            app_transactions=[Transaction(app, version, None) for app, version in transactions.items()],
        ),
    )


def _writer(schema: pa.Schema) -> WriterProperties:
    numbers = {field.name: _NUMBERS for field in schema if pa.types.is_floating(field.type)}
    return WriterProperties(compression="ZSTD", column_properties={**numbers, "event_id": _EVENT_ID})


def _configuration(kind: Kind) -> dict[str, str | None]:
    return _CONFIGURATION | {"delta.dataSkippingStatsColumns": _STATISTICS[kind]}


# ---- the log


def log_versions(name: TableName, after: int) -> list[int]:
    """Versions of a table beyond `after` whose commits are still in its log, oldest first."""
    files, root = filesystem()
    selector = pyarrow.fs.FileSelector(f"{root}/{name.path}/_delta_log", allow_not_found=True)
    names = [info.base_name for info in files.get_file_info(selector)]
    versions = [int(each.removesuffix(".json")) for each in names if each.removesuffix(".json").isdigit()]
    return sorted(version for version in versions if version > after)


def commit_notes(name: TableName, version: int) -> Any:
    """The notes of a consumer's commit; None for a commit without. Raises OSError."""
    files, root = filesystem()
    with files.open_input_stream(f"{root}/{name.path}/_delta_log/{version:020d}.json") as stream:
        lines = stream.read().splitlines()
    for line in lines:
        action = json.loads(line)
        if "commitInfo" in action:
            return action["commitInfo"].get(METADATA)
    return None


# ---- tables and tenants


def table_names(kinds: tuple[Kind, ...] = ("events", "labels"), tenant: int | None = None) -> list[TableName]:
    """All tables of the lake, or of one tenant.

    Some object stores keep the folders of what was erased for a while: there `open_table` gives None.
    """
    files, root = filesystem()
    tenants = [str(tenant)] if tenant is not None else [each for each in _folders(files, root) if each.isdigit()]
    return [
        TableName(int(each), intent, kind)
        for each in tenants
        for intent in _folders(files, f"{root}/{each}")
        for kind in kinds
        if kind in _folders(files, f"{root}/{each}/{intent}")
    ]


def _folders(files: pyarrow.fs.FileSystem, path: str) -> list[str]:
    found = files.get_file_info(pyarrow.fs.FileSelector(path, allow_not_found=True))
    return sorted(info.base_name for info in found if info.type == pyarrow.fs.FileType.Directory)


def is_erased(tenant: int) -> bool:
    files, root = filesystem()
    return bool(files.get_file_info(f"{root}/{ERASED}/{tenant}").type != pyarrow.fs.FileType.NotFound)


def erase(tenant: int) -> None:
    """Remove all tables of a tenant, for good: a mark stays, so that no consumer makes them again."""
    files, root = filesystem()
    files.create_dir(f"{root}/{ERASED}")
    with files.open_output_stream(f"{root}/{ERASED}/{tenant}"):
        pass
    with contextlib.suppress(FileNotFoundError):
        files.delete_dir(f"{root}/{tenant}")


Failure = (OSError, DeltaError)
