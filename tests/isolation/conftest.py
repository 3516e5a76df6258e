"""Two tenants with everything, and the service that scores for them, behind both walls and behind each alone."""

from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest
from pytest_django import Settings

from scoring.serving.process import serving
from tests.isolation import standing
from tests.isolation.wall import Wall, build

DOWN = {
    standing.BOTH: nullcontext,
    standing.DATABASE: standing.application_down,
    standing.APPLICATION: standing.database_down,
}


@pytest.fixture
def wall(db: None, settings: Settings, tmp_path: Path) -> Iterator[Wall]:
    settings.SEGMENTS_DIR, settings.SERVING_CACHE_DIR = tmp_path / "segments", tmp_path / "serving"
    settings.MEDIA_ROOT, settings.LAKE = tmp_path / "files", str(tmp_path / "lake")
    serving.cache_clear()
    yield build()
    serving().log.close()
    serving.cache_clear()


@pytest.fixture(params=DOWN)
def standing_walls(
    request: pytest.FixtureRequest, django_db_blocker: pytest.FixtureRequest, wall: Wall
) -> Iterator[str]:
    """What stands between the tenants of `wall`, once they are there."""
    with DOWN[request.param]():
        yield request.param
