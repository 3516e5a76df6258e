"""Two tenants with everything, and the service that scores for them."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from scoring.serving.process import serving
from tests.isolation.wall import Wall, build


@pytest.fixture
def wall(db: None, settings: Settings, tmp_path: Path) -> Iterator[Wall]:
    settings.SEGMENTS_DIR, settings.SERVING_CACHE_DIR = tmp_path / "segments", tmp_path / "serving"
    settings.MEDIA_ROOT, settings.LAKE = tmp_path / "files", str(tmp_path / "lake")
    serving.cache_clear()
    yield build()
    serving().log.close()
    serving.cache_clear()
