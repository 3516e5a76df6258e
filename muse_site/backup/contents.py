"""What a backup holds: a folder of copied files, and a manifest that names each with its SHA-256."""

import hashlib
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Protocol

import msgspec

FORMAT = 1
MANIFEST = "manifest.json"
DATABASE = "database.dump"
SECRET_KEY = "secret_key"
EVENTS = "events/"
FILES = "files/"
_CHUNK = 1 << 20


class BackupError(Exception):
    """A backup cannot be made or restored; the message says why, and what to do."""


class Manifest(msgspec.Struct, forbid_unknown_fields=True):
    """`migrations`: those that the database has, as app.name. `files`: path in the backup → SHA-256 in hexadecimal."""

    format: int
    made_at: datetime
    migrations: list[str]
    files: dict[str, str]

    def under(self, prefix: str) -> Iterator[str]:
        """Yield the files whose path begins so, without that beginning."""
        return (path.removeprefix(prefix) for path in self.files if path.startswith(prefix))


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


def copy(source: _Readable, target: BinaryIO) -> str:
    """Copy what there is to read; returns its SHA-256."""
    digest = hashlib.sha256()
    while chunk := source.read(_CHUNK):
        digest.update(chunk)
        target.write(chunk)
    return digest.hexdigest()


def keep(source: _Readable, folder: Path, name: str) -> str:
    """Copy into a file of the backup and bring it to the disk; returns its SHA-256."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("xb") as target:
        digest = copy(source, target)
        target.flush()
        os.fsync(target.fileno())
    return digest


def write_manifest(folder: Path, manifest: Manifest) -> None:
    (folder / MANIFEST).write_bytes(msgspec.json.format(msgspec.json.encode(manifest)))


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a backup, whose files are all there as they were written. Raises BackupError."""
    try:
        manifest = msgspec.json.decode((folder / MANIFEST).read_bytes(), type=Manifest)
    except FileNotFoundError:
        raise BackupError(f"{folder} holds no {MANIFEST}: name a folder that manage.py backup has made.") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BackupError(f"{folder / MANIFEST} cannot be read: {error}.") from None
    if manifest.format != FORMAT:
        raise BackupError(f"{folder}: expected a backup of format {FORMAT}, found {manifest.format}.")
    for name, expected in manifest.files.items():
        _check(folder, name, expected)
    return manifest


def _check(folder: Path, name: str, expected: str) -> None:
    path = folder / name
    if not path.resolve().is_relative_to(folder.resolve()):
        raise BackupError(f"{folder / MANIFEST}: {name} lies outside of the backup.")
    try:
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        raise BackupError(f"{path} is missing.") from None
    if found != expected:
        raise BackupError(f"{path} is damaged: its SHA-256 is {found[:12]}…, not {expected[:12]}…")
