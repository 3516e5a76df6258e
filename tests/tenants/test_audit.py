"""Writing the audit trail: what was done, and to which row."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, transaction

from tenants import selectors
from tenants.audit_terms import AuditAction, SubjectType
from tenants.history import kind_of
from tenants.models import AuditEntry, Membership, Tenant
from tenants.scope import platform_scope
from tenants.services import record
from tests.factories import make_api_key, make_intent, make_person, serve


@pytest.fixture(autouse=True)
def _platform_scope(db: None) -> Iterator[None]:
    with platform_scope():
        yield


def test_record__of_a_row__keeps_its_type_and_key_and_what_it_is_called(acme: Tenant) -> None:
    key, _ = make_api_key(acme)
    entry = record(actor=None, act=AuditAction.CREATE_KEY, subject=key, tenant=acme)
    entry.refresh_from_db()
    assert (entry.act, entry.subject_type, entry.subject_id) == ("create key", "api-key", key.pk)
    assert entry.subject == f"muse_{key.prefix}"


def test_record__of_rows_with_numbers__calls_them_by_those_that_people_know() -> None:
    serve("other").publish()  # so that no number is a primary key
    world = serve("acme")
    entry = AuditEntry.objects.get(tenant=world.tenant, act="publish")
    assert (entry.subject, entry.subject_type, entry.subject_id) == ("release 1", "release", world.release.pk)
    assert world.release.pk != 1


@pytest.mark.parametrize("act", ["published", "", "PUBLISH"])
def test_record__of_an_action_that_is_none__is_refused(acme: Tenant, act: Any) -> None:
    with pytest.raises(ValueError, match="is not a valid AuditAction"):
        record(actor=None, act=act, subject=acme, tenant=acme)
    assert not selectors.audit_of(acme).exists()


def test_record__of_a_kind_that_is_no_subject__is_refused(acme: Tenant) -> None:
    member = Membership.objects.create(person=make_person(), tenant=acme, role="viewer")
    with pytest.raises(ValueError, match="'membership' is not a valid SubjectType"):
        record(actor=None, act=AuditAction.ADD_MEMBER, subject=member, tenant=acme)


def test_subject_types__each__is_the_kind_of_a_table() -> None:
    assert set(SubjectType.values) <= {kind_of(model) for model in apps.get_models()}


def test_entry__with_a_type_and_no_key__cannot_be() -> None:
    with pytest.raises(IntegrityError, match="audit_subject_has_both_type_and_id"), transaction.atomic():
        AuditEntry.objects.create(act="publish", subject="release 1", subject_type="release")


def test_audit_of__a_row__has_what_was_done_to_it_and_to_no_other(acme: Tenant, globex: Tenant) -> None:
    intents = [make_intent(tenant, "payments") for tenant in (acme, globex)]
    for intent in intents:
        record(actor=None, act=AuditAction.CHANGE_INTENT, subject=intent, tenant=intent.tenant)
    assert [entry.tenant for entry in selectors.audit_of(intents[0])] == [acme]
