"""Approvals count while those who gave them may still approve, for whatever takes a second person."""

from collections.abc import Callable
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.core.exceptions import PermissionDenied
from django.test import Client

from models_app.changes import drafting, reviewing
from models_app.changes.policy import set_policy
from models_app.changes.policy_changes import services as policy_changes
from tenants.models import Membership, Person
from tenants.permissions import forget_roles
from tenants.refusals import Conflict
from tenants.roles import Role
from tenants.scope import platform_scope
from tenants.services import add_member, change_person, create_personal_token, remove_member
from tests.factories import make_person, make_policy_change
from tests.models_app.changes.conftest import Case
from tests.models_app.sign_in.people import with_app


def takes_role(person: Person) -> None:
    remove_member(membership=Membership.objects.select_related("person", "tenant").get(person=person), actor=None)


def lowers_role(person: Person) -> None:
    add_member(person=person, tenant=Membership.objects.get(person=person).tenant, role=Role.ANALYST, actor=None)


def locks(person: Person) -> None:
    change_person(person=person, changes={"is_active": False}, actor=None)


def asks_for_factor(person: Person) -> None:
    set_policy(actor=None, tenant=Membership.objects.get(person=person).tenant, changes={"second_factor": True})


def asks_for_admins(person: Person) -> None:
    set_policy(actor=None, tenant=Membership.objects.get(person=person).tenant, changes={"approver_role": "admin"})


LOSSES: dict[Callable[[Person], None], str] = {
    takes_role: "who no longer has the role for it",
    lowers_role: "who no longer has the role for it",
    asks_for_admins: "who no longer has the role for it",
    locks: "who is locked out",
    asks_for_factor: "who has no second factor",
}


@pytest.fixture
def approved(case: Case) -> Case:
    """Approved by `approver`, and not published yet."""
    set_policy(actor=None, tenant=case.world.tenant, changes={"publish_when_approved": False})
    reviewing.submit(actor=case.author, change=case.change)
    reviewing.approve(actor=case.approver, change=case.change, **case.seen)
    return case


@pytest.mark.parametrize("loses", LOSSES)
def test_publish__once_the_approver_may_approve_no_more__is_refused_and_says_why(
    approved: Case, loses: Callable[[Person], None]
) -> None:
    loses(approved.approver)
    with pytest.raises(Conflict, match=f"0 given; without what was given by .*{LOSSES[loses]}"):
        reviewing.publish_change(actor=None, change=approved.change)
    assert (approved.now.state, approved.live) == ("approved", 1)


@pytest.mark.parametrize("loses", [takes_role, locks])
def test_approve__after_an_approver_has_gone__needs_one_more(case: Case, loses: Callable[[Person], None]) -> None:
    set_policy(actor=None, tenant=case.world.tenant, changes={"approvals_needed": 2})
    reviewing.submit(actor=case.author, change=case.change)
    reviewing.approve(actor=case.approver, change=case.change, **case.seen)
    loses(case.approver)
    assert reviewing.approve(actor=case.second, change=case.change, **case.seen).state == "in review"
    third = make_person(role=Role.APPROVER, tenant=case.world.tenant)
    assert reviewing.approve(actor=third, change=case.change, **case.seen).state == "published"


def test_approve__what_is_approved_and_has_lost_an_approval__makes_up_for_it(approved: Case) -> None:
    with pytest.raises(Conflict, match="it must be in review"):
        reviewing.approve(actor=approved.second, change=approved.change, **approved.seen)
    takes_role(approved.approver)
    assert reviewing.approve(actor=approved.second, change=approved.change, **approved.seen).state == "approved"
    assert reviewing.publish_change(actor=approved.second, change=approved.change).state == "published"


def test_approval__of_who_has_the_role_again__counts_again(approved: Case) -> None:
    lowers_role(approved.approver)
    add_member(person=approved.approver, tenant=approved.world.tenant, role=Role.APPROVER, actor=None)
    assert reviewing.publish_change(actor=approved.second, change=approved.change).state == "published"


def test_approval__of_who_holds_the_factor_that_is_asked_for_now__counts_until_it_is_gone(case: Case) -> None:
    set_policy(actor=None, tenant=case.world.tenant, changes={"publish_when_approved": False})
    reviewing.submit(actor=case.author, change=case.change)
    approver = with_app(role=Role.APPROVER, tenant=case.world.tenant)
    reviewing.approve(actor=approver, change=case.change, **case.seen)
    set_policy(actor=None, tenant=case.world.tenant, changes={"second_factor": True})
    Authenticator.objects.filter(user=approver).delete()
    with pytest.raises(Conflict, match="who has no second factor"):
        reviewing.publish_change(actor=None, change=case.change)
    other = with_app(role=Role.APPROVER, tenant=case.world.tenant)
    reviewing.approve(actor=other, change=case.change, **case.seen)
    assert reviewing.publish_change(actor=None, change=case.change).state == "published"


def test_approval__by_role_of_the_platform__counts_for_whoever_looks(case: Case) -> None:
    """Rows of no tenant are hidden from people of one; an approval does not lapse by that."""
    set_policy(actor=None, tenant=case.world.tenant, changes={"publish_when_approved": False})
    reviewing.submit(actor=case.author, change=case.change)
    reviewing.approve(actor=make_person(role=Role.APPROVER), change=case.change, **case.seen)
    client = Client()
    client.force_login(case.second)
    page = client.get(f"/tenants/{case.world.tenant.slug}/changes/1").content.decode()
    assert "1 of 1 needed" in page
    assert "counts no more" not in page


def test_page_and_api__of_an_approval_that_lapsed__say_why_and_offer_to_approve_instead(approved: Case) -> None:
    locks(approved.approver)
    client = Client()
    client.force_login(approved.second)
    at = f"/tenants/{approved.world.tenant.slug}/changes/1"
    page = client.get(at).content.decode()
    assert "0 of 1 needed" in page
    assert f"counts no more: by {approved.approver}, who is locked out" in page
    assert 'value="approve"' in page
    assert 'value="publish"' not in page
    token = create_personal_token(person=approved.second, name="tests", actor=None)[1]
    body: Any = Client(headers={"authorization": f"Bearer {token}"}).get(f"/api/v1{at}").json()
    assert [each["lapsed_because"] for each in body["reviews"]] == [f"by {approved.approver}, who is locked out"]
    sent = {"act": "approve", **approved.seen}
    assert client.post(at, sent).status_code == 302
    assert approved.now.state == "approved"


def test_page__of_what_was_published__keeps_the_approvals_that_it_had(approved: Case) -> None:
    reviewing.publish_change(actor=approved.second, change=approved.change)
    takes_role(approved.approver)
    client = Client()
    client.force_login(approved.second)
    page = client.get(f"/tenants/{approved.world.tenant.slug}/changes/1").content.decode()
    assert "1 of 1 needed" in page
    assert "counts no more" not in page


@pytest.mark.parametrize("loses", [takes_role, lowers_role, locks])
@pytest.mark.parametrize("of_tenant", [True, False])
def test_policy_change__whose_author_may_manage_no_more__is_not_agreed_to(
    case: Case, loses: Callable[[Person], None], of_tenant: bool
) -> None:
    tenant = case.world.tenant if of_tenant else None
    author, other = (make_person(role=Role.ADMIN, tenant=tenant) for _ in range(2))
    values = {"before": {"role": "admin"}, "after": {"role": "approver"}}
    kind = {} if of_tenant else {"kind": "role", "subject": other.email, **values}
    change = make_policy_change(tenant, author, **kind)
    if tenant is None and loses is lowers_role:
        add_member(person=author, tenant=None, role=Role.ANALYST, actor=None)
    else:
        loses(author)
    agreeing = make_person(role=Role.ADMIN, tenant=tenant)
    forget_roles(author)
    with pytest.raises(PermissionDenied, match=f"asked for by {author}, who .*Reject it"):
        policy_changes.approve(actor=agreeing, change=change)
    with platform_scope():
        change.refresh_from_db()
    assert change.state == "open"


def test_edit__after_an_approval_has_lapsed__is_a_draft_as_ever(approved: Case) -> None:
    locks(approved.approver)
    assert drafting.edit_change(actor=approved.author, change=approved.change, title="Other").state == "draft"
