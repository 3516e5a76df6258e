"""The demonstration's end."""

from pathlib import Path

import pytest
from pytest_django import Settings

from muse_site.demo.progress import Progress
from muse_site.driving.client import GaveUp
from muse_site.management.commands.demo import _watch


def test_watch__of_a_product_that_has_ended__gives_up(settings: Settings, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path
    with pytest.raises(GaveUp, match="the product has ended"):
        _watch([], Progress(), seconds=0.0)
