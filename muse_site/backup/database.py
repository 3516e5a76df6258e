"""The database of a backup: pg_dump and pg_restore of the tables' owner, whom row-level security does not bind."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from django.conf import settings
from psycopg import pq

from muse_site.backup.contents import BackupError
from muse_site.embedded import EmbeddedServiceError, Postgres


@contextmanager
def reachable() -> Iterator[None]:
    """Start the embedded Postgres where it is used and does not run, and stop it again."""
    postgres = Postgres(settings.DATA_DIR)
    if settings.ENV["DATABASE_URL"] or postgres.alive():
        yield
        return
    postgres.start()
    try:
        yield
    finally:
        postgres.stop()


def dump(path: Path) -> None:
    """Write all tables, as they are at one moment, in Postgres' own format. Raises BackupError."""
    _run("pg_dump", "--format=custom", f"--file={path}")


def restore(path: Path) -> None:
    """Make the tables anew in an empty database: all of them or none. Raises BackupError."""
    _run("pg_restore", "--single-transaction", "--no-owner", f"--dbname={_name()}", str(path))


def has_tables() -> bool:
    with psycopg.connect(settings.DATABASE_OWNER_URL) as connection:
        found = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
    return found is not None and found[0] > 0


def _name() -> str:
    return _environment()["PGDATABASE"]


def _run(tool: str, *options: str) -> None:
    process = subprocess.run(
        [_path(tool), "--no-password", *options], env=os.environ | _environment(), capture_output=True, text=True
    )
    if process.returncode:
        raise BackupError(f"{tool} ended with code {process.returncode}: {process.stderr.strip()}")


def _path(tool: str) -> str:
    """The tool that came with the embedded Postgres, else the machine's own."""
    try:
        return str(Postgres.binary(tool))
    except EmbeddedServiceError:
        found = shutil.which(tool)
    if found is None:
        raise BackupError(f"{tool} was not found: install Postgres' client programs, of the server's version or later.")
    return found


def _environment() -> dict[str, str]:
    """How to reach the database, as variables: what stands in a command line can be read by everybody."""
    options = pq.Conninfo.parse(settings.DATABASE_OWNER_URL.encode())
    return {each.envvar.decode(): each.val.decode() for each in options if each.envvar and each.val}
