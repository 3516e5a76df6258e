"""Nobody moves the goalposts alone: what decides which change requests pass is changed by two people."""

from collections.abc import Callable

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from pytest_django import Settings

from models_app.changes import selectors
from models_app.changes.policy_changes.models import PolicyChange
from models_app.changes.policy_changes.services import check_at_once
from models_app.changes.policy_changes.subjects import Subject
from models_app.notifications.models import Delivery, Notification
from tenants.models import AuditEntry, Person
from tenants.refusals import Conflict
from tenants.roles import Role
from tenants.scope import platform_scope
from tests.factories import World, make_person, make_tenant
from tests.models_app.changes.policy_changes.conftest import AT, Caller

WIDER = {"kind": "review policy", "changes": {"tolerance": 0.25}, "reason": "alerts are few here"}


def acts() -> list[str]:
    with platform_scope():
        return list(AuditEntry.objects.order_by("pk").values_list("act", flat=True))


def test_policy__of_a_tenant_in_use__is_not_changed_by_one_admin(world: World, author: Person) -> None:
    call = Caller(author)
    problem = call("PATCH", AT, {"tolerance": 0.25}, 409)
    assert "policy change" in problem["detail"]
    assert call("GET", AT)["tolerance"] == 0.1
    assert call("PATCH", AT, {"tolerance": 0.1})["tolerance"] == 0.1  # which changes nothing


def test_policy__of_a_tenant_for_which_nothing_was_proposed_yet__is_set_at_once(db: None) -> None:
    tenant = make_tenant("acme")
    call = Caller(make_person("author@acme.example", Role.ADMIN, tenant))
    assert call("PATCH", AT, {"tolerance": 0.25})["tolerance"] == 0.25
    assert call("PATCH", AT, {"tolerance": 0.2})["tolerance"] == 0.2


def test_policy_change__agreed_to_by_a_second_admin__holds_and_says_who_and_why(
    world: World, author: Person, second: Person
) -> None:
    proposal = Caller(author)("POST", f"{AT}/changes", WIDER, 201)
    said = [proposal[each] for each in ("before", "after", "state")]
    assert said == [{"tolerance": 0.1}, {"tolerance": 0.25}, "open"]
    call = Caller(second)
    done = call("POST", f"{AT}/changes/1/approve", {"text": "so they are"})
    assert (done["state"], done["decided_by"], done["answer"]) == ("approved", second.email, "so they are")
    assert call("GET", AT)["tolerance"] == 0.25
    found = [act for act in acts() if "policy" in act]
    assert found == ["propose policy change", "approve policy change", "set review policy"]
    with platform_scope():
        entry = AuditEntry.objects.latest("pk")
    assert entry.person == second
    assert entry.reason == f"policy change 1 of {author}: alerts are few here"


@pytest.mark.parametrize("act", ["approve", "reject", "withdraw"])
def test_policy_change__decided__is_decided_once(world: World, author: Person, second: Person, act: str) -> None:
    asking, deciding = Caller(author), Caller(second)
    asking("POST", f"{AT}/changes", WIDER, 201)
    (asking if act == "withdraw" else deciding)("POST", f"{AT}/changes/1/{act}", {"text": "x"})
    for other in ("approve", "reject"):
        problem = deciding("POST", f"{AT}/changes/1/{other}", {"text": "x"}, 409)
        assert "it must be open" in problem["detail"]
    assert deciding("GET", AT)["tolerance"] == (0.25 if act == "approve" else 0.1)


def test_policy_change__by_its_author_or_without_the_role__is_not_decided(world: World, author: Person) -> None:
    asking = Caller(author)
    asking("POST", f"{AT}/changes", WIDER, 201)
    assert "of their own" in asking("POST", f"{AT}/changes/1/approve", {}, 403)["detail"]
    approver = Caller(make_person(role=Role.APPROVER, tenant=world.tenant))
    approver("POST", f"{AT}/changes/1/approve", {}, 403)
    approver("POST", f"{AT}/changes", WIDER, 403)
    assert approver("GET", f"{AT}/changes")["count"] == 1


@pytest.mark.parametrize(
    ("query", "count"), [("state=open", 1), ("state=approved", 0), ("q=few+here", 1), ("q=somebody", 0)]
)
def test_policy_changes__narrowed__are_those(world: World, author: Person, query: str, count: int) -> None:
    call = Caller(author)
    call("POST", f"{AT}/changes", WIDER, 201)
    assert call("GET", f"{AT}/changes?{query}")["count"] == count
    call("GET", f"{AT}/changes?state=bogus", None, 422)


def test_policy_change__of_a_tenant_of_one_admin__is_agreed_to_by_the_platform_s(world: World, author: Person) -> None:
    Caller(author)("POST", f"{AT}/changes", WIDER, 201)
    staff = Caller(make_person(role=Role.ADMIN))
    assert staff("POST", f"{AT}/changes/1/approve")["state"] == "approved"


def test_policy_change__by_break_glass__takes_the_switch_and_a_platform_admin_and_is_told(
    world: World, author: Person, settings: Settings
) -> None:
    settings.ENV = {**settings.ENV, "MUSE_EMAIL_URL": "smtp://localhost"}
    alone, body = make_person(role=Role.ADMIN), {"break_glass": True}
    Caller(alone)("POST", f"{AT}/changes", WIDER, 201)
    Caller(author)("POST", f"{AT}/changes/1/approve", body, 403)  # an admin of the tenant only
    settings.ENV = {**settings.ENV, "MUSE_BREAK_GLASS": False}
    assert "MUSE_BREAK_GLASS" in Caller(alone)("POST", f"{AT}/changes/1/approve", body, 403)["detail"]
    settings.ENV = {**settings.ENV, "MUSE_BREAK_GLASS": True}
    assert Caller(alone)("POST", f"{AT}/changes/1/approve", body)["state"] == "approved"
    assert "break glass" in acts()
    with platform_scope():
        notification = Notification.objects.get(event="policy.changed")
        assert notification.text.startswith("Without a second person (break glass)")
        assert set(notification.deliveries.values_list("person__email", flat=True)) == {author.email, alone.email}


def test_policy_change__whose_author_is_admin_no_more__is_not_agreed_to(
    world: World, author: Person, second: Person
) -> None:
    Caller(author)("POST", f"{AT}/changes", WIDER, 201)
    with platform_scope():
        author.memberships.update(role=Role.VIEWER)
    Caller(second)("POST", f"{AT}/changes/1/approve", {}, 403)


def test_policy_change__whose_value_was_changed_meanwhile__is_a_conflict(
    world: World, author: Person, second: Person
) -> None:
    asking, deciding = Caller(author), Caller(second)
    asking("POST", f"{AT}/changes", WIDER, 201)
    asking("POST", f"{AT}/changes", {**WIDER, "changes": {"tolerance": 0.5}}, 201)
    deciding("POST", f"{AT}/changes/1/approve")
    assert "tolerance was changed since" in deciding("POST", f"{AT}/changes/2/approve", {}, 409)["detail"]
    assert deciding("GET", AT)["tolerance"] == 0.25


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"reason": " "}, "reason"),
        ({"changes": {"tolerance": 2.0}}, "tolerance"),
        ({"changes": {"tolerances": {"x": 0.5}}}, "tolerances.x"),
        ({"changes": {"nothing": 1}}, "nothing"),
        ({"kind": "evidence settings", "subject": "no", "changes": {"entity": "x"}}, "subject"),
        ({"kind": "evidence settings", "subject": "card-payments", "changes": {"entity": "x"}}, "entity"),
        ({"kind": "evidence settings", "subject": "card-payments", "changes": {"features": []}}, "features"),
        ({"kind": "role", "subject": "author@acme.example", "changes": {}}, "role"),
    ],
)
def test_policy_change__of_what_cannot_be__is_refused_at_once_at_its_field(
    world: World, author: Person, body: dict, field: str
) -> None:
    problem = Caller(author)("POST", f"{AT}/changes", WIDER | body, 422)
    assert [fault["field"] for fault in problem["errors"]] == [field]
    with platform_scope():
        assert not PolicyChange.objects.exists()
        assert selectors.policy_of(world.tenant).tolerance == 0.1


def test_policy_change__of_what_is_so_already__is_a_conflict(world: World, author: Person) -> None:
    Caller(author)("POST", f"{AT}/changes", {**WIDER, "changes": {"tolerance": 0.1}}, 409)


def test_policy_change__proposed_and_rejected__is_told_to_whom_it_concerns(
    world: World, author: Person, second: Person, settings: Settings
) -> None:
    settings.ENV = {**settings.ENV, "MUSE_EMAIL_URL": "smtp://localhost"}
    make_person(role=Role.APPROVER, tenant=world.tenant)
    Caller(author)("POST", f"{AT}/changes", WIDER, 201)
    Caller(second)("POST", f"{AT}/changes/1/reject", {"text": "no"})
    with platform_scope():
        deliveries = Delivery.objects.values_list("notification__event", "person__email").order_by("pk")
        assert list(deliveries) == [("policy.proposed", second.email), ("policy.rejected", author.email)]
        row = Notification.objects.earliest("pk")
    assert row.title == "Acme: policy change 1, review policy, waits for a second person"
    assert "- tolerance: 10 % → 25 %" in row.text


@pytest.mark.parametrize("statement", ["UPDATE {} SET after = '{{}}'", "UPDATE {} SET author_id = 1", "DELETE FROM {}"])
def test_policy_change__for_the_application__is_never_rewritten(world: World, author: Person, statement: str) -> None:
    Caller(author)("POST", f"{AT}/changes", WIDER, 201)
    table = PolicyChange._meta.db_table
    with platform_scope(), pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        connection.cursor().execute(statement.format(table))


def test_check_at_once__of_another_value__refuses_only_where_something_goes_by_it(world: World) -> None:
    with platform_scope():
        with pytest.raises(Conflict):
            check_at_once(Subject(world.tenant, "review policy"), {"evidence_days": 7})
        check_at_once(Subject(make_tenant(), "review policy"), {"evidence_days": 7})


# ---- roles


MEMBERS = "/api/v1/tenants/acme/members"


@pytest.mark.parametrize(("role", "status"), [("viewer", 201), ("analyst", 201), ("approver", 409), ("admin", 409)])
def test_role__in_a_tenant_in_use__that_decides_takes_a_second_person(
    world: World, author: Person, role: str, status: int
) -> None:
    puppet = make_person()
    Caller(author)("POST", MEMBERS, {"email": puppet.email, "role": role}, status)


def test_role__that_decides__is_lowered_or_taken_by_two_people(world: World, author: Person, second: Person) -> None:
    call = Caller(author)
    call("POST", MEMBERS, {"email": second.email, "role": "approver"}, 409)
    with platform_scope():
        held = second.memberships.get()
    call("DELETE", f"{MEMBERS}/{held.pk}", None, 409)
    sent = {"kind": "role", "subject": second.email, "changes": {"role": None}, "reason": "has left"}
    assert call("POST", f"{AT}/changes", sent, 201)["after"] == {"role": None}
    call("POST", f"{AT}/changes/1/approve", {}, 403)
    assert Caller(second)("POST", f"{AT}/changes/1/approve")["state"] == "approved"  # who loses it may agree
    with platform_scope():
        assert not second.memberships.exists()
        assert AuditEntry.objects.get(act="remove member").reason.endswith("has left")


def test_role__that_decides_nothing__is_taken_at_once(world: World, author: Person) -> None:
    analyst = make_person(role=Role.ANALYST, tenant=world.tenant)
    with platform_scope():
        held = analyst.memberships.get()
    assert Caller(author).client.delete(f"{MEMBERS}/{held.pk}").status_code == 204


def test_only_approver__made_by_taking_others_their_roles__takes_a_second_person(
    world: World, author: Person, second: Person
) -> None:
    """Who is left decides alone over what others propose: nobody brings that about alone."""
    client = Client()
    client.force_login(author, "django.contrib.auth.backends.ModelBackend")
    with platform_scope():
        held = second.memberships.get()
    sent = {"act": "take", "member": held.pk, "reason": "tidying up"}
    assert client.post("/tenants/acme/members", sent).status_code == 302
    with platform_scope():
        assert second.memberships.exists()
        assert PolicyChange.objects.get().after == {"role": None}


def test_last_admin_of_the_platform__is_not_even_asked_for(world: World) -> None:
    root = make_person(role=Role.ADMIN)
    sent = {"kind": "role", "subject": root.email, "changes": {"role": None}, "reason": "has left"}
    problem = Caller(root)("POST", "/api/v1/policy/changes", sent, 422)
    assert "last admin" in str(problem)


def test_role__proposed_and_agreed_to__is_held(world: World, author: Person, second: Person) -> None:
    approver = make_person(role=Role.APPROVER, tenant=world.tenant)
    sent = {"kind": "role", "subject": approver.email, "changes": {"role": "admin"}, "reason": "on leave"}
    proposal = Caller(author)("POST", f"{AT}/changes", sent, 201)
    assert (proposal["before"], proposal["after"]) == ({"role": "approver"}, {"role": "admin"})
    Caller(second)("POST", f"{AT}/changes/1/approve")
    assert Caller(approver)("POST", f"{AT}/changes", WIDER, 201)["author"] == approver.email


def test_role__proposed_for_somebody__is_not_agreed_to_by_them(world: World, author: Person) -> None:
    staff = make_person(role=Role.ADMIN)
    sent = {"kind": "role", "subject": staff.email, "changes": {"role": "admin"}, "reason": "x"}
    Caller(author)("POST", f"{AT}/changes", sent, 201)
    assert "a role of their own" in Caller(staff)("POST", f"{AT}/changes/1/approve", {}, 403)["detail"]


def test_role__for_the_whole_platform__takes_a_second_platform_admin(world: World, author: Person) -> None:
    root, other, puppet = make_person(role=Role.ADMIN), make_person(role=Role.ADMIN), make_person()
    call, at = Caller(root), "/api/v1/policy/changes"
    call("PATCH", f"/api/v1/people/{puppet.pk}", {"role": "approver"}, 409)
    call("PATCH", f"/api/v1/people/{puppet.pk}", {"role": "analyst"})
    body = {"email": "new@example.com", "password": "a long password here", "role": "admin"}
    call("POST", "/api/v1/people", body, 409)
    assert not Person.objects.filter(email="new@example.com").exists()
    sent = {"kind": "role", "subject": puppet.email, "changes": {"role": "approver"}, "reason": "joins us"}
    call("POST", at, sent, 201)
    Caller(author)("POST", f"{at}/1/approve", {}, 404)
    assert Caller(other)("POST", f"{at}/1/approve")["state"] == "approved"
    assert Caller(other)("GET", f"/api/v1/people/{puppet.pk}")["role"] == "approver"
    call("POST", at, {**sent, "kind": "review policy", "subject": "", "changes": {"tolerance": 0.3}}, 422)


def test_role__before_anything_was_proposed__is_given_at_once(db: None) -> None:
    root, person = make_person(role=Role.ADMIN), make_person()
    assert Caller(root)("PATCH", f"/api/v1/people/{person.pk}", {"role": "approver"})["role"] == "approver"


# ---- the pages


@pytest.fixture
def visit() -> Callable[[Person], Client]:
    def open_as(person: Person) -> Client:
        client = Client()
        client.force_login(person, "django.contrib.auth.backends.ModelBackend")
        return client

    return open_as


def test_policy_page__of_a_tenant_in_use__asks_for_a_reason_and_another_admin(
    world: World, author: Person, second: Person, visit: Callable[[Person], Client]
) -> None:
    page, client, other = "/tenants/acme/policy", visit(author), visit(second)
    sent = {
        "act": "save", "approvals_needed": "1", "approver_role": "approver", "tolerance": "25", "alerts_a_day": "0",
        "risk_tolerance": "20", "segment_tolerance": "10",
        "expires_after_days": "14", "evidence_days": "14", "publish_when_approved": "on",
    }  # fmt: skip
    assert client.post(page, sent).status_code == 422
    assert client.post(page, {**sent, "reason": "alerts are few here"}).status_code == 302
    shown = client.get(page).content.decode()
    assert "It holds once a second admin agrees to it" in shown
    assert "tolerance: 10 % → 25 %" in shown
    assert "±10 %" in shown
    assert client.post(page, {"act": "agree", "number": "1"}).status_code == 403
    assert other.post(page, {"act": "agree", "number": "1"}).status_code == 302
    assert "±25 %" in other.get(page).content.decode()
    assert other.post(page, {"act": "agree", "number": "x"}).status_code == 404


def test_intent_page__of_a_tenant_in_use__asks_for_a_reason_and_another_admin(
    world: World, author: Person, visit: Callable[[Person], Client]
) -> None:
    page, client = "/tenants/acme/intents/card-payments", visit(author)
    sent = {"act": "judge", "label_maturity_days": "45", "unlabelled_means": "unknown", "reason": "chargebacks"}
    assert client.post(page, sent).status_code == 302
    assert "label maturity days: 0 → 45" in client.get("/tenants/acme/policy").content.decode()
    assert "at once" in client.get(page).content.decode()


def test_people_page__of_a_platform_in_use__proposes_roles_that_decide(
    world: World, visit: Callable[[Person], Client]
) -> None:
    root, other = make_person(role=Role.ADMIN), make_person(role=Role.ADMIN)
    sent = {"act": "add", "email": "New@example.com", "password": "a long password here", "role": "admin"}
    assert visit(root).post("/people", sent).status_code == 422
    assert not Person.objects.filter(email="new@example.com").exists()
    assert visit(root).post("/people", sent | {"reason": "joins us"}).status_code == 302
    assert "role: none → admin" in visit(other).get("/people").content.decode()
    assert visit(other).post("/people", {"act": "agree", "number": "1"}).status_code == 302
    assert "admin of the whole platform" in visit(other).get("/people?q=new@").content.decode()
    assert visit(root).post("/people", {**sent, "email": "b@example.com", "role": ""}).status_code == 302


def test_members_page__of_a_tenant_in_use__gives_a_viewer_at_once_and_proposes_an_approver(
    world: World, author: Person, visit: Callable[[Person], Client]
) -> None:
    person, page = make_person(), "/tenants/acme/members"
    assert visit(author).post(page, {"act": "give", "email": person.email, "role": "viewer"}).status_code == 302
    sent = {"act": "give", "email": person.email, "role": "approver"}
    assert visit(author).post(page, sent).status_code == 422
    assert visit(author).post(page, sent | {"reason": "on leave"}).status_code == 302
    with platform_scope():
        assert person.memberships.get().role == "viewer"
        assert PolicyChange.objects.get().after == {"role": "approver"}
