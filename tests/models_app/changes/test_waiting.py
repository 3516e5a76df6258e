"""What waits for whom: what the table of transitions would let them approve or publish, and nothing else."""

from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from models_app.changes import drafting, reviewing, selectors
from models_app.changes.models import ChangeRequest, ReviewPolicy
from models_app.changes.transitions import ENDORSE, PUBLISH, seen, why_not
from models_app.changes.waiting import waiting_for
from scoring import releases
from tenants.models import Person, Tenant
from tenants.permissions import may
from tenants.roles import Permission, Role
from tenants.scope import platform_scope
from tenants.services import remove_member
from tests.factories import World, add_evidence, make_change, make_person, serve
from tests.models_app.changes.conftest import Case


def waits(person: Person, case: Case) -> bool:
    return case.change in waiting_for(person, Tenant.objects.all())


def may_decide(person: Person, change: ChangeRequest) -> bool:
    """By the table itself; what somebody has approved waits for others."""
    live, policy = releases.current(change.tenant), selectors.policy_of(change.tenant)
    standing = seen(change, person, policy, live, selectors.evidence_of(change, live))
    given = selectors.valid_approvals(change).filter(person=person).exists()
    return (not why_not(standing, ENDORSE) and not given) or not why_not(standing, PUBLISH)


def set_policy(case: Case, **fields: object) -> None:
    ReviewPolicy.objects.update_or_create(tenant=case.world.tenant, defaults=fields)


def edit(case: Case, *editors: Person) -> None:
    """By each after the other; then it is in review again."""
    for number, editor in enumerate(editors):
        drafting.edit_change(actor=editor, change=case.now, title=f"A transform, {number}")
    add_evidence(case.now)
    reviewing.submit(actor=None, change=case.now)


@pytest.fixture
def reviewed(case: Case) -> Case:
    reviewing.submit(actor=case.author, change=case.change)
    return case


@pytest.fixture
def people(reviewed: Case) -> Sequence[Person]:
    """One of each kind, the three of the case before them; the last two have no say in this tenant."""
    tenant, other = reviewed.world.tenant, serve("globex").tenant
    roles = [(Role.VIEWER, tenant), (Role.ANALYST, tenant), (Role.ADMIN, tenant), (Role.APPROVER, None)]
    others = [make_person(role=role, tenant=of) for role, of in roles]
    elsewhere = [make_person(role=role, tenant=other) for role in (Role.APPROVER, Role.ADMIN)]
    return (reviewed.author, reviewed.approver, reviewed.second, *others, *elsewhere)


def nothing(case: Case) -> None:
    """As it was submitted."""


def two_needed(case: Case) -> None:
    """One has approved, of two."""
    set_policy(case, approvals_needed=2)
    reviewing.approve(actor=case.approver, change=case.now, **case.seen)


def of_admins(case: Case) -> None:
    set_policy(case, approver_role=Role.ADMIN)


def edited_by_two(case: Case) -> None:
    """An approver wrote a revision, and another edited after them."""
    edit(case, case.approver, make_person(role=Role.ANALYST, tenant=case.world.tenant))


def approved(case: Case) -> None:
    """Which somebody has to publish."""
    set_policy(case, publish_when_approved=False)
    reviewing.approve(actor=case.approver, change=case.now, **case.seen)


def lapsed(case: Case) -> None:
    """Approved, by somebody who may approve no more: it takes another approval, of whom the policy takes one."""
    approved(case)
    with platform_scope():
        remove_member(membership=case.approver.memberships.get(), actor=None)


def of_whom_one_lapsed(case: Case) -> None:
    """And was made up for."""
    lapsed(case)
    reviewing.approve(actor=case.second, change=case.now, **case.seen)


def expired(case: Case) -> None:
    ChangeRequest.objects.update(expires_at=timezone.now() - timedelta(minutes=1))


def newer_evidence(case: Case) -> None:
    """Which does not speak for it, and nobody has said why all the same."""
    add_evidence(case.now, verdict="fail")


def answered(case: Case) -> None:
    newer_evidence(case)
    ChangeRequest.objects.update(gate_reason="We want it.")


def evidence_under_way(case: Case) -> None:
    evidence = add_evidence(case.now)
    type(evidence).objects.filter(pk=evidence.pk).update(state="running", verdict="", digest="")


def another_is_live(case: Case) -> None:
    other = make_change(case.world)
    add_evidence(other)
    reviewing.submit(actor=None, change=other)
    bound = {"document_digest": other.digest, "evidence_digest": selectors.all_evidence(other)[0].digest}
    reviewing.approve(actor=case.second, change=other, **bound)


def draft(case: Case) -> None:
    drafting.edit_change(actor=case.author, change=case.now, title="Another title")


STATES: Sequence[tuple[Callable[[Case], None], Sequence[int]]] = (
    (nothing, [1, 2, 5, 6]),
    (two_needed, [2, 5, 6]),
    (of_admins, [5]),
    (edited_by_two, [2, 5, 6]),
    (approved, [0, 1, 2, 5, 6]),
    (lapsed, [2, 5, 6]),
    (of_whom_one_lapsed, [0, 2, 5, 6]),
    (expired, []),
    (newer_evidence, []),
    (answered, [1, 2, 5, 6]),
    (evidence_under_way, []),
    (another_is_live, []),
    (draft, []),
)


@pytest.mark.parametrize(("bring_about", "whom"), STATES, ids=lambda each: getattr(each, "__name__", ""))
def test_waiting_for__each_state_and_person__is_what_the_table_lets_them_decide(
    reviewed: Case, people: Sequence[Person], bring_about: Callable[[Case], None], whom: Sequence[int]
) -> None:
    bring_about(reviewed)
    assert [place for place, person in enumerate(people) if waits(person, reviewed)] == whom
    assert [place for place, person in enumerate(people) if may_decide(person, reviewed.now)] == whom


def test_waiting_for__of_another_tenant__names_nothing_of_it(reviewed: Case) -> None:
    other = serve("globex").tenant
    person = make_person(role=Role.ADMIN, tenant=other)
    assert not may(person, Permission.APPROVE, reviewed.world.tenant)
    assert list(waiting_for(person, [reviewed.world.tenant, other])) == []


def test_waiting_for__of_many__is_one_query_and_the_first_to_expire_stands_on_top(reviewed: Case) -> None:
    worlds: list[World] = [reviewed.world, serve("globex"), serve("initech")]
    for days, world in enumerate(worlds[1:], start=1):
        change = make_change(world)
        add_evidence(change)
        reviewing.submit(actor=None, change=change)
        ChangeRequest.objects.filter(pk=change.pk).update(expires_at=timezone.now() + timedelta(hours=days))
    person, tenants = make_person(role=Role.APPROVER), list(Tenant.objects.all())
    may(person, Permission.APPROVE)  # whose roles are read once
    with CaptureQueriesContext(connection) as asked:
        found = list(waiting_for(person, tenants))
    assert [change.tenant.slug for change in found] == ["globex", "initech", reviewed.world.tenant.slug]
    assert len(asked) == 1
