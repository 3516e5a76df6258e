"""Uploaded files in Django's storage: whole or not at all, named by their digest."""

import hashlib
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from django.core.files.base import File
from django.core.files.storage import default_storage

from models_app.inputs.errors import invalid
from tenants.refusals import TooLarge

if TYPE_CHECKING:
    Upload = File[bytes]
else:
    Upload = File  # which takes no type where the program runs


@dataclass(frozen=True)
class Measured:
    """SHA-256 in hexadecimal, and the size in bytes."""

    digest: str
    size: int


def measure(upload: Upload, *, field: str, max_bytes: int) -> Measured:
    """Read an upload once, in chunks. Refuses one that is empty or above the limit."""
    digest, size = hashlib.sha256(), 0
    for chunk in upload.chunks():
        size += len(chunk)
        if size > max_bytes:
            raise TooLarge(f"{field}: the file has more than the {max_bytes:,} bytes that are allowed")
        digest.update(chunk)
    if size == 0:
        raise invalid(field, "expected a file with content, found an empty one; upload it anew")
    upload.seek(0)
    return Measured(digest.hexdigest(), size)


def keep(upload: Upload, name: str) -> None:
    """Store an upload under a name that its digest is part of; there already, it is the same file."""
    if default_storage.exists(name):
        return
    try:
        target = Path(default_storage.path(name))
    except NotImplementedError:  # an object store, where a file appears whole
        default_storage.save(name, upload)
        return
    part = f"{name}.{uuid.uuid4().hex}.part"
    try:
        Path(default_storage.path(default_storage.save(part, upload))).replace(target)
    finally:
        default_storage.delete(part)  # what a full disk has left; else it has its name already


def remove(name: str) -> None:
    """Remove a stored file, and the folder that it was alone in; nothing happens where it is gone."""
    default_storage.delete(name)
    with suppress(OSError, NotImplementedError):
        Path(default_storage.path(name)).parent.rmdir()


@contextmanager
def spooled(upload: Upload) -> Iterator[Path]:
    """The upload as a file on the local disk, for libraries that read paths; gone afterwards."""
    with tempfile.NamedTemporaryFile(prefix="muse-upload-") as file:
        upload.seek(0)
        for chunk in upload.chunks():
            file.write(chunk)
        file.flush()
        upload.seek(0)
        yield Path(file.name)


@contextmanager
def fetched(name: str) -> Iterator[Path]:
    """A stored file as one on the local disk: the file itself where storage is a folder, else a copy."""
    try:
        yield Path(default_storage.path(name))
    except NotImplementedError:
        with default_storage.open(name) as stored, tempfile.NamedTemporaryFile(prefix="muse-fetch-") as file:
            shutil.copyfileobj(stored, file)
            file.flush()
            yield Path(file.name)
