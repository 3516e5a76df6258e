"""Who may do what. One table: the acts that each role allows; a role includes those below it.

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


class Act(StrEnum):
    """Something that people do. Those of PLATFORM_ACTS need a role that is held for the whole platform."""

    VIEW = "view"
    FIT = "fit"
    PROPOSE = "propose changes"
    APPROVE = "approve"
    MANAGE_TENANT = "manage tenant"
    VIEW_SHARED = "view shared models"
    EDIT_SHARED = "edit shared models"
    PUBLISH = "publish"
    MANAGE_PLATFORM = "manage platform"


PLATFORM_ACTS = {Act.VIEW_SHARED, Act.EDIT_SHARED, Act.PUBLISH, Act.MANAGE_PLATFORM}

ALLOWED: dict[str, set[Act]] = {
    Role.VIEWER: {Act.VIEW, Act.VIEW_SHARED},
    Role.ANALYST: {Act.VIEW, Act.VIEW_SHARED, Act.FIT, Act.PROPOSE, Act.EDIT_SHARED},
    Role.APPROVER: {Act.VIEW, Act.VIEW_SHARED, Act.FIT, Act.PROPOSE, Act.EDIT_SHARED, Act.APPROVE},
    Role.ADMIN: set(Act),
}


def decides(role: str | None) -> bool:
    """Whether who holds the role may approve what is served, or decide who may."""
    return role is not None and Act.APPROVE in ALLOWED[role]
