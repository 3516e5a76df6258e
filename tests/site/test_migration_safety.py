"""Migrations run while the version before them serves: what would stop it, or be stopped by it, is refused."""

import pytest
from django.db import connections, migrations, models
from django.db.migrations.loader import MigrationLoader

from muse_site.migration_safety import BASELINE, faults, faults_of, unsafe

pytestmark = pytest.mark.django_db


def test_migrations__beyond_the_baseline__can_run_while_the_version_before_serves() -> None:
    assert unsafe() == []


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ('ALTER TABLE "t" DROP COLUMN "a" CASCADE', "drops a column"),
        ('DROP TABLE "t" CASCADE', "drops a table"),
        ('ALTER TABLE "t" RENAME COLUMN "a" TO "b"', "renames"),
        ('ALTER TABLE "t" RENAME TO "u"', "renames"),
        ('ALTER TABLE "t" ALTER COLUMN "a" TYPE bigint USING "a"::bigint', "rewrites the table"),
        ('ALTER TABLE "t" ALTER COLUMN "a" SET NOT NULL', "NOT VALID"),
        ('ALTER TABLE "t" ADD COLUMN "a" integer NOT NULL', "db_default"),
        ('ALTER TABLE "t" ALTER COLUMN "a" DROP DEFAULT', "db_default"),
        ('CREATE INDEX "i" ON "t" ("a")', "AddIndexConcurrently"),
        ('CREATE UNIQUE INDEX "i" ON "t" ("a")', "AddIndexConcurrently"),
        ('ALTER TABLE "t" ADD CONSTRAINT "c" CHECK ("a" > 0)', "AddConstraintNotValid"),
        ('LOCK TABLE "t"', "holds the table"),
    ],
)
def test_statement__that_would_stop_the_version_before__is_refused(statement: str, words: str) -> None:
    (fault,) = faults([statement])
    assert words in fault


@pytest.mark.parametrize(
    "statement",
    [
        'ALTER TABLE "t" ADD COLUMN "a" integer NULL',
        'ALTER TABLE "t" ADD COLUMN "a" integer DEFAULT 0 NOT NULL',
        'CREATE INDEX CONCURRENTLY "i" ON "t" ("a")',
        'ALTER TABLE "t" ADD CONSTRAINT "c" CHECK ("a" > 0) NOT VALID',
        'ALTER TABLE "t" VALIDATE CONSTRAINT "c"',
        "COMMENT ON TABLE t IS 'DROP TABLE t'",
        "CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$ BEGIN DROP TABLE t; END $$",
    ],
)
def test_statement__that_nobody_notices__passes(statement: str) -> None:
    assert list(faults([statement])) == []


def test_statements__about_a_table_that_they_make__pass() -> None:
    made = 'CREATE TABLE "t" ("a" integer NOT NULL)'
    assert (
        list(faults([made, 'CREATE INDEX "i" ON "t" ("a")', 'ALTER TABLE "t" ADD CONSTRAINT "c" UNIQUE ("a")'])) == []
    )


def migration_of(operation: migrations.operations.base.Operation) -> tuple[migrations.Migration, MigrationLoader]:
    """As one more of the tenants' app."""
    loader = MigrationLoader(connections["default"])
    (leaf,) = loader.graph.leaf_nodes("tenants")
    found = type("Migration", (migrations.Migration,), {"operations": [operation], "dependencies": [leaf]})(
        "9999_more", "tenants"
    )
    loader.graph.add_node(("tenants", "9999_more"), found)
    loader.graph.add_dependency(found, ("tenants", "9999_more"), leaf)
    return found, loader


@pytest.mark.parametrize(
    ("operation", "words"),
    [
        (migrations.RemoveField("tenant", "name"), "drops a column"),
        (migrations.AddField("tenant", "size", models.IntegerField(default=0)), "db_default"),
        (migrations.AlterField("tenant", "name", models.TextField()), "rewrites the table"),
        (migrations.AddIndex("tenant", models.Index(fields=["name"], name="x")), "AddIndexConcurrently"),
        (migrations.RunPython(migrations.RunPython.noop), "ALLOWED"),
        (migrations.AddField("tenant", "size", models.IntegerField(db_default=0)), ""),
        (migrations.AddField("tenant", "size", models.IntegerField(null=True)), ""),
    ],
)
def test_migration__as_django_writes_it__is_judged_by_its_sql(
    operation: migrations.operations.base.Operation, words: str
) -> None:
    found = list(faults_of(*migration_of(operation)))
    assert bool(found) is bool(words)
    assert words in " ".join(found)


def test_baseline__of_each_app_with_migrations__is_named() -> None:
    loader = MigrationLoader(connections["default"])
    ours = {app for app, _ in loader.disk_migrations if app in ("tenants", "scoring", "models_app")}
    assert ours == set(BASELINE)
