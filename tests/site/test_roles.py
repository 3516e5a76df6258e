"""deploy/roles.sql, as operators run it: what it makes is enough for the product, and not more."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from muse_site.driving.running import ROOT

OWNER_URL = os.environ["DATABASE_OWNER_URL"]  # of a superuser, in the tests' own cluster


def run(database: str, statements: str) -> None:
    with psycopg.connect(OWNER_URL, dbname=database, autocommit=True) as connection:
        for statement in re.sub(r"--.*", "", statements).split(";"):
            if statement.strip():
                connection.execute(statement)


@pytest.fixture
def env(tmp_path: Path) -> Iterator[dict[str, str]]:
    """Settings for the roles and the database of the file, under names that are free here."""
    text = re.sub(r"\bmuse", "tried", (ROOT / "deploy" / "roles.sql").read_text())
    server, database = text.split("\\connect tried")
    run("postgres", server)
    run("tried", database)
    host = psycopg.conninfo.conninfo_to_dict(OWNER_URL)["host"]
    urls = {name: f"postgresql://{role}@/tried?host={host}" for name, role in _ROLES.items()}
    yield {**os.environ, **urls, "MUSE_DATA": str(tmp_path)}
    run("postgres", "DROP DATABASE tried WITH (FORCE); DROP ROLE tried_app; DROP ROLE tried_owner")


_ROLES = {"DATABASE_URL": "tried_app", "DATABASE_OWNER_URL": "tried_owner"}


def manage(env: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, str(ROOT / "manage.py"), *arguments]
    return subprocess.run(argv, env=env, capture_output=True, text=True, timeout=120)


def test_roles__made_by_the_file__migrate_and_pass_the_checks(env: dict[str, str]) -> None:
    for arguments in (("migrate", "--database", "owner"), ("check", "--database", "default")):
        ended = manage(env, *arguments)
        assert ended.returncode == 0, ended.stderr
    ended = manage(env, "create_person", "somebody@example.com", "--role", "admin", "--no-password")
    assert ended.returncode == 0, ended.stderr


def test_roles__services_run_as_the_owner__the_check_says_so(env: dict[str, str]) -> None:
    assert manage(env, "migrate", "--database", "owner").returncode == 0
    ended = manage({**env, "DATABASE_URL": env["DATABASE_OWNER_URL"]}, "check", "--database", "default")
    assert ended.returncode != 0
    assert "tenants.E003" in ended.stderr
