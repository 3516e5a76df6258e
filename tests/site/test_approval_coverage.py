"""Four eyes at every way in: the matrix in the documentation is what the code does, and nothing in it is unguarded."""

from pathlib import Path

import pytest

from muse_site.approval_coverage import ALONE, GUARDS, WRITERS, coverage, table
from muse_site.code_graph import Graph

PAGE = Path(__file__).resolve().parents[2] / "docs" / "approvals.md"


def test_coverage__of_all_paths__is_guarded() -> None:
    paths = coverage()
    assert not [path.name for path in paths if not path.is_guarded]
    assert set(ALONE) <= {path.name for path in paths}


def test_documentation__of_who_can_change_what_is_served__is_what_the_code_does() -> None:
    found = [line for line in PAGE.read_text().splitlines() if line.startswith("|")]
    advice = "manage.py approval_coverage prints it anew: look at what changed, then keep it in docs/approvals.md"
    assert found == table(coverage()).splitlines(), advice


@pytest.mark.parametrize("name", [*WRITERS, *GUARDS])
def test_graph__each_name_that_the_matrix_knows__is_there(name: str) -> None:
    assert name in Graph(("scoring", "tenants", "models_app"))


def test_graph__of_a_service__is_followed_through_packages_objects_and_tables() -> None:
    graph = Graph(("scoring", "tenants", "models_app"))
    start = "models_app.changes.policy_changes.services.approve"
    assert "tenants.services.people.add_member" in graph.reached(start)  # by Subject.write, _WRITE, tenants.services
    assert "scoring.services.publish_document" not in graph.reached(start)
