from pathlib import Path
from typing import Any

import pytest

from tests.documents import simple
from tests.eventlog.helpers import keep_document


@pytest.fixture
def segments(tmp_path: Path, settings: Any) -> Path:
    """A folder for segments, beside an empty lake; release 1 of tenant 7 is known without Postgres."""
    settings.LAKE = str(tmp_path / "lake")
    settings.SERVING_CACHE_DIR = tmp_path / "serving"
    keep_document(simple().build())
    return tmp_path / "segments"
