"""Who may do what. One table: the permissions that each role gives; a role includes those below it.

What a person may not know of does not exist for them: it is answered with 404, never with 403.
- Whatever belongs to a tenant in which the person holds no role: 404.
- What tenants share (models, predictors, references) and who runs them, without a platform role: 404, lists too.
- What the person may see but not do: 403.
"""

from enum import StrEnum

from django.db import models


class Role(models.TextChoices):
    """Held for one tenant or for the whole platform."""

    VIEWER = "viewer"
    ANALYST = "analyst"
    APPROVER = "approver"
    ADMIN = "admin"


class Permission(StrEnum):
    """Something that people may do. Those of PLATFORM_PERMISSIONS need a role that is held for the whole platform."""

    VIEW = "view"
    FIT = "fit"
    PROPOSE = "propose changes"
    APPROVE = "approve"
    MANAGE_TENANT = "manage tenant"
    VIEW_SHARED = "view shared models"
    EDIT_SHARED = "edit shared models"
    PUBLISH = "publish"
    MANAGE_PLATFORM = "manage platform"


PLATFORM_PERMISSIONS = {Permission.VIEW_SHARED, Permission.EDIT_SHARED, Permission.PUBLISH, Permission.MANAGE_PLATFORM}

ALLOWED: dict[str, set[Permission]] = {
    Role.VIEWER: {Permission.VIEW, Permission.VIEW_SHARED},
    Role.ANALYST: {Permission.VIEW, Permission.VIEW_SHARED, Permission.FIT, Permission.PROPOSE, Permission.EDIT_SHARED},
    Role.APPROVER: {
        Permission.VIEW,
        Permission.VIEW_SHARED,
        Permission.FIT,
        Permission.PROPOSE,
        Permission.EDIT_SHARED,
        Permission.APPROVE,
    },
    Role.ADMIN: set(Permission),
}


def decides(role: str | None) -> bool:
    """Whether who holds the role may approve what is served, or decide who may."""
    return role is not None and Permission.APPROVE in ALLOWED[role]
