"""The documentation: it builds without a warning, asks nothing from outside, and shows the pictures that are taken."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from muse_site.driving.pictures.chosen import CHOSEN, FOLDER, MOST_BYTES
from muse_site.driving.running import ROOT

LOADED = re.compile(r'<(?:script|link|img|iframe|source)\b[^>]*?\b(?:src|href)="?((?:https?:)?//[^" >]+)')
LOADED_BY_STYLE = re.compile(r"""(?:url\(|@import\s*)["']?((?:https?:)?//[^"')]+)""")
SHOWN = re.compile(r"!\[[^\]]+\]\([./]*pictures/([^)]+)\)")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    argv = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)]
    env = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run(argv, cwd=ROOT, env=env, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return folder


def test_docs__built_strictly__load_nothing_from_outside(site: Path) -> None:
    found = [
        (file.relative_to(site), address)
        for ending, pattern in (("*.html", LOADED), ("*.css", LOADED_BY_STYLE))
        for file in site.rglob(ending)
        for address in pattern.findall(file.read_text())
    ]
    assert found == []
    assert (site / "guides" / "analyst.html").is_file()


def test_pictures_of_docs__are_those_that_the_command_takes__and_all_are_shown() -> None:
    taken = {f"{each.file}.webp" for each in CHOSEN}
    shown = {name for file in (ROOT / "docs").rglob("*.md") for name in SHOWN.findall(file.read_text())}
    kept = {file.name: file.stat().st_size for file in (ROOT / FOLDER).iterdir()}
    assert shown == taken == set(kept)
    assert [name for name, size in kept.items() if size > MOST_BYTES] == []
