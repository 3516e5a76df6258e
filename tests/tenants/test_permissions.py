from itertools import pairwise

import pytest
from django.core.exceptions import PermissionDenied

from tenants.models import Tenant
from tenants.permissions import may, permissions_of, require
from tenants.roles import ALLOWED, PLATFORM_PERMISSIONS, Permission, Role
from tenants.scope import tenant_scope
from tests.factories import make_person

pytestmark = pytest.mark.django_db

ORDER = [Role.VIEWER, Role.ANALYST, Role.APPROVER, Role.ADMIN]


def test_table__each_role__includes_those_below_it() -> None:
    for lower, higher in pairwise(ORDER):
        assert ALLOWED[lower] < ALLOWED[higher]


def test_table__roles__are_all_there() -> None:
    assert set(ALLOWED) == set(Role.values)
    assert ALLOWED[Role.ADMIN] == set(Permission)


@pytest.mark.parametrize("role", ORDER)
def test_tenant_role__in_its_tenant__allows_all_but_platform_acts(acme: Tenant, role: Role) -> None:
    assert permissions_of(make_person(role=role, tenant=acme), acme) == ALLOWED[role] - PLATFORM_PERMISSIONS


@pytest.mark.parametrize("role", ORDER)
def test_tenant_role__elsewhere__allows_nothing(acme: Tenant, globex: Tenant, role: Role) -> None:
    person = make_person(role=role, tenant=acme)
    assert permissions_of(person, globex) == set()
    assert permissions_of(person, None) == set()


@pytest.mark.parametrize("role", ORDER)
def test_platform_role__everywhere__allows_its_row_of_the_table(acme: Tenant, role: Role) -> None:
    person = make_person(role=role)
    assert permissions_of(person, acme) == permissions_of(person, None) == ALLOWED[role]


def test_platform_role__asked_in_a_tenants_scope__is_known(acme: Tenant) -> None:
    person = make_person(role=Role.ADMIN)
    with tenant_scope(acme.pk):
        assert may(person, Permission.PUBLISH, acme)


def test_person__without_roles_or_shut_out__may_do_nothing(acme: Tenant) -> None:
    assert permissions_of(make_person(), acme) == set()
    admin = make_person(role=Role.ADMIN)
    admin.is_active = False
    assert permissions_of(admin, acme) == permissions_of(admin, None) == set()


def test_require__act_not_allowed__says_which_role_it_needs_and_where(acme: Tenant) -> None:
    person = make_person("vera@example.com", Role.VIEWER, acme)
    with pytest.raises(PermissionDenied, match=r"You need the Admin role for the whole platform \(“publish”\)"):
        require(person, Permission.PUBLISH, acme)
    with pytest.raises(PermissionDenied, match=r"You need the Approver role for Acme \(“approve”\)"):
        require(person, Permission.APPROVE, acme)


def test_require__the_platform_itself__may_do_all(acme: Tenant) -> None:
    require(None, Permission.MANAGE_PLATFORM)
    require(None, Permission.PUBLISH, acme)
