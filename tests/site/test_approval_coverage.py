"""Four eyes at every way in: the matrix in the documentation is what the code does, and nothing in it is unguarded."""

import ast
from collections.abc import Iterator
from pathlib import Path as File

import pytest

from muse_site.approval_coverage import ALONE, GUARDS, PACKAGES, WRITERS, Path, coverage, table
from muse_site.code_graph import Graph

PAGE = File(__file__).resolve().parents[2] / "docs" / "approvals.md"


def test_coverage__of_all_paths__is_guarded() -> None:
    paths = coverage()
    assert not [path.name for path in paths if not path.is_guarded]
    assert set(ALONE) <= {path.name for path in paths}


# On what a release may go live; `demo` makes its own tenants, and is among ALONE.
GROUNDS = {"approvals", "standing approval", "break glass", "back to what was approved"}


def test_coverage__of_what_writes_releases__has_an_approved_change_or_a_valid_standing_approval() -> None:
    writing = [path for path in coverage() if "release" in path.writes and path.name not in ALONE]
    assert {"work refresh"} == {path.name for path in writing if "standing approval" in path.guards}
    assert all(GROUNDS & set(path.guards) for path in writing)


def test_coverage__of_trials_of_shadows__is_no_way_to_what_is_served() -> None:
    """They propose by themselves; what comes of it is up to people."""
    assert not [path.name for path in coverage() if path.name in ("work trial", "task models_app.tasks.order_trials")]


def test_path__by_a_third_way__is_not_guarded() -> None:
    assert not Path("work of tomorrow", None, ("release",), (), ()).is_guarded


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


# Who makes or changes rows of the tables that decide. A new one must be a writer of the matrix, or be reached by one.
DECIDING = (
    "Release", "CurrentRelease", "ReviewPolicy", "Membership", "Intent", "StandingApproval", "BoundsApproval",
)  # fmt: skip
KNOWN = {
    "scoring.services.publish_document": "the writer of releases",
    "models_app.changes.selectors.policy_of": "what holds where there is none; set_policy alone keeps it",
    "models_app.console.changes.base.policy": "the same, to show",
    "models_app.monitoring.alert_rates.policy_selected": "the same, to compare with",
    "models_app.intents.services.create_intent": "an intent that nothing is served for yet",
    "tenants.services.people.add_member": "the writer of roles",
    "models_app.changes.standing_approvals.services.propose_standing_approval": "which holds once it is approved",
    "models_app.changes.standing_approvals.services.approve_standing_approval": "the writer of what holds",
    "models_app.changes.standing_approvals.selectors._policy": "the policy's defaults, to show",
}
WRITING = {"create", "update_or_create", "get_or_create", "bulk_create", "bulk_update", "update", "save"}


def test_tables__that_decide__are_written_by_known_functions_alone() -> None:
    assert set(_writing()) == set(KNOWN)


def _writing() -> Iterator[str]:
    """Each function of the product that makes a row of such a table, or writes by its manager."""
    for package in PACKAGES:
        for path in (PAGE.parents[1] / package).rglob("*.py"):
            if "migrations" in path.parts:
                continue
            module = ".".join(path.relative_to(PAGE.parents[1]).with_suffix("").parts)
            for function in (
                node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.FunctionDef)
            ):
                if any(_writes(call) for call in ast.walk(function) if isinstance(call, ast.Call)):
                    yield f"{module}.{function.name}"


def _writes(call: ast.Call) -> bool:
    if isinstance(call.func, ast.Name):
        return call.func.id in DECIDING
    names = {node.id for node in ast.walk(call.func) if isinstance(node, ast.Name)}
    return isinstance(call.func, ast.Attribute) and call.func.attr in WRITING and bool(names & set(DECIDING))
