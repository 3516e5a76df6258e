"""Who writes what is served: a new place that does so fails here, until somebody has thought about four eyes."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
SOURCES = ("muse_site", "tenants", "scoring", "models_app", "benchmarks")

# function → the places that call it. Each either checks an approval or a
# standing approval, is break-glass, or takes back by itself.
CALLERS = {
    # what decides which change requests pass: after a second person agreed, or while nothing goes by it yet
    "set_policy": {
        "models_app/api/policy.py: patch",
        "models_app/changes/policy_changes/subjects.py: _write_policy",
        "benchmarks/left_alone.py: allow",  # in a product of the benchmark's own
    },
    "change_intent": {
        "models_app/api/intents.py: patch",
        "models_app/changes/policy_changes/subjects.py: _write_judgement",
        "models_app/console/intents/edit.py: perform",  # nothing of how evidence judges
    },
    "add_member": {
        "models_app/changes/policy_changes/subjects.py: _write_role",
        "muse_site/demo/people.py: _person",
        "tenants/api/members.py: post",  # once models_app/api/roles.py has checked it
        "tenants/api/people.py: post",
        "tenants/api/people.py: _set_role",
        "tenants/management/commands/create_person.py: handle",
    },
    "publish_document": {
        "models_app/releases/publish.py: publish_release",  # break-glass
        "models_app/releases/publish.py: rollback_release",  # break-glass
        "models_app/changes/reviewing.py: _publish",  # checks the approvals, by its transition
        # checks the standing approval, by its transition
        "models_app/changes/standing_approvals/publishing.py: publish_under",
        "models_app/changes/rollback.py: roll_back",  # to what was approved, by an approver or the guard
        "benchmarks/held_world.py: publish",  # in a product of the benchmark's own
    },
    "_publish": {
        "models_app/changes/reviewing.py: publish_change",
        "models_app/changes/reviewing.py: _pass",
    },
    "publish_under": {"models_app/refreshes/run.py: _published"},
    "approve_standing_approval": {  # the bounds on which that goes live: by another than who wrote them
        "models_app/api/standing_approvals.py: post",
        "models_app/console/intents/standing_approvals.py: perform",
        "benchmarks/left_alone.py: allow",  # in a product of the benchmark's own
    },
    "publish_release": {"models_app/api/releases.py: post"},
    "publish_change": {"models_app/api/changes.py: post", "models_app/console/changes/actions.py: perform"},
    "rollback_release": {"models_app/api/releases.py: post"},
    "roll_back": {
        "models_app/api/releases.py: post",
        "models_app/console/releases/release.py: perform",
        "models_app/changes/guard.py: _roll_back",
        "models_app/refreshes/taking_back.py: _take_back",
    },
}
# What proposes by itself, and must never serve by itself: none of what is listed above is called from there.
PROPOSING = "models_app/successors/"
WRITES = {"create", "bulk_create", "update", "update_or_create", "get_or_create", "bulk_update", "delete", "save"}
WRITERS = {
    "scoring/services.py: publish_document",
    "benchmarks/large.py: _releases",  # rows of a database of the benchmark's own
}


def _functions() -> Iterator[tuple[str, ast.AST]]:
    for folder in SOURCES:
        for path in sorted((ROOT / folder).rglob("*.py")):
            if "migrations" not in path.parts:
                for node in ast.walk(ast.parse(path.read_text())):
                    if isinstance(node, ast.FunctionDef):
                        yield f"{path.relative_to(ROOT)}: {node.name}", node


def _called(node: ast.AST) -> Iterator[str]:
    for each in ast.walk(node):
        if isinstance(each, ast.Call):
            yield each.func.attr if isinstance(each.func, ast.Attribute) else getattr(each.func, "id", "")


def _writes_releases(node: ast.AST) -> bool:
    for each in ast.walk(node):
        if isinstance(each, ast.Call) and isinstance(each.func, ast.Attribute) and each.func.attr in WRITES:
            text = ast.unparse(each.func)
            if text.startswith(("Release.objects", "CurrentRelease.objects")):
                return True
    return False


def test_publishing__each_step__is_called_only_from_places_that_were_thought_about() -> None:
    found: dict[str, set[str]] = {name: set() for name in CALLERS}
    for place, node in _functions():
        for name in set(_called(node)) & CALLERS.keys():
            found[name].add(place)
    assert found == CALLERS


def test_releases__rows_and_pointer__are_written_in_one_place() -> None:
    assert {place for place, node in _functions() if _writes_releases(node)} == WRITERS


def test_proposing_by_itself__of_successors__calls_nothing_that_publishes() -> None:
    proposing = [(place, node) for place, node in _functions() if place.startswith(PROPOSING)]
    assert any("create_change" in _called(node) for _, node in proposing)
    assert [place for place, node in proposing if set(_called(node)) & CALLERS.keys() or _writes_releases(node)] == []
