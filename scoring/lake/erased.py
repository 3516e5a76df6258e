"""What there is of a tenant, counted: before it is erased, for the certificate; after it, to see that it is gone."""

import hashlib
from collections.abc import Iterable, Iterator
from typing import Any

import pyarrow as pa
from django.apps import apps
from django.core.files.storage import default_storage
from django.db import connections, models
from pyarrow.fs import FileSelector

from scoring.lake import delta
from tenants.models import AuditEntry, Tenant

OWNER = "owner"
FOLDERS = ("samples",)  # of the file storage, each with a folder for each tenant

File = tuple[str, int]  # its path below the tenant's folder, and its bytes


def found(tenant_id: int) -> dict[str, Any]:
    """Rows by table, event tables and files; empty where nothing is left. Raises as the lake and the storage do."""
    return {
        "rows": dict(_rows(tenant_id)),
        "event_tables": dict(_event_tables(tenant_id)),
        "files": {folder: counted for folder in FOLDERS if (counted := _counted(stored(f"{folder}/{tenant_id}")))},
    }


def places() -> Iterator[tuple[type[models.Model], str]]:
    """Yield every table that has rows of tenants, with the column that names the tenant."""
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if _leads_to_tenant(field) and model is not AuditEntry:
                yield model, str(field.column)
    yield Tenant, "id"


def stored(folder: str) -> Iterator[File]:
    """All files of a folder of the file storage, however deep."""
    try:
        folders, names = default_storage.listdir(folder)
    except FileNotFoundError:
        return
    for name in names:
        yield f"{folder}/{name}", default_storage.size(f"{folder}/{name}")
    for name in folders:
        yield from stored(f"{folder}/{name}")


def _leads_to_tenant(field: models.Field) -> bool:
    return isinstance(field, models.ForeignKey) and field.related_model is Tenant


def _rows(tenant_id: int) -> Iterator[tuple[str, int]]:
    with connections[OWNER].cursor() as cursor:
        for model, column in places():
            cursor.execute(f'SELECT count(*) FROM "{model._meta.db_table}" WHERE "{column}" = %s', [tenant_id])
            (count,) = cursor.fetchone()
            if count:
                yield model._meta.db_table, count


def _event_tables(tenant_id: int) -> Iterator[tuple[str, dict[str, Any]]]:
    files, root = delta.filesystem()
    for name in delta.table_names(tenant=tenant_id):
        below = files.get_file_info(FileSelector(f"{root}/{name.path}", allow_not_found=True, recursive=True))
        counted = _counted((info.path.removeprefix(f"{root}/"), info.size) for info in below if info.is_file)
        if counted:
            yield f"{name.intent}/{name.kind}", {"rows": _events(name), **counted}


def _events(name: delta.TableName) -> int | None:
    """Rows by the table's own log; None where it has none that can be read."""
    try:
        table = delta.open_table(name)
        actions = pa.table(table.get_add_actions(flatten=True)) if table is not None else None
    except delta.Failure:
        return None
    return None if actions is None else sum(actions.column("num_records").to_pylist())


def _counted(files: Iterable[File]) -> dict[str, Any] | None:
    """How many files and bytes, and a digest of their paths and sizes; None where there are none."""
    listed = sorted(files)
    lines = "".join(f"{size} {path}\n" for path, size in listed)
    digest = hashlib.sha256(lines.encode()).hexdigest()
    return {"files": len(listed), "bytes": sum(size for _, size in listed), "digest": digest} if listed else None
