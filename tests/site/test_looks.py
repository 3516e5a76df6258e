"""Style sheets, scripts and templates can be read and compared: formatted, no line longer than a line of Python."""

import subprocess
import sysconfig
from pathlib import Path

import pytest

from muse_site.driving.running import ROOT

LONGEST = 120  # characters, as pyproject.toml has it for Python
FOLDERS = ("templates", "muse_site/static/muse", "docs/look")
FORMATTERS = [("oxfmt", ("muse_site/static/muse", "docs/look")), ("djangofmt", ("templates",))]


@pytest.mark.parametrize("ending", ["css", "js", "html"])
def test_lines__of_what_pages_look_like__are_at_most_120_characters(ending: str) -> None:
    files = [file for folder in FOLDERS for file in (ROOT / folder).rglob(f"*.{ending}")]
    lines = [(file.name, at, line) for file in files for at, line in enumerate(file.read_text().splitlines(), start=1)]
    assert lines
    assert [(name, at) for name, at, line in lines if len(line) > LONGEST] == []


@pytest.mark.parametrize(("tool", "folders"), FORMATTERS)
def test_files__of_what_pages_look_like__are_as_the_formatter_writes_them(tool: str, folders: tuple[str, ...]) -> None:
    command = [Path(sysconfig.get_path("scripts")) / tool, "--check", *folders]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stdout + answer.stderr
