"""A check of the database's role, without which row-level security protects nothing."""

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections

_QUERY = """
SELECT rolname, rolsuper, rolbypassrls, ARRAY(
    SELECT tablename FROM pg_tables WHERE schemaname = current_schema() AND pg_has_role(tableowner, 'USAGE')
    ORDER BY tablename LIMIT 3)
FROM pg_roles WHERE rolname = current_user
"""
_HINT = (
    "Make a role with CREATE ROLE … LOGIN NOSUPERUSER NOBYPASSRLS, grant it SELECT, INSERT, UPDATE, DELETE on the "
    "tables, and put it in DATABASE_URL; the role that owns the tables belongs in DATABASE_OWNER_URL."
)


@register(Tags.database)
def check_application_role(databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """The role of DATABASE_URL is bound by row-level security: no superuser, no bypass, owner of no table."""
    if "default" not in (databases or ()):
        return []
    with connections["default"].cursor() as cursor:
        cursor.execute(_QUERY)
        name, superuser, bypasses, owned = cursor.fetchone()
    faults = {
        "E001": superuser and "is a superuser",
        "E002": bypasses and "has BYPASSRLS",
        "E003": owned and not superuser and f"owns, or is a member of the owner of, {', '.join(owned)} and maybe more",
    }
    return [
        Error(f"DATABASE_URL: the role {name} {fault}, so nothing keeps tenants apart.", _HINT, id=f"tenants.{code}")
        for code, fault in faults.items()
        if fault
    ]
