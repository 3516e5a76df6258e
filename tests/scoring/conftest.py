"""A scoring process's parts in the test's own process, and a client to its addresses."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from muse_site import settings_scoring
from scoring.queue.columnar import decode
from scoring.queue.record import Record
from scoring.queue.segments import HEADER, LENGTH
from scoring.serving.process import Serving, serving
from tests.documents import simple
from tests.factories import World, serve
from tests.scoring.eventlog import keep_document


@pytest.fixture(scope="session")
def tried(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What is known of models on this machine: kept between tests, which use the same few."""
    return tmp_path_factory.mktemp("tried")


@pytest.fixture
def process(settings: Settings, tmp_path: Path, tried: Path, db: None) -> Iterator[Serving]:
    """A scoring process that has loaded nothing yet; `process.watcher.look()` makes it look."""
    settings.ROOT_URLCONF = "muse_site.urls_scoring"
    # All of the scoring service's but WhiteNoise, which would read every static file for every test.
    settings.MIDDLEWARE = [name for name in settings_scoring.MIDDLEWARE if "whitenoise" not in name]
    settings.SEGMENTS_DIR = tmp_path / "segments"
    settings.SERVING_CACHE_DIR = tmp_path / "serving"
    settings.SERVING_CACHE_DIR.mkdir()
    (settings.SERVING_CACHE_DIR / "tried").symlink_to(tried)
    settings.MEDIA_ROOT = tmp_path / "files"
    serving.cache_clear()
    yield serving()
    serving().log.close()
    serving.cache_clear()


@pytest.fixture
def world(process: Serving) -> World:
    """A tenant whose release this process serves."""
    world = serve()
    assert process.watcher.look()
    return world


@pytest.fixture
def client(process: Serving) -> Client:
    return Client(raise_request_exception=False)


def recorded(process: Serving) -> list[Record]:
    """Everything in the process's segment files."""
    found = []
    for path in sorted(process.log.directory.glob("*/*.seg")):
        content, at = path.read_bytes(), 0
        while at < len(content):
            end = at + HEADER.size + HEADER.unpack_from(content, at)[0]
            at += HEADER.size
            while at < end:
                (length,) = LENGTH.unpack_from(content, at)
                found.extend(decode(content[at + LENGTH.size : at + LENGTH.size + length]))
                at += LENGTH.size + length
    return found


@pytest.fixture
def segments(tmp_path: Path, settings: Any) -> Path:
    """A folder for segments, beside an empty lake; release 1 of tenant 7 is known without Postgres."""
    settings.LAKE = str(tmp_path / "lake")
    settings.SERVING_CACHE_DIR = tmp_path / "serving"
    keep_document(simple().build())
    return tmp_path / "segments"
