"""The audit pages name rows as people know them, and lead to their pages; primary keys run across tenants."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from models_app.changes.models import Review
from models_app.console.audit.naming import KINDS
from tenants import history
from tenants.audit_terms import AuditAction
from tenants.models import AuditEntry, Person
from tenants.origin import Origin, writing
from tenants.roles import Role
from tenants.scope import platform_scope
from tenants.services import add_member, record, remove_member
from tests.factories import World, add_evidence, make_change, make_person, make_replacement, serve

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    """A tenant whose numbers are behind the primary keys, for another was there first."""
    other = serve("globex")
    for _ in range(3):
        make_change(other.publish())
    return serve("acme")


@pytest.fixture
def reviewer(world: World) -> Person:
    return make_person("dana@acme.example", Role.APPROVER, world.tenant)


@pytest.fixture
def root() -> Person:
    return make_person("root@vendor.example", Role.ADMIN)


def client_of(person: Person) -> Client:
    client = Client()
    client.force_login(person, "django.contrib.auth.backends.ModelBackend")
    return client


def text_of(person: Person, url: str) -> str:
    answer = client_of(person).get(url)
    assert answer.status_code == 200, answer.status_code
    return re.sub(r"\s+", " ", answer.content.decode())


def write_much(world: World, reviewer: Person, times: int = 1) -> AuditEntry:
    """A request that writes changes with reviews and evidence, and releases; the entry of its audit trail."""
    with writing(Origin(what="POST /much", person=reviewer.pk)):
        for _ in range(times):
            change = make_change(world, author=reviewer)
            add_evidence(change)
            with platform_scope():
                Review.objects.create(
                    tenant=world.tenant, change_request=change, person=reviewer, decision="comment", text="fine"
                )
            world.publish()
        with platform_scope():
            return record(actor=reviewer, act=AuditAction.EDIT, subject=change, tenant=world.tenant)


def test_kinds__all_that_have_a_history__have_names() -> None:
    assert history.kinds(None).keys() - KINDS.keys() == set()


def test_entry__of_one_tenant__names_rows_as_people_know_them(world: World, reviewer: Person) -> None:
    entry = write_much(world, reviewer)
    page = text_of(reviewer, f"/tenants/acme/audit/{entry.pk}")
    for named in (
        "Change request 1 was created", "Evidence of change request 1 was created", "Release 2 was created",
        "Review of change request 1 by dana@acme.example was created", "Current release was changed",
    ):  # fmt: skip
        assert named in page, named
    assert re.search(r'<a href="/tenants/acme/releases/1"[^>]*> ?release 1', page)
    assert re.search(r'<a href="/tenants/acme/changes/1"[^>]*> ?change request 1', page)
    assert f"predictor version {world.predictor.key}" in page
    assert f'href="/predictors/{world.predictor.name}' not in page  # shared: no page of theirs
    unnamed = re.findall(r"(?:Change request|Release|Review|Evidence|predictor version) \d{2,}", page)
    assert unnamed == []


def test_entry__of_the_platform__says_whose_a_number_is(world: World, reviewer: Person, root: Person) -> None:
    page = text_of(root, f"/audit/{write_much(world, reviewer).pk}")
    assert f"Change request 1 of {world.tenant} was created" in page
    assert 'href="/tenants/acme/changes/1"' in page
    assert f'href="/predictors/{world.predictor.name}/1"' in page


def test_history__of_a_change_request__is_headed_by_its_number(world: World, reviewer: Person) -> None:
    change = make_change(world)
    assert change.pk != change.number
    page = text_of(reviewer, f"/tenants/acme/history/change-request/{change.pk}")
    assert "History of change request 1" in page
    assert 'href="/tenants/acme/changes/1"' in page


def test_entry__of_a_role_that_was_taken_away__says_whose_it_was(world: World, reviewer: Person, root: Person) -> None:
    leaver = make_person("leo@acme.example")
    with writing(Origin(what="POST /members")), platform_scope():
        role = add_member(person=leaver, tenant=world.tenant, role=Role.VIEWER, actor=root)
    with writing(Origin(what="POST /members")), platform_scope():
        remove_member(membership=role, actor=root)
        entry = AuditEntry.objects.get(act="remove member")
    assert "Role of leo@acme.example was deleted" in text_of(reviewer, f"/tenants/acme/audit/{entry.pk}")


def test_trail__of_evidence_and_replacements__names_what_people_see(world: World, root: Person) -> None:
    change = make_change(world)
    replacement = make_replacement(world, change)
    with platform_scope():
        record(actor=None, act=AuditAction.EVIDENCE_SUCCEEDED, subject=add_evidence(change), tenant=world.tenant)
        record(actor=None, act=AuditAction.CANCEL_PROPOSAL, subject=replacement)
    for page in (
        text_of(root, "/audit"),
        text_of(root, f"/audit?subject_type=replacement&subject_id={replacement.pk}"),
    ):
        assert "replacement “A better predictor”" in page
        assert f'href="/proposals/{replacement.pk}"' in page
    assert "evidence of change request 1" in text_of(root, "/tenants/acme/audit")
    file = b"".join(client_of(root).get("/tenants/acme/audit/export?form=csv").streaming_content).decode()
    assert ",evidence succeeded,evidence of change request 1," in file


def test_entry__of_many_rows__takes_no_more_queries_than_of_few(world: World, reviewer: Person) -> None:
    client, counts = client_of(reviewer), []
    for times in (1, 4):
        entry = write_much(world, reviewer, times)
        with CaptureQueriesContext(connection) as captured:
            client.get(f"/tenants/acme/audit/{entry.pk}")
        counts.append(len(captured))
    assert counts[0] == counts[1] <= 40
