"""Model files and samples of a backup, from and to the file storage, whatever it is."""

from collections.abc import Iterator
from pathlib import Path

from django.core.files.base import File
from django.core.files.storage import default_storage

from muse_site.backup.contents import FILES, BackupError, Manifest, keep


def save(folder: Path) -> dict[str, str]:
    """Copy all files of the storage; returns path → SHA-256."""
    found: dict[str, str] = {}
    for name in _names():
        with default_storage.open(name) as source:
            found[FILES + name] = keep(source, folder, FILES + name)
    return found


def load(folder: Path, manifest: Manifest) -> None:
    """Put the files in their place, where no others may be. Raises BackupError."""
    names = set(manifest.under(FILES))
    others = set(_names()) - names
    if others:
        raise BackupError(f"The storage of files is not empty: {min(others)} is there. Set MUSE_DATA to an empty one.")
    for name in sorted(names):
        default_storage.delete(name)  # of a run that was broken off
        with (folder / FILES / name).open("rb") as source:
            default_storage.save(name, File(source))


def _names(folder: str = "") -> Iterator[str]:
    try:
        folders, files = default_storage.listdir(folder)
    except FileNotFoundError:
        return
    for name in sorted(files):
        yield f"{folder}{name}"
    for name in sorted(folders):
        yield from _names(f"{folder}{name}/")
