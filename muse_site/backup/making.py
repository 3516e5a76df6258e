"""Makes a backup while the product runs.

The database comes first, then the versions of the event tables, so that the tables are the younger: what is counted
from their commits is caught up with by itself. An event of a release that the database does not know could never be
explained, so if anything was published or erased in between, both are taken again.
"""

import io
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.db import connections
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Max

from muse_site.backup import database, events, files
from muse_site.backup.contents import DATABASE, SECRET_KEY, BackupError, Manifest, keep, write_manifest
from scoring.lake import delta
from scoring.models import Release
from tenants.models import Tenant
from tenants.scope import platform_scope

TRIES = 10


def back_up(folder: Path, say: Callable[[str], object]) -> Manifest:
    """Write a backup to a folder that is not there yet; it has its name once it is whole. Raises BackupError."""
    draft = folder.with_name(f"{folder.name}.part")
    for path in (folder, draft):
        if path.exists():
            raise BackupError(f"{path} is there already. Name a folder that is not there yet.")
    draft.mkdir(mode=0o700, parents=True)
    with database.reachable():
        manifest = _written(draft, say)
    write_manifest(draft, manifest)
    os.sync()
    draft.rename(folder)
    return manifest


def _written(draft: Path, say: Callable[[str], object]) -> Manifest:
    made_at, migrations = datetime.now(UTC), applied_migrations()
    digest, tables = _database_and_versions(draft)
    say(f"Database: {(draft / DATABASE).stat().st_size:,} bytes.")
    copied = {DATABASE: digest} | _secret_key(draft)
    copied |= (of_events := events.save(tables, draft))
    say(f"Event tables: {len(tables):,}, in {len(of_events):,} files.")
    copied |= (of_files := files.save(draft))
    say(f"Model files and samples: {len(of_files):,}.")
    return Manifest(1, made_at, migrations, copied)


def _database_and_versions(draft: Path) -> tuple[str, dict[delta.TableName, int]]:
    raw = draft / f"{DATABASE}.raw"
    for _ in range(TRIES):
        before = _published()
        database.dump(raw)
        tables = events.versions()
        if _published() == before:
            with raw.open("rb") as source:
                digest = keep(source, draft, DATABASE)
            raw.unlink()
            return digest, tables
    raise BackupError(f"Releases were published during each of {TRIES} tries. Make the backup at a quieter time.")


def _published() -> dict[int, int | None]:
    """The number of each tenant's last release."""
    with platform_scope():
        last = dict(Release.objects.values_list("tenant_id").annotate(Max("number")))
        return {tenant: last.get(tenant) for tenant in Tenant.objects.values_list("pk", flat=True)}


def applied_migrations() -> list[str]:
    """The migrations that the database has, as app.name, sorted."""
    return sorted(f"{app}.{name}" for app, name in MigrationRecorder(connections["owner"]).applied_migrations())


def _secret_key(draft: Path) -> dict[str, str]:
    """Only one that this installation has made for itself: another is kept where it came from."""
    if settings.ENV["MUSE_SECRET_KEY"]:
        return {}
    return {SECRET_KEY: keep(io.BytesIO(settings.SECRET_KEY.encode()), draft, SECRET_KEY)}
