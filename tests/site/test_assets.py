"""Scripts and styles are collected when they are others than the last time, and only then."""

import os
from pathlib import Path

import pytest
from django.core.management import call_command
from pytest_django import Settings


@pytest.fixture
def collected(settings: Settings, tmp_path: Path) -> Path:
    """Of one style; with the storage that the product has."""
    style = tmp_path / "sources" / "one.css"
    style.parent.mkdir()
    style.write_text("a {}")
    settings.STATICFILES_DIRS, settings.STATICFILES_FINDERS = (
        [style.parent],
        ["django.contrib.staticfiles.finders.FileSystemFinder"],
    )
    settings.STATIC_ROOT = tmp_path / "static"
    storage = "whitenoise.storage.CompressedManifestStaticFilesStorage"
    settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": storage}}
    call_command("collect_assets")
    return tmp_path


def names(data: Path) -> set[str]:
    return {each.name for each in (data / "static").glob("one*.css")}


def test_collect_assets__as_they_were__does_nothing(collected: Path) -> None:
    assert len(names(collected)) == 2  # by its own name, and by that of its content
    (collected / "static" / "one.css").unlink()
    call_command("collect_assets")
    assert len(names(collected)) == 1


def test_collect_assets__changed_but_of_the_same_size_and_time__collects_them_anew(collected: Path) -> None:
    before, style = names(collected), collected / "sources" / "one.css"
    was = style.stat()
    style.write_text("b {}")
    os.utime(style, ns=(was.st_atime_ns, was.st_mtime_ns))  # as in an image whose files have one time
    call_command("collect_assets")
    assert len(names(collected) - before) == 1


@pytest.mark.parametrize("lost", ["static/staticfiles.json", "static.collected"])
def test_collect_assets__stopped_half_way_or_taken_away__collects_them_anew(collected: Path, lost: str) -> None:
    (collected / lost).unlink()
    (collected / "static" / "one.css").unlink()
    call_command("collect_assets")
    assert len(names(collected)) == 2
    assert (collected / lost).exists()
