"""What a person may do, from the roles that they hold and the table in roles.py."""

from collections.abc import Mapping

from django.core.exceptions import PermissionDenied

from tenants.models import Person, Tenant
from tenants.roles import ALLOWED, PLATFORM_ACTS, Act, Role
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


def acts_of(person: Person, tenant: Tenant | None) -> set[Act]:
    """All that the person may do: in a tenant, or (None) with what belongs to the platform."""
    if not person.is_active:
        return set()
    roles = roles_of(person)
    acts = ALLOWED.get(roles.get(None, ""), set())
    if tenant is not None:
        acts = acts | (ALLOWED.get(roles.get(tenant.pk, ""), set()) - PLATFORM_ACTS)
    return acts


def may(person: Person, act: Act, tenant: Tenant | None = None) -> bool:
    """Whether the person may do this in the tenant, or (None) with what belongs to the platform."""
    return act in acts_of(person, tenant)


def require(person: Person | None, act: Act, tenant: Tenant | None = None) -> None:
    """Refuse an act that the person may not do; None is the platform itself, which may do all.

    Raises:
        PermissionDenied: the person's roles do not allow it.
    """
    if person is not None and not may(person, act, tenant):
        role = next(role for role in Role if act in ALLOWED[role])
        where = tenant.name if tenant and act not in PLATFORM_ACTS else "the whole platform"
        raise PermissionDenied(f"You need the {role.label} role for {where} (“{act}”). Ask an admin for it.")
