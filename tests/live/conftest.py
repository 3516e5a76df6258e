"""The whole product, as its supervisor runs it, on the tests' own Postgres and Valkey."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from muse_site.driving.client import wait
from muse_site.driving.running import ROOT, Product, free_ports, running

ENV = {"MUSE_FLUSH_SECONDS": "0.5", "MUSE_LOG_FORMAT": "console"}


@pytest.fixture(scope="session")
def assets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder in which scripts and styles are collected: each product would take seconds to do so itself."""
    data = tmp_path_factory.mktemp("assets")
    argv = [sys.executable, "manage.py", "collect_assets"]
    subprocess.run(argv, cwd=ROOT, env={**os.environ, "MUSE_DATA": str(data)}, check=True, timeout=120)
    return data


@pytest.fixture
def product(
    request: pytest.FixtureRequest, settings: Settings, tmp_path: Path, transactional_db: None, assets: Path
) -> Iterator[Product]:
    """It shares its database, its model files and its lake with the test, which may write rows to it.

    An indirect parameter has environment variables for it.
    """
    data = tmp_path / "data"
    shutil.copytree(assets / "static", data / "static", copy_function=os.link)
    shutil.copy2(assets / "static.collected", data)
    settings.MEDIA_ROOT, settings.LAKE = data / "files", str(data / "lake")
    scoring_port, console_port = free_ports(2)
    env, log = ENV | getattr(request, "param", {}), tmp_path / "product.log"
    with running(data, scoring_port=scoring_port, console_port=console_port, log=log, env=env) as found:
        wait(lambda: "The guard watches" in log.read_text(), "the guard to start", 60.0)
        yield found
