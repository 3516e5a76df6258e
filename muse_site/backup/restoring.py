"""Restores a backup into an installation that holds nothing yet. Broken off, it can be run again."""

from pathlib import Path

from django.conf import settings
from django.db.migrations.loader import MigrationLoader

from muse_site.backup import database, events, files
from muse_site.backup.contents import DATABASE, SECRET_KEY, BackupError, Manifest, read_manifest
from muse_site.supervisor.lock import LOCK, exclusive
from scoring.store.artifacts import write_atomically


def restore(folder: Path) -> Manifest:
    """Restore everything; the database last, and whole, so that there is none until all else is in place.

    Raises BackupError, before anything is written where it can be known; AlreadyRunning while the product runs.
    """
    manifest = read_manifest(folder)
    _check_version(manifest)
    with exclusive(settings.DATA_DIR / LOCK), database.reachable():
        if database.has_tables():
            raise BackupError("The database is not empty. Restore into a new one, or clear this one first.")
        events.load(folder, manifest)
        files.load(folder, manifest)
        _put_secret_key(folder, manifest)
        database.restore(folder / DATABASE)
    return manifest


def _check_version(manifest: Manifest) -> None:
    known = {f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations}
    if unknown := set(manifest.migrations) - known:
        raise BackupError(
            f"The backup is of a later version, which has the migration {min(unknown)}. Restore it with that version."
        )


def _put_secret_key(folder: Path, manifest: Manifest) -> None:
    if SECRET_KEY in manifest.files and not settings.ENV["MUSE_SECRET_KEY"]:
        write_atomically(settings.DATA_DIR / SECRET_KEY, (folder / SECRET_KEY).read_bytes(), mode=0o600)
