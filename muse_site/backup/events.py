"""The event tables of a backup: each at one version, for files of a version stay for a day after it is the last."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.fs

from muse_site.backup.contents import EVENTS, BackupError, Manifest, copy, keep
from scoring.lake import delta

_LOG = "_delta_log"
_VERSION = re.compile(r"(\d{20})\.")


def versions() -> dict[delta.TableName, int]:
    """The last version of each event table."""
    tables = ((name, delta.open_table(name)) for name in delta.table_names())
    return {name: table.version() for name, table in tables if table is not None}


def save(tables: Mapping[delta.TableName, int], folder: Path) -> dict[str, str]:
    """Copy the tables at these versions, and the marks of erased tenants; returns path → SHA-256."""
    files, root = delta.filesystem()
    found: dict[str, str] = {}
    for path in [*_marks(), *(path for name, version in tables.items() for path in _paths(name, version))]:
        try:
            with files.open_input_stream(f"{root}/{path}") as source:
                found[EVENTS + path] = keep(source, folder, EVENTS + path)
        except FileNotFoundError:
            raise BackupError(f"{path} has gone from the lake while it was copied; make the backup again.") from None
    return found


def load(folder: Path, manifest: Manifest) -> None:
    """Put the tables in their place, where nothing else may be. Raises BackupError."""
    files, root = delta.filesystem()
    others = _present() - set(manifest.under(EVENTS))
    if others:
        raise BackupError(f"The lake is not empty: {min(others)} is there. Set MUSE_LAKE to an empty folder or bucket.")
    for path in manifest.under(EVENTS):
        files.create_dir(f"{root}/{path}".rpartition("/")[0])
        with (folder / EVENTS / path).open("rb") as source, files.open_output_stream(f"{root}/{path}") as target:
            copy(source, target)


def _paths(name: delta.TableName, version: int) -> Iterator[str]:
    """Yield the log up to the version, and the files that it names, from the lake on."""
    for path in _below(f"{name.path}/{_LOG}"):
        found = _VERSION.match(path.rpartition("/")[2])
        if found and int(found.group(1)) <= version:
            yield path
    table = delta.open_table(name, version)
    actions = pa.table(table.get_add_actions(flatten=True)) if table is not None else pa.table({"path": []})
    yield from (f"{name.path}/{path}" for path in actions.column("path").to_pylist())


def _marks() -> list[str]:
    return _below(delta.ERASED)


def _present() -> set[str]:
    return set(_below(""))


def _below(folder: str) -> list[str]:
    """All files below a folder of the lake, from the lake on."""
    files, root = delta.filesystem()
    selector = pyarrow.fs.FileSelector(f"{root}/{folder}".rstrip("/"), allow_not_found=True, recursive=True)
    found = files.get_file_info(selector)
    return sorted(info.path.removeprefix(f"{root}/") for info in found if info.type == pyarrow.fs.FileType.File)
