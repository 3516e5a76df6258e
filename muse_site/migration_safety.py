"""Which migrations cannot run while the version before them still serves: read from the SQL that they are.

A deploy migrates first, and then replaces processes one after the other. So until the last of the old ones has ended,
what they read must be there, what they write must be taken, and no statement may hold a table for long.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

from django.db import connections
from django.db.migrations import Migration
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations import RunPython
from django.db.migrations.operations.base import Operation

# The last of each app from before this was asked of them: those up to here are as they are.
BASELINE = {"tenants": "0014", "scoring": "0009", "models_app": "0022"}
# What is allowed all the same, by migration, and why it does no harm.
ALLOWED: dict[str, str] = {}

TWO_STEPS = "first a version that does without, then the migration of the next"
RULES = (
    (r"\bDROP COLUMN\b", f"drops a column that the version before reads: {TWO_STEPS}"),
    (r"\bDROP TABLE\b", f"drops a table that the version before reads: {TWO_STEPS}"),
    (r"\bRENAME\b", "renames what the version before knows by its name: add the new one, copy, drop the old one later"),
    (r"\bALTER COLUMN \S+ TYPE\b", "rewrites the table under a lock: add a column, copy, and drop the old one later"),
    (
        r"\bSET NOT NULL\b",
        "reads the table under a lock, and the version before may leave it out: a check NOT VALID",
    ),
    (
        r"\bADD COLUMN \S+ (?!.*\bDEFAULT\b).*\bNOT NULL\b",
        "the version before leaves the column out: give it a db_default",
    ),
    (r"\bDROP DEFAULT\b", "the version before leaves the column out: give it a db_default, which stays"),
    (r"\bCREATE (UNIQUE )?INDEX (?!CONCURRENTLY)", "holds up writers: AddIndexConcurrently"),
    (
        r"\bADD CONSTRAINT (?!.*\bNOT VALID\b)",
        "reads the table under a lock: AddConstraintNotValid, later ValidateConstraint",
    ),
    (r"\bLOCK TABLE\b|\bTRUNCATE\b|\bVACUUM FULL\b|\bCLUSTER\b", "holds the table"),
)
_TABLE = re.compile(r'(?:\bON|\bTABLE(?: ONLY)?) "?(\w+)"?')
_CREATED = re.compile(r'\bCREATE TABLE "?(\w+)"?')
_TEXT = re.compile(r"\$(\w*)\$.*?\$\1\$|'(?:[^']|'')*'", re.DOTALL)


def unsafe() -> list[str]:
    """Each statement of a migration beyond the baseline that is not safe, and why."""
    loader = MigrationLoader(connections["default"])
    found = []
    for (app, name), migration in sorted(loader.disk_migrations.items()):
        if app in BASELINE and name[:4] > BASELINE[app] and f"{app}.{name}" not in ALLOWED:
            found += [f"{app}.{name}: {fault}" for fault in faults_of(migration, loader)]
    return found


def faults_of(migration: Migration, loader: MigrationLoader) -> Iterator[str]:
    """What is wrong with a migration's SQL, and with code in it that nobody can read from here."""
    for operation in _all(migration.operations):
        if isinstance(operation, RunPython):
            yield "runs code over rows, for who knows how long: say in ALLOWED why that does no harm"
    with connections["default"].schema_editor(collect_sql=True, atomic=False) as editor:
        state = loader.project_state((migration.app_label, migration.name), at_end=False)
        migration.apply(state, editor, collect_sql=True)
    yield from faults(editor.collected_sql)


def faults(statements: Sequence[str]) -> Iterator[str]:
    """What is wrong with statements that run in this order. Tables that they make themselves are nobody's yet."""
    plain = [_TEXT.sub("''", statement) for statement in statements if not statement.startswith("--")]
    made = {name for statement in plain for name in _CREATED.findall(statement)}
    for statement in plain:
        tables = set(_TABLE.findall(statement))
        if not tables or tables - made:
            yield from (f"{why} ({_short(statement)})" for rule, why in RULES if re.search(rule, statement))


def _all(operations: Iterable[Operation]) -> Iterator[Operation]:
    for operation in operations:
        yield operation
        yield from _all(getattr(operation, "database_operations", ()))


def _short(statement: str) -> str:
    line = " ".join(statement.split())
    return line if len(line) <= 100 else f"{line[:99]}…"
