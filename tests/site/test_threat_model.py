"""Each claim of the threat model names a test that there is."""

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in (ROOT / "docs" / "threat-model.md").read_text().splitlines()
    if line.startswith("|") and "---" not in line
]
CLAIMS = [row for row in ROWS if row[0] != "attack"]


def test_threat_model__each_claim__names_a_test_that_there_is() -> None:
    assert len(CLAIMS) > 30
    assert [claim[0] for claim in CLAIMS if not _is_there(claim[-1].strip("`"))] == []


def _is_there(name: str) -> bool:
    path, _, function = name.partition("::")
    file = ROOT / path
    if not (path.startswith("tests/") and file.is_file() and function.startswith("test_")):
        return False
    return function in {node.name for node in ast.parse(file.read_text()).body if isinstance(node, ast.FunctionDef)}
