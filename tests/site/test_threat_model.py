"""Each claim of the threat model, and of what holds when something breaks, names a test that there is."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def claims(document: str, head: str) -> list[list[str]]:
    """The rows of the document's tables, without their heads and without what was measured."""
    text = (ROOT / "docs" / document).read_text().partition("<!-- faults: begin -->")[0]
    lines = [line for line in text.splitlines() if line.startswith("|") and "---" not in line]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [row for row in rows if row[0] != head]


@pytest.mark.parametrize(
    ("document", "head", "least"), [("threat-model.md", "attack", 31), ("reliability.md", "promise", 10)]
)
def test_document__each_claim__names_a_test_that_there_is(document: str, head: str, least: int) -> None:
    found = claims(document, head)
    assert len(found) >= least
    assert [claim[0] for claim in found if not _is_there(claim[-1].strip("`"))] == []


def _is_there(name: str) -> bool:
    path, _, function = name.partition("::")
    file = ROOT / path
    if not (path.startswith("tests/") and file.is_file() and function.startswith("test_")):
        return False
    return function in {node.name for node in ast.parse(file.read_text()).body if isinstance(node, ast.FunctionDef)}
