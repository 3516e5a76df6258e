"""Who may do what. One table: the acts that each role allows; a role includes those below it."""

from enum import StrEnum

from django.db import models


class Role(models.TextChoices):
    """Held for one tenant or for the whole platform."""

    VIEWER = "viewer"
    ANALYST = "analyst"
    APPROVER = "approver"
    ADMIN = "admin"


class Act(StrEnum):
    """Something that people do. `platform` acts need a role that is held for the whole platform."""

    VIEW = "view"
    FIT = "fit"
    APPROVE = "approve"
    MANAGE_TENANT = "manage tenant"
    VIEW_SHARED = "view shared models"
    EDIT_SHARED = "edit shared models"
    PUBLISH = "publish"
    MANAGE_PLATFORM = "manage platform"


PLATFORM_ACTS = {Act.VIEW_SHARED, Act.EDIT_SHARED, Act.PUBLISH, Act.MANAGE_PLATFORM}

ALLOWED: dict[str, set[Act]] = {
    Role.VIEWER: {Act.VIEW, Act.VIEW_SHARED},
    Role.ANALYST: {Act.VIEW, Act.VIEW_SHARED, Act.FIT, Act.EDIT_SHARED},
    Role.APPROVER: {Act.VIEW, Act.VIEW_SHARED, Act.FIT, Act.EDIT_SHARED, Act.APPROVE},
    Role.ADMIN: set(Act),
}
