import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from muse_site.embedded import EmbeddedServiceError, Postgres, Valkey, broker_url, paths, remove_run_directory


@pytest.fixture
def postgres(tmp_path: Path) -> Iterator[Postgres]:
    server = Postgres(tmp_path)
    server.start()
    yield server
    server.stop()
    remove_run_directory(tmp_path)


@pytest.fixture
def valkey(tmp_path: Path) -> Iterator[Valkey]:
    server = Valkey(tmp_path)
    server.start()
    yield server
    server.stop()
    remove_run_directory(tmp_path)


def _wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def _kill(server: Postgres) -> None:
    """SIGKILL the server, which leaves its pid file behind."""
    pid_file = server.cluster / "postmaster.pid"
    os.kill(int(pid_file.read_text().split()[0]), signal.SIGKILL)
    _wait_until(lambda: not server.alive())
    assert pid_file.exists()


def _save_a_row(server: Postgres) -> None:
    with psycopg.connect(server.owner_url) as owner:
        owner.execute("CREATE TABLE note (id bigint GENERATED ALWAYS AS IDENTITY, text text)")
        owner.execute("INSERT INTO note (text) VALUES ('kept')")


def _rows(server: Postgres) -> list[tuple[str]]:
    with psycopg.connect(server.app_url) as app:
        return app.execute("SELECT text FROM note ORDER BY id").fetchall()


def test_postgres__killed__starts_again_with_its_data(postgres: Postgres) -> None:
    _save_a_row(postgres)
    _kill(postgres)
    postgres.start()
    assert _rows(postgres) == [("kept",)]


def test_postgres__pid_file_names_another_living_process__starts(postgres: Postgres) -> None:
    _save_a_row(postgres)
    _kill(postgres)
    pid_file = postgres.cluster / "postmaster.pid"
    lines = pid_file.read_text().splitlines(keepends=True)
    pid_file.write_text("".join([f"{os.getpid()}\n", *lines[1:]]))
    postgres.start()
    assert _rows(postgres) == [("kept",)]


def test_postgres__stopped_and_started__is_what_it_was(postgres: Postgres) -> None:
    _save_a_row(postgres)
    postgres.stop()
    assert not postgres.alive()
    postgres.stop()
    postgres.start()
    postgres.start()
    assert _rows(postgres) == [("kept",)]


def test_postgres__application_role__uses_tables_and_owns_none(postgres: Postgres) -> None:
    _save_a_row(postgres)
    with psycopg.connect(postgres.app_url, autocommit=True) as app:
        app.execute("INSERT INTO note (text) VALUES ('second')")
        privileges = app.execute(
            "SELECT current_user, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user"
        ).fetchone()
        assert privileges == ("muse_app", False, False)
        for forbidden in ("CREATE TABLE mine (id int)", "DROP TABLE note", "TRUNCATE note"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                app.execute(forbidden)


def test_postgres__cluster_half_made__is_made_anew(tmp_path: Path) -> None:
    (tmp_path / "postgres.new").mkdir()
    (tmp_path / "postgres.new" / "PG_VERSION").write_text("18")
    server = Postgres(tmp_path, ephemeral=True)
    server.start()
    try:
        assert server.alive()
    finally:
        server.stop()
        remove_run_directory(tmp_path)


def test_postgres__default__survives_power_loss_and_ephemeral_does_not(tmp_path: Path) -> None:
    assert "fsync=off" in Postgres(tmp_path, ephemeral=True).command()
    assert "fsync=off" not in Postgres(tmp_path).command()


def test_postgres__broken_cluster__error_shows_its_log(tmp_path: Path) -> None:
    (tmp_path / "postgres").mkdir(mode=0o700)
    (tmp_path / "postgres" / "PG_VERSION").write_text("9.1")
    with pytest.raises(EmbeddedServiceError, match=r"postgres\.log"):
        Postgres(tmp_path, ephemeral=True).start()
    remove_run_directory(tmp_path)


def test_valkey__killed__starts_again_with_its_data(valkey: Valkey) -> None:
    client = redis.Redis.from_url(valkey.url)
    client.set("note", "kept")
    os.kill(client.info("server")["process_id"], signal.SIGKILL)
    _wait_until(lambda: not valkey.alive())
    valkey.start()
    assert client.get("note") == b"kept"


def test_valkey__stopped_twice__is_stopped(valkey: Valkey) -> None:
    valkey.stop()
    assert not valkey.alive()
    valkey.stop()


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("unix:///run/valkey.sock?db=0", "redis+socket:///run/valkey.sock?virtual_host=0"),
        ("unix:///run/valkey.sock", "redis+socket:///run/valkey.sock?virtual_host=0"),
        ("redis://cache:6379/1", "redis://cache:6379/1"),
    ],
)
def test_broker_url__each_scheme__is_one_that_celery_knows(url: str, expected: str) -> None:
    assert broker_url(url) == expected


def test_run_directory__deep_data_directory__is_short_and_its_own(tmp_path: Path) -> None:
    deep, other = tmp_path / ("x" * 200), tmp_path / "other"
    run = paths.run_directory(deep)
    assert paths.check_socket_path(run / ".s.PGSQL.5432")
    assert run != paths.run_directory(other)


def test_check_socket_path__too_long__says_the_way_out() -> None:
    with pytest.raises(EmbeddedServiceError, match="TMPDIR"):
        paths.check_socket_path(Path("/tmp") / ("x" * 120))


def test_make_private__open_folder__is_closed_to_others(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir(mode=0o755)
    assert paths.make_private(tmp_path / "run").stat().st_mode & 0o777 == 0o700


def test_make_private__somebodys_link__is_refused(tmp_path: Path) -> None:
    (tmp_path / "target").mkdir()
    (tmp_path / "run").symlink_to(tmp_path / "target")
    with pytest.raises(EmbeddedServiceError, match="Remove it"):
        paths.make_private(tmp_path / "run")
