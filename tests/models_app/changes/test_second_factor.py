"""Who decides shows a second factor where the policy asks for it: approving, publishing, rolling back, policies."""

from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from models_app.changes import reviewing
from models_app.changes.evidence.models import Evidence
from models_app.changes.models import ChangeRequest
from models_app.changes.policy import set_policy
from models_app.changes.policy_changes.models import PolicyChange
from tenants.models import Person
from tenants.roles import Role
from tenants.scope import platform_scope
from tenants.services import create_personal_token
from tests.factories import World, add_evidence, make_change, make_person, make_policy_change, serve
from tests.models_app.sign_in.people import log_in, with_app

AT = "/tenants/acme"
PAGE = f"{AT}/changes/1"


@pytest.fixture
def world(db: None) -> World:
    """A tenant whose review policy asks for a second factor."""
    world = serve("acme")
    with platform_scope():
        set_policy(actor=None, tenant=world.tenant, changes={"second_factor": True})
    return world


@pytest.fixture
def author(world: World) -> Person:
    return make_person(role=Role.ADMIN, tenant=world.tenant)


@pytest.fixture
def change(world: World, author: Person) -> ChangeRequest:
    """One that waits for its approval."""
    change = make_change(world, author)
    add_evidence(change)
    with platform_scope():
        return reviewing.submit(actor=author, change=change)


def approval(change: ChangeRequest) -> dict[str, Any]:
    with platform_scope():
        evidence = Evidence.objects.filter(change_request=change).latest("pk")
    return {"document_digest": change.digest, "evidence_digest": evidence.digest}


def state(change: ChangeRequest) -> str:
    with platform_scope():
        return str(ChangeRequest.objects.get(pk=change.pk).state)


def test_approve__by_password_alone__leads_to_the_second_factor_and_with_it_publishes(
    world: World, change: ChangeRequest
) -> None:
    approver = with_app(role=Role.APPROVER, tenant=world.tenant)
    plain = Client()
    plain.force_login(approver, "django.contrib.auth.backends.ModelBackend")
    page = plain.get(PAGE).content.decode()
    assert "needs a second factor" in page
    assert "/second-factor/show?next=%2Ftenants%2Facme%2Fchanges%2F1" in page
    answer = plain.post(PAGE, {"act": "approve", **approval(change)})
    assert (answer.status_code, answer["Location"]) == (302, "/second-factor/show?next=%2Ftenants%2Facme%2Fchanges%2F1")
    assert state(change) == "in review"
    shown = plain.get(answer["Location"])
    assert shown["Location"] == "/second-factor/confirm?next=%2Ftenants%2Facme%2Fchanges%2F1"
    proven = log_in(approver)
    assert "needs a second factor" not in proven.get(PAGE).content.decode()
    assert proven.post(PAGE, {"act": "approve", **approval(change)})["Location"] == PAGE
    assert state(change) == "published"


def test_show__without_a_factor__leads_to_its_set_up(author: Person) -> None:
    client = Client()
    client.force_login(author, "django.contrib.auth.backends.ModelBackend")
    answer = client.get("/second-factor/show?next=https://evil.example/", follow=True)
    assert answer.request["PATH_INFO"] == "/second-factor"
    assert "no second factor yet" in answer.content.decode()


def test_approve__by_token__is_refused_whatever_the_person_has(world: World, change: ChangeRequest) -> None:
    approver = with_app(role=Role.APPROVER, tenant=world.tenant)
    token = create_personal_token(person=approver, name="tests", actor=None)[1]
    client = Client(headers={"authorization": f"Bearer {token}"})
    body = approval(change)
    answer = client.post(f"/api/v1{PAGE}/approve", body, "application/json")
    assert answer.status_code == 403
    assert "which a token does not have" in answer.json()["detail"]
    assert state(change) == "in review"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("releases/rollback", {"number": 1, "reason": "x"}),
        ("releases/rollback", {"number": 1, "reason": "x", "break_glass": True}),
        ("releases", {"routes": {"card-payments": []}, "reason": "x"}),
        ("policy/changes", {"kind": "review policy", "changes": {"second_factor": False}, "reason": "x"}),
        ("policy/changes/1/approve", {}),
        ("policy/changes/1/approve", {"break_glass": True}),
        ("policy/changes", {"kind": "role", "subject": "", "changes": {"role": "admin"}, "reason": "x"}),
    ],
)
def test_token__wherever_a_second_factor_is_asked_for__is_refused(
    world: World, author: Person, settings: Settings, path: str, body: dict[str, Any]
) -> None:
    settings.ENV = {**settings.ENV, "MUSE_BREAK_GLASS": True}
    make_policy_change(world.tenant, author)
    root = make_person(role=Role.ADMIN)
    token = create_personal_token(person=root, name="tests", actor=None)[1]
    sent = body | ({"subject": author.email} if "subject" in body else {})
    if path == "releases/rollback":
        world.publish()
    client = Client(headers={"authorization": f"Bearer {token}"})
    answer = client.post(f"/api/v1{AT}/{path}", sent, "application/json")
    assert (answer.status_code, "second factor" in answer.json().get("detail", "")) == (403, True), answer.content
    with platform_scope():
        assert not PolicyChange.objects.exclude(state="open").exists()


def test_policy__that_asks_for_it__is_loosened_by_two_who_have_shown_it(world: World) -> None:
    first, second = (with_app(role=Role.ADMIN, tenant=world.tenant) for _ in range(2))
    plain = log_in(make_person(role=Role.ADMIN, tenant=world.tenant), with_code=False)
    fields = {
        "act": "save", "approvals_needed": "1", "approver_role": "approver", "tolerance": "10", "alerts_a_day": "0",
        "risk_tolerance": "20", "segment_tolerance": "10", "expires_after_days": "14", "evidence_days": "14",
        "publish_when_approved": "on", "tolerances": "[]", "reason": "keys are lost",
    }  # fmt: skip
    assert plain.post(f"{AT}/policy", fields)["Location"].startswith("/second-factor/show")
    assert log_in(first).post(f"{AT}/policy", fields)["Location"] == f"{AT}/policy"
    assert "second factor: yes → no" in log_in(second).get(f"{AT}/policy").content.decode()


def test_viewer__given_where_it_is_asked_for__takes_none(world: World, author: Person) -> None:
    client, viewer = log_in(author, with_code=False), make_person()
    sent = {"act": "give", "email": viewer.email, "role": "viewer"}
    assert client.post(f"{AT}/members", sent)["Location"] == f"{AT}/members"


def test_installation__that_asks_for_it__asks_for_all_tenants(db: None, settings: Settings) -> None:
    settings.ENV = {**settings.ENV, "MUSE_SECOND_FACTOR": True}
    world = serve("acme")
    author, approver = make_person(role=Role.ADMIN), with_app(role=Role.APPROVER)
    change = make_change(world, author)
    add_evidence(change)
    with platform_scope():
        reviewing.submit(actor=author, change=change)
    client = log_in(approver, with_code=False)
    client.force_login(approver, "django.contrib.auth.backends.ModelBackend")
    assert client.post(PAGE, {"act": "approve", **approval(change)})["Location"].startswith("/second-factor/show")
    sent = {"act": "give", "email": make_person().email, "role": "admin", "reason": "x"}
    root = log_in(make_person(role=Role.ADMIN), with_code=False)
    assert root.post("/people", sent)["Location"].startswith("/second-factor/show")
