"""What a person may do, from the roles that they hold and the table in roles.py."""

from collections.abc import Mapping

from django.core.exceptions import PermissionDenied

from tenants.models import Person, Tenant
from tenants.roles import ALLOWED, PLATFORM_PERMISSIONS, Permission, Role
from tenants.scope import platform_scope


def roles_of(person: Person) -> Mapping[int | None, str]:
    """The person's roles by tenant id, None for the platform's; read once for each Person object, in any scope."""
    held: Mapping[int | None, str] | None = vars(person).get("_roles")
    if held is None:
        with platform_scope():
            held = dict(person.memberships.values_list("tenant_id", "role"))
        vars(person)["_roles"] = held
    return held


def forget_roles(person: Person) -> None:
    """Have the roles of this object read again, after a change."""
    vars(person).pop("_roles", None)


def permissions_of(person: Person, tenant: Tenant | None) -> set[Permission]:
    """All that the person may do: in a tenant, or (None) with what belongs to the platform."""
    if not person.is_active:
        return set()
    roles = roles_of(person)
    permissions = ALLOWED.get(roles.get(None, ""), set())
    if tenant is not None:
        permissions = permissions | (ALLOWED.get(roles.get(tenant.pk, ""), set()) - PLATFORM_PERMISSIONS)
    return permissions


def may(person: Person, permission: Permission, tenant: Tenant | None = None) -> bool:
    """Whether the person may do this in the tenant, or (None) with what belongs to the platform."""
    return permission in permissions_of(person, tenant)


def require(person: Person | None, permission: Permission, tenant: Tenant | None = None) -> None:
    """Refuse what the person may not do; None is the platform itself, which may do all.

    Raises:
        PermissionDenied: the person's roles do not allow it.
    """
    if person is not None and not may(person, permission, tenant):
        role = next(role for role in Role if permission in ALLOWED[role])
        where = tenant.name if tenant and permission not in PLATFORM_PERMISSIONS else "the whole platform"
        raise PermissionDenied(f"You need the {role.label} role for {where} (“{permission}”). Ask an admin for it.")
