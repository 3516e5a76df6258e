"""Old entries of the audit trail are forgotten by setting, and what is left still verifies."""

import io
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connections, transaction
from pytest_django import Settings

from tenants import audit_retention
from tenants.audit_chain import Head, verify
from tenants.audit_terms import AuditAction
from tenants.models import AuditEntry, Tenant
from tenants.roles import Role
from tenants.scope import platform_scope
from tenants.services import change_tenant, create_personal_token, record
from tests.factories import make_person, make_tenant

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


@pytest.fixture
def acme(settings: Settings) -> Iterator[Tenant]:
    """Six entries of a tenant and six of the platform, of which four each are 100 days old."""
    settings.ENV = settings.ENV | {"MUSE_AUDIT_DAYS": 90}
    tenant = make_tenant("acme")
    for of in (tenant, None):
        for _ in range(6):
            note(tenant, of)
    age("link <= 4")
    yield tenant
    connections["owner"].close()


def note(subject: Tenant, tenant: Tenant | None) -> None:
    with platform_scope():
        record(actor=None, act=AuditAction.CHANGE_TENANT, subject=subject, tenant=tenant)


def as_owner(statement: str) -> None:
    with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
        cursor.execute(statement)


def age(condition: str) -> None:
    """Have entries be 100 days old, and the chains as if they had been written so."""
    as_owner(f"UPDATE tenants_auditentry SET at = at - interval '100 days' WHERE {condition}")
    as_owner(
        "DO $$ DECLARE before text; last bigint; e tenants_auditentry; BEGIN"
        " FOR e IN SELECT * FROM tenants_auditentry ORDER BY tenant_id, link LOOP"
        " IF e.link = 1 THEN before := ''; END IF;"
        " UPDATE tenants_auditentry SET hash = muse_audit_hash(before, e) WHERE id = e.id RETURNING hash INTO before;"
        " END LOOP; END $$"
    )


def forget() -> str:
    out = io.StringIO()
    call_command("forget_audit", stdout=out)
    return out.getvalue()


def links(tenant: Tenant | None) -> list[int]:
    with platform_scope():
        return list(AuditEntry.objects.filter(tenant=tenant).order_by("link").values_list("link", flat=True))


def faults(kept: list[Head] | None = None) -> list[str]:
    with platform_scope():
        return [str(each) for each in verify(kept or [])[1]]


def test_entries__older_than_the_setting__are_forgotten_and_the_rest_verifies(acme: Tenant) -> None:
    assert "8 entries" in forget()
    assert links(acme) == links(None) == [5, 6, 7]
    with platform_scope():
        said = AuditEntry.objects.get(tenant=acme, act="forget audit entries")
    assert (said.details["through"], said.details["days"], said.subject) == (4, 90, "acme")
    note(acme, acme)
    assert faults() == []
    assert "0 entries" in forget()
    assert links(acme) == [5, 6, 7, 8]


def test_entries__of_a_tenant_with_more_days_of_its_own__stay(acme: Tenant) -> None:
    with platform_scope():
        change_tenant(tenant=acme, changes={"audit_days": 365}, actor=None)
    forget()
    assert links(acme)[:4] == [1, 2, 3, 4]
    assert links(None)[0] == 5


def test_entries__of_a_tenant_with_fewer_days_of_its_own__stay_as_long_as_the_installation_s(acme: Tenant) -> None:
    with platform_scope():
        change_tenant(tenant=acme, changes={"audit_days": 1}, actor=None)
    as_owner("UPDATE tenants_auditentry SET at = at - interval '50 days' WHERE link > 4")
    forget()
    assert links(acme)[0] == 5


def test_trail__without_a_setting__is_kept_for_good(acme: Tenant, settings: Settings) -> None:
    settings.ENV = settings.ENV | {"MUSE_AUDIT_DAYS": 0}
    assert "kept for good" in forget()
    assert links(acme) == [1, 2, 3, 4, 5, 6]


def test_trail__forgotten_again_and_again__verifies(acme: Tenant) -> None:
    for expected in ([7], [8], [9]):
        audit_retention.forget(days=0)
        assert links(acme) == expected
        assert faults() == []
    note(acme, acme)
    assert faults() == []


def test_beginning__cut_off_by_the_owner_without_a_record__shows(acme: Tenant) -> None:
    forget()
    as_owner("DELETE FROM tenants_auditentry WHERE link = 5")
    assert [fault for fault in faults() if fault.startswith(f"entry 1 of tenant {acme.pk}: missing")]


def test_record_of_a_cut__altered_by_the_owner__shows(acme: Tenant) -> None:
    forget()
    said = "jsonb_set(details, '{through}', '5')"
    as_owner(f"UPDATE tenants_auditentry SET details = {said} WHERE act = 'forget audit entries'")
    as_owner("DELETE FROM tenants_auditentry WHERE link = 5")
    assert faults() != []


def test_heads__kept_before_what_was_forgotten__still_fit_and_others_do_not(acme: Tenant) -> None:
    with platform_scope():
        kept = [
            Head(str(acme.pk), entry.link, entry.hash) for entry in AuditEntry.objects.filter(tenant=acme, link__gte=3)
        ]
    forget()
    assert faults(kept) == []
    assert "was another" in faults([Head(str(acme.pk), 4, "0" * 64)])[0]


def test_days_of_the_trail__over_rest__are_the_platform_s_to_set(acme: Tenant, client: Any) -> None:
    for role, tenant, status in ((Role.ADMIN, None, 200), (Role.ADMIN, acme, 403)):
        token = create_personal_token(person=make_person(role=role, tenant=tenant), name="x", actor=None)[1]
        answer = client.patch(
            "/api/v1/tenants/acme",
            {"audit_days": 400},
            content_type="application/json",
            headers={"authorization": f"Bearer {token}"},
        )
        assert answer.status_code == status
    with platform_scope():
        assert Tenant.objects.get().audit_days == 400
