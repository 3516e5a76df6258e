"""Real services for the tests: an ephemeral Postgres and Valkey, started before Django's settings are loaded.

An early plugin (`-p tests.plugin_services`), for when `conftest.py` is read the settings already are.
"""

import atexit
import os
import shutil
import tempfile
from collections.abc import Generator
from contextlib import suppress
from pathlib import Path

import pytest

from muse_site.embedded import Postgres, Valkey, remove_run_directory

_PREFIX = "muse-tests-"


@pytest.hookimpl(wrapper=True)  # around, and so before, the one in which pytest-django loads the settings
def pytest_load_initial_conftests() -> Generator[None, object, object]:
    _clear_abandoned()
    directory = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-"))
    atexit.register(_remove, directory, os.getpid())
    start(directory)
    return (yield)


def start(directory: Path) -> None:
    """Start both services on this folder, and point the settings' environment variables at them."""
    postgres, valkey = Postgres(directory, ephemeral=True), Valkey(directory, ephemeral=True)
    postgres.start()
    valkey.start()
    for name in [name for name in os.environ if name.startswith("MUSE_")]:
        del os.environ[name]  # tests run on defaults, whatever the shell has set
    os.environ.update(
        MUSE_DATA=str(directory),
        MUSE_BREAK_GLASS="1",  # most tests only need something to be served
        MUSE_SECRET_KEY="for tests only, " * 4,
        DATABASE_URL=postgres.app_url,
        DATABASE_OWNER_URL=postgres.owner_url,
        REDIS_URL=valkey.url,
    )


def _remove(directory: Path, of_process: int) -> None:
    if os.getpid() != of_process:
        return  # a forked child ends too: the services are not its own
    with suppress(Exception):
        Postgres(directory).stop()
    with suppress(Exception):
        Valkey(directory).stop()
    remove_run_directory(directory)
    shutil.rmtree(directory, ignore_errors=True)


def _clear_abandoned() -> None:
    """Remove what test runs that were killed have left."""
    for directory in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*-*"):
        pid = int(directory.name.removeprefix(_PREFIX).partition("-")[0])
        if directory.stat().st_uid == os.getuid() and not _lives(pid):
            _remove(directory, os.getpid())


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
