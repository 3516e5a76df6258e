"""Row-level security for the tables of a migration: rows of tenants outside the scope do not exist.

The application's role owns no table, so it cannot turn the policies off.
"""

from django.conf import settings
from django.db import migrations

FUNCTION = """
CREATE FUNCTION muse_may_see(tenant bigint) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT CASE coalesce(current_setting('muse.tenant_ids', true), '')
    WHEN '' THEN false
    WHEN '*' THEN true
    ELSE tenant = ANY (string_to_array(current_setting('muse.tenant_ids', true), ',')::bigint[])
  END
$$
"""


def create_function() -> migrations.RunSQL:
    return migrations.RunSQL(FUNCTION, "DROP FUNCTION muse_may_see(bigint)")


def protect(table: str, column: str = "tenant_id") -> migrations.RunSQL:
    """Hide the table's rows whose tenant is outside the scope; rows of no tenant are seen by the platform only."""
    visible = f"muse_may_see({column})"
    return migrations.RunSQL(
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;"
        f"CREATE POLICY tenant ON {table} USING ({visible}) WITH CHECK ({visible})",
        f"DROP POLICY tenant ON {table}; ALTER TABLE {table} DISABLE ROW LEVEL SECURITY",
    )


def append_only(table: str, *columns: str) -> migrations.RunSQL:
    """Take the application's role the right to delete rows of the table, and to update any but these columns."""
    role = f'"{settings.DATABASES["default"]["USER"]}"'
    grant = f"GRANT UPDATE ({', '.join(columns)}) ON {table} TO {role};" if columns else ""
    return migrations.RunSQL(
        f"REVOKE UPDATE, DELETE ON {table} FROM {role}; {grant}",
        f"GRANT UPDATE, DELETE ON {table} TO {role}",
    )


def may_update(table: str, *columns: str) -> migrations.RunSQL:
    """Give the application's role the right to update further columns of an append-only table."""
    role, listed = f'"{settings.DATABASES["default"]["USER"]}"', ", ".join(columns)
    return migrations.RunSQL(
        f"GRANT UPDATE ({listed}) ON {table} TO {role}", f"REVOKE UPDATE ({listed}) ON {table} FROM {role}"
    )
