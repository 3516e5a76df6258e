"""The life of a standing approval: it holds by the approval of others, of exactly what it says, until it ends."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from pytest_django import Settings

from models_app.changes.policy import set_policy
from models_app.changes.standing_approvals import services
from models_app.changes.standing_approvals.models import BoundsApproval, StandingApproval
from models_app.notifications.models import Notification
from tenants.models import AuditEntry, Membership
from tenants.refusals import Conflict
from tenants.roles import Role
from tenants.scope import platform_scope
from tenants.services import change_person
from tests.factories import make_person
from tests.models_app.changes.standing_approvals.conftest import Bounded, propose
from tests.models_app.changes.test_at_once import at_once


def test_standing_approval__approved_by_another__holds_and_is_told_and_in_the_audit_trail(bounded: Bounded) -> None:
    assert (bounded.state, bounded.now.number) == ("proposed", 1)
    assert "has 0 of the 1 approvals" in bounded.why_not
    bounded.approve(bounded.approver, text="fine")
    assert (bounded.state, bounded.why_not) == ("in force", "")
    acts = AuditEntry.objects.filter(tenant=bounded.world.tenant, subject="standing approval 1").order_by("pk")
    assert [each.act for each in acts] == ["propose standing approval", "approve standing approval"]
    assert acts[1].details["digest"] == bounded.now.digest
    told = Notification.objects.filter(tenant=bounded.world.tenant).order_by("pk").values_list("event", flat=True)
    assert list(told) == ["standing_approval.proposed", "standing_approval.holds"]


def test_standing_approval__approved_by_its_author__is_refused(bounded: Bounded) -> None:
    with pytest.raises(PermissionDenied, match="of their own"):
        bounded.approve(bounded.author)
    assert bounded.state == "proposed"


def test_standing_approval__edited_by_an_approver__is_approved_by_neither_writer(bounded: Bounded) -> None:
    edit(bounded, bounded.approver, rate_tolerance=0.2)
    for writer in (bounded.author, bounded.approver):
        with pytest.raises(PermissionDenied, match="of their own"):
            bounded.approve(writer)
    bounded.approve(bounded.second)
    assert bounded.state == "in force"


def test_standing_approval__own_edit_behind_that_of_another__is_not_approved_by_its_writer(bounded: Bounded) -> None:
    edit(bounded, bounded.approver, rate_tolerance=0.2)
    edit(bounded, bounded.author)
    with pytest.raises(PermissionDenied, match="of their own"):
        bounded.approve(bounded.approver)
    bounded.approve(bounded.second)
    assert bounded.state == "in force"


def edit(bounded: Bounded, person: object, **changes: object) -> None:
    services.edit_standing_approval(actor=person, approval=bounded.approval, changes=changes, reason="narrower")


@pytest.mark.parametrize("changes", [{"rate_tolerance": 0.2}, {"alerts_a_day": 1.0}, {"mapping_tolerance": 0.2}, {}])
def test_standing_approval__edited__must_be_approved_anew_even_where_it_says_the_same(
    bounded: Bounded, changes: dict[str, float]
) -> None:
    bounded.approve(bounded.approver)
    edit(bounded, bounded.author, **changes)
    assert bounded.state == "proposed"
    bounded.approve(bounded.approver)
    assert bounded.state == "in force"


@pytest.mark.parametrize(
    "changes",
    [
        {"rate_tolerance": 0.31},
        {"alerts_a_day": 0.1},
        {"mapping_tolerance": 0.31},
        {"until": timezone.now() + timedelta(days=99)},
    ],
)
def test_standing_approval__changed_behind_everybodys_back__holds_no_longer(
    bounded: Bounded, changes: dict[str, object]
) -> None:
    bounded.approve(bounded.approver)
    StandingApproval.objects.filter(pk=bounded.approval.pk).update(**changes)
    assert bounded.state == "proposed"


def test_standing_approval__edited_since_it_was_seen__is_a_conflict(bounded: Bounded) -> None:
    seen = bounded.now.digest
    edit(bounded, bounded.author)
    with pytest.raises(Conflict, match="was edited since you looked"):
        bounded.approve(bounded.approver, digest=seen)


def test_standing_approval__approved_twice_by_one__is_a_conflict(bounded: Bounded) -> None:
    bounded.approve(bounded.approver)
    with pytest.raises(Conflict, match="approved this already"):
        bounded.approve(bounded.approver)


def test_standing_approval__where_the_policy_needs_two__holds_with_the_second(bounded: Bounded) -> None:
    set_policy(actor=None, tenant=bounded.world.tenant, changes={"approvals_needed": 2})
    bounded.approve(bounded.approver)
    assert bounded.state == "proposed"
    bounded.approve(bounded.second)
    assert bounded.state == "in force"
    set_policy(actor=None, tenant=bounded.world.tenant, changes={"approvals_needed": 3})
    assert bounded.state == "proposed"


def test_standing_approval__where_the_policy_names_admins__takes_one(bounded: Bounded) -> None:
    set_policy(actor=None, tenant=bounded.world.tenant, changes={"approver_role": "admin"})
    with pytest.raises(PermissionDenied):
        bounded.approve(bounded.approver)
    bounded.approve(make_person(role=Role.ADMIN))
    assert bounded.state == "in force"


def test_standing_approval__by_an_analyst__is_proposed_and_revoked_and_not_approved(bounded: Bounded) -> None:
    analyst = make_person(role=Role.ANALYST, tenant=bounded.world.tenant)
    with pytest.raises(PermissionDenied):
        bounded.approve(analyst)
    assert propose(bounded.world, analyst).number == 2
    services.revoke_standing_approval(actor=analyst, approval=bounded.approval)
    assert bounded.state == "revoked"


def test_standing_approval__by_somebody_of_another_tenant__is_refused(bounded: Bounded) -> None:
    stranger = make_person(role=Role.APPROVER, tenant=bounded.world.tenant)
    Membership.objects.filter(person=stranger).delete()
    for act in (lambda: bounded.approve(stranger), lambda: edit(bounded, stranger)):
        with pytest.raises(PermissionDenied):
            act()


def test_standing_approval__revoked__holds_no_longer_and_is_over_for_good(bounded: Bounded) -> None:
    bounded.approve(bounded.approver)
    services.revoke_standing_approval(actor=bounded.second, approval=bounded.approval, reason="a holiday")
    assert (bounded.state, bounded.now.ended_by) == ("revoked", bounded.second)
    assert bounded.why_not == "standing approval 1 is revoked: a holiday"
    for act in (lambda: bounded.approve(bounded.second), lambda: edit(bounded, bounded.author)):
        with pytest.raises(Conflict, match="revoked already"):
            act()
    assert Notification.objects.filter(event="standing_approval.ended").exists()


def test_standing_approval__whose_time_is_over__holds_no_longer(bounded: Bounded) -> None:
    bounded.approve(bounded.approver)
    StandingApproval.objects.filter(pk=bounded.approval.pk).update(until=timezone.now() - timedelta(seconds=1))
    assert bounded.state == "over"
    assert bounded.why_not.startswith("standing approval 1 was over at ")
    with pytest.raises(Conflict, match="edit it first"):
        bounded.approve(bounded.second)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("rate_tolerance", 0.0), ("rate_tolerance", 0.6), ("mapping_tolerance", -1.0), ("mapping_tolerance", 0.6),
        ("until", timezone.now() - timedelta(days=1)), ("until", timezone.now() + timedelta(days=400)),
        ("reason", " "),
    ],
)  # fmt: skip
def test_standing_approval__of_bounds_that_cannot_be__names_the_field(
    bounded: Bounded, field: str, value: object
) -> None:
    with pytest.raises(ValidationError) as refused:
        propose(bounded.world, bounded.author, **{field: value})
    assert list(refused.value.message_dict) == [field]


def test_standing_approval__without_a_second_factor_where_one_is_asked__is_refused(
    bounded: Bounded, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models_app.changes.second_factor.is_lacking", lambda _: True)
    with pytest.raises(PermissionDenied, match="second factor"):
        bounded.approve(bounded.approver)
    services.revoke_standing_approval(actor=bounded.approver, approval=bounded.approval)  # stopping waits for nobody


def test_approvals__of_one_person_twice__are_refused_by_the_database(bounded: Bounded) -> None:
    bounded.approve(bounded.approver)
    (given,) = BoundsApproval.objects.all()
    with pytest.raises(IntegrityError), transaction.atomic():
        BoundsApproval.objects.create(
            tenant=given.tenant, standing_approval=bounded.approval, person=given.person, digest=given.digest
        )


@pytest.mark.django_db(transaction=True)
def test_approve__two_at_once__are_two_approvals_and_one_holds(build: Callable[[], Bounded]) -> None:
    bounded = build()
    results = at_once(lambda: bounded.approve(bounded.approver), lambda: bounded.approve(bounded.second))
    assert results == [None, None]
    with platform_scope():
        assert bounded.state == "in force"
        assert BoundsApproval.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_approve__one_person_twice_at_once__counts_once(build: Callable[[], Bounded]) -> None:
    bounded = build()
    results = at_once(*[lambda: bounded.approve(bounded.approver)] * 2)
    assert sorted(type(each) is Conflict for each in results) == [False, True]


@pytest.mark.django_db(transaction=True)
def test_approve__while_it_is_edited__is_of_what_was_seen_or_refused(build: Callable[[], Bounded]) -> None:
    bounded = build()
    with platform_scope():
        seen = bounded.now.digest
    at_once(
        lambda: bounded.approve(bounded.approver, digest=seen),
        lambda: edit(bounded, bounded.author, rate_tolerance=0.5),
    )
    with platform_scope():
        assert bounded.state == "proposed"  # whichever came first


def test_standing_approval__whose_approver_has_left__holds_no_more_until_another_approves(bounded: Bounded) -> None:
    bounded.approve(bounded.approver)
    assert bounded.state == "in force"
    change_person(person=bounded.approver, changes={"is_active": False}, actor=None)
    assert bounded.state == "proposed"
    assert f"without what was given by {bounded.approver}, who is locked out" in bounded.why_not
    bounded.approve(bounded.second)
    assert bounded.state == "in force"
