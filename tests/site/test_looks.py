"""Style sheets, scripts and templates can be read and compared: no line of them is longer than a line of Python."""

import pytest

from muse_site.driving.running import ROOT

LONGEST = 120  # characters, as pyproject.toml has it for Python
FOLDERS = ("templates", "muse_site/static", "docs/look")


@pytest.mark.parametrize("ending", ["css", "js"])
def test_lines__of_what_pages_look_like__are_at_most_120_characters(ending: str) -> None:
    files = [file for folder in FOLDERS for file in (ROOT / folder).rglob(f"*.{ending}")]
    lines = [(file.name, at, line) for file in files for at, line in enumerate(file.read_text().splitlines(), start=1)]
    assert lines
    assert [(name, at) for name, at, line in lines if len(line) > LONGEST] == []
