"""Who could be logged in as another is no second person beside them, for whatever takes one."""

import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.utils import timezone

from models_app.changes import reviewing
from models_app.changes.models import ChangeRequest
from models_app.changes.policy import set_policy
from models_app.changes.policy_changes import services as policy_changes
from models_app.changes.standing_approvals.services import approve_standing_approval
from models_app.sign_in.factors import send_recovery_link
from tenants.models import Person
from tenants.roles import Role
from tenants.services import change_person, create_personal_token, revoke_personal_token, set_password
from tests.factories import make_person, make_policy_change
from tests.models_app.changes.conftest import Case
from tests.models_app.changes.standing_approvals.conftest import propose
from tests.models_app.changes.test_api import Api
from tests.models_app.sign_in.people import with_app

NEW = "correct horse battery"


def sets_password(admin: Person, person: Person) -> None:
    set_password(person=person, password=NEW, actor=admin)


def unlocks(admin: Person, person: Person) -> None:
    for is_active in (False, True):
        change_person(person=person, changes={"is_active": is_active}, actor=admin)


def takes_factor_off(admin: Person, person: Person) -> None:
    """On the page, where no links are sent."""
    client = Client()
    client.force_login(admin)
    client.post("/people", {"act": "recover", "email": person.email})


TAKES = (sets_password, unlocks, takes_factor_off)
Take = Callable[[Person, Person], None]


@pytest.fixture
def admin(case: Case) -> Person:
    """Of the platform, who has written the change request, which is in review."""
    admin = make_person("root@example.com", role=Role.ADMIN)
    ChangeRequest.objects.filter(pk=case.change.pk).update(author=admin, edited_by=admin)
    case.approver = with_app(role=Role.APPROVER, tenant=case.world.tenant)
    reviewing.submit(actor=admin, change=case.change)
    return admin


def approve(case: Case, by: Person) -> str:
    return reviewing.approve(actor=by, change=case.change, **case.seen).state


@pytest.mark.parametrize("take", TAKES)
def test_approve__by_the_account_of_whose_sign_in_the_author_has_changed__is_refused(
    case: Case, admin: Person, take: Take
) -> None:
    take(admin, case.approver)
    with pytest.raises(PermissionDenied, match="has changed how you log in, and could be you"):
        approve(case, case.approver)
    assert (case.now.state, case.live) == ("in review", 1)
    assert approve(case, case.second) == "published"


@pytest.mark.parametrize("take", TAKES)
def test_approve__what_the_account_of_another_wrote__is_refused_to_who_has_changed_its_sign_in(
    case: Case, admin: Person, take: Take
) -> None:
    author, other = case.approver, make_person(role=Role.ADMIN)
    ChangeRequest.objects.filter(pk=case.change.pk).update(author=author, edited_by=author)
    take(other, author)
    with pytest.raises(PermissionDenied, match="logs in, and could be them"):
        approve(case, other)
    assert approve(case, case.second) == "published"


def test_approve__by_two_of_whom_one_could_be_the_other__counts_as_one(case: Case, admin: Person) -> None:
    set_policy(actor=None, tenant=case.world.tenant, changes={"approvals_needed": 2})
    other = make_person(role=Role.ADMIN)
    sets_password(other, case.approver)
    assert approve(case, other) == "in review"
    with pytest.raises(PermissionDenied, match="could be you"):
        approve(case, case.approver)
    assert approve(case, case.second) == "published"


def by_its_link(person: Person) -> None:
    set_password(person=person, password=f"{NEW} 2", actor=person, by_link=True)


def by_an_operator(person: Person) -> None:
    set_password(person=person, password=f"{NEW} 2", actor=None)


def by_another_admin(person: Person) -> None:
    set_password(person=person, password=f"{NEW} 2", actor=make_person(role=Role.ADMIN))


@pytest.mark.parametrize("give_back", [by_its_link, by_an_operator, by_another_admin])
@pytest.mark.parametrize("take", TAKES)
def test_approve__once_the_password_is_another_that_the_author_does_not_know__counts(
    case: Case, admin: Person, take: Take, give_back: Callable[[Person], None]
) -> None:
    take(admin, case.approver)
    give_back(case.approver)
    assert approve(case, case.approver) == "published"


@pytest.mark.parametrize("take", TAKES)
def test_approve__once_the_password_is_another_that_was_set_while_logged_in__is_refused(
    case: Case, admin: Person, take: Take
) -> None:
    """Whoever has the account can do that."""
    take(admin, case.approver)
    set_password(person=case.approver, password=f"{NEW} 2", actor=case.approver)
    with pytest.raises(PermissionDenied, match="could be you"):
        approve(case, case.approver)


def test_approve__through_the_account_of_a_third__is_refused_when_that_one_is_free_again_too(
    case: Case, admin: Person
) -> None:
    """Who was let in as the third has set the approver's password, in their name, and knows it ever after."""
    third = make_person(role=Role.ADMIN)
    sets_password(admin, third)
    sets_password(third, case.approver)
    by_its_link(third)
    with pytest.raises(PermissionDenied, match=r"root@example\.com has changed how you log in"):
        approve(case, case.approver)


def test_approve__by_whom_a_third_has_changed_before_they_were_in_other_hands__counts(
    case: Case, admin: Person
) -> None:
    third = make_person(role=Role.ADMIN)
    sets_password(third, case.approver)
    sets_password(admin, third)
    assert approve(case, case.approver) == "published"


def test_approve__where_one_other_could_be_author_and_approver__is_refused(case: Case, admin: Person) -> None:
    third = make_person("third@example.com", role=Role.ADMIN)
    sets_password(third, case.approver)
    sets_password(third, admin)
    with pytest.raises(PermissionDenied, match="has changed how you and root@example"):
        approve(case, case.approver)
    assert approve(case, case.second) == "published"


def makes_passkey(person: Person) -> Callable[[], object]:
    passkey = Authenticator.objects.create(user=person, type=Authenticator.Type.WEBAUTHN, data={"name": "Telephone"})
    return passkey.delete


def makes_token(person: Person) -> Callable[[], object]:
    token, _ = create_personal_token(person=person, name="tests", actor=person)
    return lambda: revoke_personal_token(token=token, actor=person)


@pytest.mark.parametrize("make", [makes_passkey, makes_token])
def test_approve__while_there_is_what_was_made_in_other_hands__is_refused_whatever_the_password_is(
    case: Case, admin: Person, make: Callable[[Person], Callable[[], object]]
) -> None:
    sets_password(admin, case.approver)
    remove = make(case.approver)
    by_its_link(case.approver)
    with pytest.raises(PermissionDenied, match="could be you"):
        approve(case, case.approver)
    remove()
    by_its_link(case.approver)
    make(case.approver)
    assert approve(case, case.approver) == "published"


def test_approve__once_a_token_that_was_made_in_other_hands_has_ended__counts(case: Case, admin: Person) -> None:
    sets_password(admin, case.approver)
    soon = timezone.now() + timedelta(seconds=1)
    create_personal_token(person=case.approver, name="tests", actor=case.approver, expires_at=soon)
    time.sleep(1)
    by_its_link(case.approver)
    assert approve(case, case.approver) == "published"


def test_sign_in__locked_named_or_recovered_by_link__is_in_nobody_elses_hands(
    case: Case, admin: Person, settings: object
) -> None:
    """Nothing of that lets an admin log in as them."""
    settings.ENV = {  # type: ignore[attr-defined]
        **settings.ENV,  # type: ignore[attr-defined]
        "MUSE_EMAIL_URL": "smtp://mail.example", "MUSE_CONSOLE_URL": "https://muse.example",
    }  # fmt: skip
    change_person(person=case.approver, changes={"name": "Otto", "is_active": False}, actor=admin)
    change_person(person=case.approver, changes={"is_active": True}, actor=None)
    send_recovery_link(person=case.approver, actor=admin)
    assert approve(case, case.approver) == "published"


def test_page_and_api__of_who_could_be_the_author__say_why_and_offer_no_approval(case: Case, admin: Person) -> None:
    sets_password(admin, case.approver)
    client, at = Client(), f"/tenants/{case.world.tenant.slug}/changes/1"
    client.force_login(case.approver)
    page = client.get(at).content.decode()
    assert "root@example.com has changed how you log in, and could be you." in page
    assert 'value="approve"' not in page
    answer = Api(case.approver, case.world.tenant.slug).call("POST", "changes/1/approve", case.seen)
    assert answer.status_code == 403
    assert "could be you" in answer.json()["detail"]


def test_standing_approval__by_the_account_of_another__is_refused(case: Case, admin: Person) -> None:
    approval = propose(case.world, admin)
    sets_password(admin, case.approver)
    with pytest.raises(PermissionDenied, match="could be you"):
        approve_standing_approval(actor=case.approver, approval=approval, digest=approval.digest)
    approve_standing_approval(actor=case.second, approval=approval, digest=approval.digest)


@pytest.mark.parametrize("take", [sets_password, unlocks])
def test_policy_change__agreed_to_by_the_account_of_another__is_refused(case: Case, admin: Person, take: Take) -> None:
    other, third = (make_person(role=Role.ADMIN, tenant=case.world.tenant) for _ in range(2))
    change = make_policy_change(case.world.tenant, admin)
    take(admin, other)
    with pytest.raises(PermissionDenied, match="could be you"):
        policy_changes.approve(actor=other, change=change)
    assert policy_changes.approve(actor=third, change=change).state == "approved"
