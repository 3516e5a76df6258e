"""The wall in the database and in the ORM, by themselves and together."""

import pytest
from django.apps import apps
from django.core.checks import run_checks
from django.db import DatabaseError, connection, connections, transaction
from django_scopes.exceptions import ScopeError

from tenants.audit_terms import AuditAction
from tenants.models import ApiKey, AuditEntry, Intent, Membership, Tenant
from tenants.roles import Role
from tenants.scope import platform_scope, tenant_scope
from tenants.services import record
from tests.factories import make_api_key, make_intent, make_person, make_tenant

pytestmark = pytest.mark.django_db
TABLES = ["tenants_tenant", "tenants_membership", "tenants_apikey", "tenants_intent", "tenants_auditentry"]


@pytest.fixture
def two() -> tuple[Tenant, Tenant]:
    """Two tenants with a row in each table."""
    tenants = make_tenant("acme"), make_tenant("globex")
    for tenant in tenants:
        make_api_key(tenant)
        make_intent(tenant)
        make_person(role=Role.VIEWER, tenant=tenant)
        with tenant_scope(tenant.pk):
            record(actor=None, act=AuditAction.CHANGE_TENANT, subject=tenant, tenant=tenant)
    return tenants


def _count(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")
        return int(cursor.fetchone()[0])


def _tables_with_a_tenant() -> set[str]:
    models = [model for model in apps.get_models() if "tenant" in {field.name for field in model._meta.fields}]
    return {model._meta.db_table for model in models} | {"tenants_tenant"}


@pytest.mark.parametrize("table", TABLES)
def test_raw_sql__without_a_scope__finds_nothing(two: tuple[Tenant, Tenant], table: str) -> None:
    assert _count(table) == 0


@pytest.mark.parametrize("table", TABLES)
def test_raw_sql__in_a_scope__finds_rows_of_its_tenants_only(two: tuple[Tenant, Tenant], table: str) -> None:
    with tenant_scope(two[0].pk):
        assert _count(table) == 1
    with tenant_scope(two[0].pk, two[1].pk):
        assert _count(table) == 2
    with tenant_scope():
        assert _count(table) == 0
    with platform_scope():
        assert _count(table) >= 2
    assert _count(table) == 0


@pytest.mark.parametrize("model", [Tenant, Membership, ApiKey, Intent, AuditEntry])
def test_orm__without_a_scope__raises(model: type) -> None:
    with pytest.raises(ScopeError):
        model.objects.count()


def test_orm__in_a_scope__finds_rows_of_its_tenants_only(two: tuple[Tenant, Tenant]) -> None:
    with tenant_scope(two[1].pk):
        assert [key.tenant_id for key in ApiKey.objects.all()] == [two[1].pk]


def test_scope__nested__inner_one_counts_and_outer_one_comes_back(two: tuple[Tenant, Tenant]) -> None:
    with tenant_scope(two[0].pk):
        with platform_scope():
            assert _count("tenants_apikey") == Tenant.objects.count() == 2
        with tenant_scope():
            assert _count("tenants_apikey") == 0
        assert _count("tenants_apikey") == 1


def test_scope__left_by_an_exception__leaves_nothing_open(two: tuple[Tenant, Tenant]) -> None:
    with tenant_scope(two[0].pk):
        with pytest.raises(LookupError), platform_scope():
            raise LookupError
        assert _count("tenants_apikey") == 1


@pytest.mark.parametrize("of", ["another tenant", "no tenant"])
def test_insert__outside_of_the_scope__is_refused_by_the_database(two: tuple[Tenant, Tenant], of: str) -> None:
    theirs = two[1] if of == "another tenant" else None
    with tenant_scope(two[0].pk), pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
        AuditEntry.objects.create(tenant=theirs, act="test", subject="not ours")


def test_update__into_another_tenant__is_refused_by_the_database(two: tuple[Tenant, Tenant]) -> None:
    with tenant_scope(two[0].pk), pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
        ApiKey.objects.update(tenant=two[1])


def test_update_and_delete__of_another_tenants_rows__touch_nothing(two: tuple[Tenant, Tenant]) -> None:
    with tenant_scope(two[0].pk), connection.cursor() as cursor:
        cursor.execute("UPDATE tenants_apikey SET name = 'x' WHERE tenant_id = %s", [two[1].pk])
        assert cursor.rowcount == 0
        cursor.execute("DELETE FROM tenants_apikey WHERE tenant_id = %s", [two[1].pk])
        assert cursor.rowcount == 0


@pytest.mark.parametrize("statement", ["UPDATE tenants_auditentry SET act = 'x'", "DELETE FROM tenants_auditentry"])
def test_audit_trail__for_the_application__can_only_grow(two: tuple[Tenant, Tenant], statement: str) -> None:
    with platform_scope(), pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        connection.cursor().execute(statement)


def test_tables__that_belong_to_tenants__all_have_row_security() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relrowsecurity")
        secured = {name for (name,) in cursor.fetchall()}
    assert _tables_with_a_tenant() - secured == set(), "protect() these in the migration that makes them"


def test_models__that_belong_to_tenants__all_need_a_scope() -> None:
    for model in apps.get_models():
        if model._meta.db_table in _tables_with_a_tenant():
            with pytest.raises(ScopeError):
                model._default_manager.count()


def test_check__application_role__is_fine() -> None:
    assert run_checks(databases=["default"], tags=["database"]) == []


@pytest.mark.django_db(databases=["default", "owner"])
def test_check__owner_as_application_role__says_what_is_wrong_and_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tenants.checks.connections", {"default": connections["owner"]})
    found = run_checks(databases=["default"], tags=["database"])
    assert {message.id for message in found} >= {"tenants.E001"}
    assert "muse_owner is a superuser" in found[0].msg
    assert "NOBYPASSRLS" in str(found[0].hint)
