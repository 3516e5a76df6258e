"""Faults of Valkey and Postgres: killed, hung, full, wiped, read-only."""

import os
import signal
import time
from contextlib import suppress

import psycopg
import redis
from django.db import connections

from tests.faults.evidence import Check, postgres_refuses, postgres_silent, valkey_silent
from tests.faults.fault import Fault
from tests.faults.hurting import Hurt, signal_all

AWAY_SECONDS = 2.0
LONG_SECONDS = 10.0
_MARK = "what a fault is known by"


# ---- Valkey


def _kill_valkey(hurt: Hurt) -> None:
    os.kill(_valkey_pid(hurt), signal.SIGKILL)


def _valkey_pid(hurt: Hurt) -> int:
    with hurt.valkey_client() as client:
        return int(client.info("server")["process_id"])


_hung: list[int] = []


def _hang_valkey(hurt: Hurt) -> None:
    _hung.append(_valkey_pid(hurt))
    signal_all(signal.SIGSTOP, _hung)


def _have_valkey_go_on(_hurt: Hurt) -> None:
    signal_all(signal.SIGCONT, _hung)
    _hung.clear()


def _pause_valkey(hurt: Hurt) -> None:
    with hurt.valkey_client() as client:
        client.client_pause(int(1000 * LONG_SECONDS))


def _fill_valkey(hurt: Hurt) -> None:
    with hurt.valkey_client() as client:
        client.config_set("maxmemory-policy", "noeviction")
        client.config_set("maxmemory", 1)


def _empty_valkey(hurt: Hurt) -> None:
    with hurt.valkey_client() as client:
        client.config_set("maxmemory", 0)


def _valkey_is_full(hurt: Hurt) -> Check:
    def refuses() -> bool:
        with hurt.valkey_client() as client:
            try:
                client.set(_MARK, 1)
            except redis.exceptions.OutOfMemoryError:
                return True
        return False

    return refuses


def _wipe_valkey(hurt: Hurt) -> None:
    with hurt.valkey_client() as client:
        client.flushall()


def _valkey_is_wiped(hurt: Hurt) -> Check:
    with hurt.valkey_client() as client:
        client.set(_MARK, 1)

    def is_wiped() -> bool:
        with hurt.valkey_client() as client:
            return not client.exists(_MARK)

    return is_wiped


# ---- Postgres


def _kill_postgres(hurt: Hurt) -> None:
    connections.close_all()
    os.kill(hurt.postmaster(), signal.SIGKILL)


def _restart_postgres(hurt: Hurt) -> None:
    connections.close_all()
    hurt.postgres.stop()


def _hang_postgres(hurt: Hurt) -> None:
    connections.close_all()
    signal_all(signal.SIGSTOP, hurt.postgres_pids())


def _go_on(hurt: Hurt) -> None:
    signal_all(signal.SIGCONT, hurt.postgres_pids())


_taken: list[psycopg.Connection] = []


def _take_all_connections(hurt: Hurt) -> None:
    """What is taken by others; those of the product are ended, so that it has to ask for new ones."""
    connections.close_all()
    with suppress(psycopg.OperationalError):
        while True:
            _taken.append(psycopg.connect(hurt.postgres.app_url))
    with psycopg.connect(hurt.postgres.owner_url, autocommit=True) as owner:
        mine = [each.info.backend_pid for each in _taken]
        others = "FROM pg_stat_activity WHERE usename = 'muse_app' AND pid <> ALL(%s)"
        owner.execute(f"SELECT pg_terminate_backend(pid) {others}", [mine])
    until = time.monotonic() + 1.0
    while time.monotonic() < until:  # those that have become free
        with suppress(psycopg.OperationalError):
            _taken.append(psycopg.connect(hurt.postgres.app_url))


def _give_connections_back(_hurt: Hurt) -> None:
    while _taken:
        _taken.pop().close()


def _set_read_only(hurt: Hurt) -> None:
    _alter_system(hurt, "SET default_transaction_read_only = on")


def _set_writable(hurt: Hurt) -> None:
    _alter_system(hurt, "RESET default_transaction_read_only")


def _alter_system(hurt: Hurt, what: str) -> None:
    with psycopg.connect(hurt.postgres.owner_url, autocommit=True) as owner:
        owner.execute("SET default_transaction_read_only = off")
        owner.execute(f"ALTER SYSTEM {what}")
        owner.execute("SELECT pg_reload_conf()")


VALKEY = [
    Fault(
        "kill -9 of Valkey, started again after two seconds",
        _kill_valkey,
        lambda hurt: hurt.valkey.start(),
        took_hold=valkey_silent,
        seconds=AWAY_SECONDS,
    ),
    Fault("Valkey paused for ten seconds", _pause_valkey, took_hold=valkey_silent, seconds=LONG_SECONDS),
    Fault(
        "Valkey hung (SIGSTOP) for ten seconds",
        _hang_valkey,
        _have_valkey_go_on,
        took_hold=valkey_silent,
        seconds=LONG_SECONDS,
    ),
    Fault(
        "Valkey out of memory for ten seconds",
        _fill_valkey,
        _empty_valkey,
        took_hold=_valkey_is_full,
        seconds=LONG_SECONDS,
    ),
    Fault("Valkey wiped", _wipe_valkey, took_hold=_valkey_is_wiped),
]
POSTGRES = [
    Fault(
        "kill -9 of Postgres, started again after two seconds",
        _kill_postgres,
        lambda hurt: hurt.postgres.start(),
        took_hold=postgres_silent,
        seconds=AWAY_SECONDS,
    ),
    Fault(
        "Postgres stopped for ten seconds",
        _restart_postgres,
        lambda hurt: hurt.postgres.start(),
        took_hold=postgres_silent,
        seconds=LONG_SECONDS,
    ),
    Fault(
        "Postgres hung (SIGSTOP) for ten seconds",
        _hang_postgres,
        _go_on,
        took_hold=postgres_refuses(psycopg.errors.ConnectionTimeout),
        seconds=LONG_SECONDS,
    ),
    Fault(
        "Postgres out of connections for ten seconds",
        _take_all_connections,
        _give_connections_back,
        took_hold=postgres_refuses(psycopg.OperationalError, "connection slots"),
        seconds=LONG_SECONDS,
    ),
    Fault(
        "Postgres read-only for ten seconds",
        _set_read_only,
        _set_writable,
        took_hold=postgres_refuses(psycopg.errors.ReadOnlySqlTransaction),
        seconds=LONG_SECONDS,
    ),
]
