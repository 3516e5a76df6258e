"""Each claim of the threat model, and of what holds when something breaks, names a test that there is.

Claims stand in tables, whose last column is their test, or each in a sentence that names its own. What was measured
stands between marks, and is none; a paragraph without claims stands behind a mark that says so.
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
NO_CLAIM = "<!-- claims nothing -->"
SENTENCE = re.compile(r"(?<=[.:;!?)])\s+(?=[A-Z`*“(])")


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


def sentences(document: str) -> Iterator[str]:
    """Of all paragraphs of a document that are not marked as making no claim, what was measured left out."""
    text = MEASURED.sub("", (ROOT / "docs" / document).read_text())
    before = ""
    for block in re.split(r"\n{2,}", text.strip()):
        if before != NO_CLAIM and not block.startswith(("#", "|", "- ", "<!--")):
            yield from SENTENCE.split(" ".join(block.split()))
        before = block


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


@pytest.mark.parametrize("document", ["threat-model.md", "reliability.md"])
def test_document__each_sentence_beside_its_tables__names_a_test_or_is_marked_as_claiming_nothing(
    document: str,
) -> None:
    assert [each for each in sentences(document) if not any(map(_is_test, NAMED.findall(each)))] == []


def test_sentences__of_a_paragraph__are_told_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(globals(), "ROOT", tmp_path)
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "x.md").write_text(
        "# Head\n\nOne holds (`tests/a.py::test_a`). `make x` does 1.5 things;\nit is e.g. fast.\n\n"
        "<!-- claims nothing -->\n\nNot this. Nor this.\n\n| a | test |\n| --- | --- |\n| b | c |\n\nBut this.\n\n"
        "<!-- soak: begin -->\n\nMeasured.\n\n<!-- soak: end -->\n"
    )
    assert list(sentences("x.md")) == [
        "One holds (`tests/a.py::test_a`).", "`make x` does 1.5 things; it is e.g. fast.", "But this.",
    ]  # fmt: skip


def test_documents__all__name_only_tests_that_there_are() -> None:
    found = [(file, name) for file in DOCUMENTS for name in NAMED.findall(file.read_text())]
    assert len(found) > 100
    assert [f"{file.relative_to(ROOT)}: {name}" for file, name in found if not _is_there(name)] == []


def test_table__of_faults__has_all_and_only_those_that_the_suite_tries() -> None:
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
    assert tried - set(names) == set()


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
