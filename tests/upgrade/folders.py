"""The data folders beside this file, each made by one version of the product: where they are, packing and unpacking.

`folders/<name>/`: `data.tar.xz` with the database as `database.sql`, which pg_dump wrote, and what else of the data
folder counts; `state.json` with what the version that made it said of it.
"""

import json
import os
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

import psycopg

from muse_site.driving.running import ROOT
from muse_site.embedded import Postgres

Texts = dict[tuple[str, int], tuple[str, str]]  # digest and text by tenant and number

FOLDERS = Path(__file__).parent / "folders"
MACHINE = "fixture"  # the consumer's place in the lake belongs to the machine's slot
ENVIRONMENT = {
    **dict.fromkeys(("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "MUSE_SECRET_KEY"), ""),  # its own
    "MUSE_BREAK_GLASS": "0",
    "MUSE_MACHINE_SLOT": MACHINE,
    "MUSE_FLUSH_SECONDS": "0.5",
    "MUSE_RETENTION_DAYS": "36500",  # the folder grows old, what it proves does not
    "MUSE_NOTIFICATION_DAYS": "36500",
    "MUSE_STATISTICS_DAYS": "36500",
}
_DUMP = "database.sql"
_KEPT = ("files", "lake", "segments", "serving", "secret_key")

# As long ago as when the folder was made: who may roll back to what, and when requests expire, is a matter of days.
_BROUGHT_TO_TODAY = """
    SET session_replication_role = replica;
    CREATE TEMP TABLE made AS SELECT now() - max(published_at) AS ago FROM scoring_release;
    UPDATE scoring_release SET published_at = published_at + (SELECT ago FROM made);
    UPDATE models_app_changerequest SET expires_at = expires_at + (SELECT ago FROM made);
"""


def names() -> list[str]:
    return sorted(path.name for path in FOLDERS.iterdir() if (path / "state.json").exists())


def state(name: str) -> dict[str, Any]:
    """What the version that made the folder said of it."""
    found: dict[str, Any] = json.loads((FOLDERS / name / "state.json").read_text())
    return found


def pack(data: Path, name: str, state: dict[str, Any]) -> None:
    """Keep a data folder whose product has stopped."""
    target = FOLDERS / name
    target.mkdir(parents=True, exist_ok=True)
    postgres = Postgres(data)
    postgres.start()
    try:
        _tool("pg_dump", postgres, "--restrict-key=muse", "--file", str(data / _DUMP))
    finally:
        postgres.stop()
    with tarfile.open(target / "data.tar.xz", "w:xz") as tar:
        for each in (_DUMP, *_KEPT):
            tar.add(data / each, each, filter=_without_owner)
    (target / "state.json").write_text(_lines(state) + "\n")


def unpack(name: str, data: Path) -> tuple[dict[str, set[str]], Texts]:
    """Make the data folder anew, as if the version that made it had just been stopped; its rows, and its texts."""
    data.mkdir(parents=True)
    with tarfile.open(FOLDERS / name / "data.tar.xz") as tar:
        tar.extractall(data, filter="data")
    postgres = Postgres(data, ephemeral=True)
    postgres.start()
    try:
        quiet = ("--quiet", "--output", os.devnull, "--set", "ON_ERROR_STOP=1")
        _tool("psql", postgres, *quiet, "--file", str(data / _DUMP))
        with psycopg.connect(postgres.owner_url, autocommit=True) as connection:
            connection.execute(_BROUGHT_TO_TODAY)
        return rows(postgres), texts(postgres)
    finally:
        postgres.stop()


def rows(postgres: Postgres) -> dict[str, set[str]]:
    """The keys of all rows, by table, of all tenants."""
    with psycopg.connect(postgres.owner_url, autocommit=True) as connection:
        return {table: _keys(connection, table, key) for table, key in connection.execute(_KEY_OF_EACH_TABLE)}


def texts(postgres: Postgres) -> Texts:
    """The release documents, byte for byte."""
    with psycopg.connect(postgres.owner_url, autocommit=True) as connection:
        return {(slug, number): (digest, text) for slug, number, digest, text in connection.execute(_TEXTS)}


_TEXTS = """
    SELECT tenants.slug, releases.number, releases.digest, releases.document
    FROM scoring_release AS releases JOIN tenants_tenant AS tenants ON tenants.id = releases.tenant_id
"""
_KEY_OF_EACH_TABLE = """
    SELECT tables.relname, string_agg(quote_ident(columns.attname), ', ' ORDER BY columns.attnum)
    FROM pg_class AS tables
    JOIN pg_index AS keys ON keys.indrelid = tables.oid AND keys.indisprimary
    JOIN pg_attribute AS columns ON columns.attrelid = tables.oid AND columns.attnum = ANY (keys.indkey)
    WHERE tables.relkind = 'r' AND tables.relnamespace = 'public'::regnamespace
    GROUP BY tables.relname
"""


def _keys(connection: psycopg.Connection, table: str, key: str) -> set[str]:
    return {row[0] for row in connection.execute(f'SELECT ROW({key})::text FROM "{table}"')}  # type: ignore[arg-type]


def manage(data: Path, *words: str, expect: int = 0) -> subprocess.CompletedProcess[str]:
    """Run a command of manage.py on a data folder; it must end with the code that is expected."""
    done = subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), *words],
        env=os.environ | ENVIRONMENT | {"MUSE_DATA": str(data)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == expect, done.stdout + done.stderr
    return done


def _tool(name: str, postgres: Postgres, *options: str) -> None:
    subprocess.run([str(postgres.binary(name)), "--dbname", postgres.owner_url, *options], check=True, timeout=120)


def _lines(value: Any, depth: int = 4) -> str:
    """JSON with a line for each event."""
    if depth == 0 or not isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False, sort_keys=True)
    inner = (f"{json.dumps(name)}: {_lines(each, depth - 1)}" for name, each in value.items())
    return "{" + ",\n".join(inner) + "}"


def _without_owner(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    return entry
