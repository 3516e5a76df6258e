"""Each claim of the threat model, and of what holds when something breaks, names a test that there is.

Claims stand in tables, whose last column is their test. What was measured stands between marks, and is none.
"""

import ast
import re
from collections.abc import Iterator
from functools import cache
from itertools import groupby
from pathlib import Path

import pytest

from tests.faults import disks, models, processes, records, services, table

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted([*(ROOT / "docs").rglob("*.md"), ROOT / "README.md", ROOT / "CONTRIBUTING.md"])
MEASURED = re.compile(r"<!-- (\w+): begin -->.*?<!-- \1: end -->", re.DOTALL)
NAMED = re.compile(r"tests/[\w/]+(?:\.\w+)?(?:::\w+)*")
BULLETS_OF = "## What is worth an attack"  # things, of which nothing is claimed


def claims(document: str) -> list[list[str]]:
    """The rows of the document's tables, without their heads."""
    return [row for _, rows in tables(document) for row in rows]


def tables(document: str) -> Iterator[tuple[list[str], list[list[str]]]]:
    """Each table's head and rows, without what was measured."""
    text = MEASURED.sub("", (ROOT / "docs" / document).read_text())
    for is_table, lines in groupby(text.splitlines(), lambda line: line.startswith("|")):
        if is_table:
            head, _, *rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
            yield head, rows


@pytest.mark.parametrize(("document", "least"), [("threat-model.md", 80), ("reliability.md", 30)])
def test_document__each_claim__names_a_test_that_there_is(document: str, least: int) -> None:
    found = claims(document)
    assert len(found) >= least
    assert [claim[0] for claim in found if not _is_test(claim[-1].strip("`"))] == []


@pytest.mark.parametrize("document", ["threat-model.md", "reliability.md"])
def test_document__of_claims__makes_none_outside_of_tables_of_tests(document: str) -> None:
    assert [head for head, _ in tables(document) if head[-1] != "test"] == []
    sections = (ROOT / "docs" / document).read_text().split("\n\n## ")
    listed = [line for each in sections for line in each.splitlines() if line.startswith("- ")
              and f"## {each.splitlines()[0]}" != BULLETS_OF]  # fmt: skip
    assert listed == []


def test_documents__all__name_only_tests_that_there_are() -> None:
    found = [(file, name) for file in DOCUMENTS for name in NAMED.findall(file.read_text())]
    assert len(found) > 100
    assert [f"{file.relative_to(ROOT)}: {name}" for file, name in found if not _is_there(name)] == []


def test_table__of_faults__has_only_those_that_the_suite_tries() -> None:
    """What a test names itself stands in its own file."""
    lists = (
        processes.KILLS, processes.SUPERVISOR, services.VALKEY, services.POSTGRES, records.RECORDS, models.MODELS,
        models.SLOW, disks.DISKS, disks.POSTGRES_DISK,
    )  # fmt: skip
    tried = {fault.name for each in lists for fault in each}
    written = "".join(file.read_text() for file in (ROOT / "tests" / "faults").glob("test_*.py"))
    measured = table.DOCUMENT.read_text().partition("<!-- faults: begin -->")[2].partition("<!-- faults: end -->")[0]
    rows = [line.split("|")[1].strip() for line in measured.splitlines() if line.startswith("|")][2:]
    names = [name.removeprefix("Another tenant meanwhile: ") for name in rows]
    assert [name for name in names if name not in tried and f'"{name}"' not in written] == []


def _is_test(name: str) -> bool:
    return "::test_" in name and _is_there(name)


def _is_there(name: str) -> bool:
    """Whether there is this file or folder, and in it this class or function."""
    path, _, function = name.partition("::")
    file = ROOT / path
    return file.exists() and (not function or (file.is_file() and function in _defined(file)))


@cache
def _defined(file: Path) -> set[str]:
    tree = ast.parse(file.read_text())
    return {node.name for node in tree.body if isinstance(node, (ast.FunctionDef, ast.ClassDef))}
