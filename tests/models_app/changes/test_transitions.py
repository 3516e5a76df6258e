"""The table of transitions: what stands in it is possible, everything else is a conflict."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from models_app.changes import drafting, reviewing
from models_app.changes.evidence import order
from models_app.changes.models import ChangeRequest
from models_app.changes.transitions import TABLE, State, is_within_a_standing_approval
from scoring.models import Release
from tenants.refusals import Conflict
from tenants.roles import ALLOWED, Permission, Role
from tests.factories import make_person
from tests.models_app.changes.conftest import Case

ACTS: dict[str, Callable[[Case, Any], object]] = {
    "edit": lambda case, actor: drafting.edit_change(actor=actor, change=case.change, title="t"),
    "ask for evidence": lambda case, actor: order.request_evidence(actor=actor, change=case.change),
    "submit": lambda case, actor: reviewing.submit(actor=actor, change=case.change),
    "withdraw": lambda case, actor: reviewing.withdraw(actor=actor, change=case.change),
    "approve": lambda case, actor: reviewing.approve(actor=actor, change=case.change, **case.seen),
    "reject": lambda case, actor: reviewing.reject(actor=actor, change=case.change, text="no"),
    "publish": lambda case, actor: reviewing.publish_change(actor=actor, change=case.change),
}
BY_PLATFORM = {"pass", "expire", "publish by a standing approval"}
ELSEWHERE = {"roll back"}  # begins at a release; see test_lifecycle.py


def put(case: Case, state: State) -> None:
    """Into a state, whatever led to it."""
    released = state in (State.PUBLISHED, State.ROLLED_BACK)
    release = Release.objects.get(tenant=case.world.tenant, number=1) if released else None
    ChangeRequest.objects.filter(pk=case.change.pk).update(state=state, release=release)


def test_table__each_transition__is_tried_here() -> None:
    assert {transition.name for transition in TABLE} == ACTS.keys() | BY_PLATFORM | ELSEWHERE


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("act", ACTS)
def test_act__in_a_state_that_the_table_does_not_have__is_a_conflict(case: Case, act: str, state: State) -> None:
    if any(state in each.sources for each in TABLE if each.name == act):
        return  # possible, if its conditions hold
    put(case, state)
    with pytest.raises(Conflict, match="it must be"):
        ACTS[act](case, case.approver)
    assert case.now.state == state


@pytest.mark.parametrize("role", [None, *Role])
@pytest.mark.parametrize("act", ACTS)
def test_act__by_a_role_without_it__is_refused(case: Case, act: str, role: Role | None) -> None:
    needed = {each.permission for each in TABLE if each.name == act}
    if role is not None and needed <= ALLOWED[role]:
        return
    person = make_person(role=role, tenant=case.world.tenant if role else None)
    for each in TABLE:
        if each.name == act:
            put(case, each.sources[0])
            with pytest.raises(PermissionDenied):
                ACTS[act](case, person)


def test_acts__that_change_what_is_served__are_of_approvers_only() -> None:
    served = {each.permission for each in TABLE if each.target in (State.PUBLISHED, State.ROLLED_BACK, State.REJECTED)}
    assert served == {Permission.APPROVE, None}
    by_platform = [each for each in TABLE if each.target == State.PUBLISHED and each.permission is None]
    assert [is_within_a_standing_approval in each.conditions for each in by_platform] == [True]
    assert [role for role in Role if Permission.APPROVE in ALLOWED[role]] == [Role.APPROVER, Role.ADMIN]
