"""Chain entries anew where they were chained before migrations of models_app had filled in what they are about.

It happened to installations that took both in one upgrade. Their chains were broken from the first entry on, by the
product itself; those of others are left alone.
"""

import importlib

from django.db import migrations

CHAIN_WHAT_IS_THERE = importlib.import_module("tenants.migrations.0009_audit_chain").CHAIN_WHAT_IS_THERE
TOO_EARLY = """
SELECT EXISTS (
  SELECT FROM django_migrations AS chained, django_migrations AS filled, tenants_auditentry AS entry
  WHERE chained.app = 'tenants' AND chained.name = '0009_audit_chain'
    AND filled.app = 'models_app' AND filled.name IN ('0009_audit_subjects', '0011_replacements')
    AND chained.applied < filled.applied AND entry.at < chained.applied
)
"""


def chain_again(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(TOO_EARLY)
        if cursor.fetchone()[0]:
            cursor.execute(CHAIN_WHAT_IS_THERE)
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


class Migration(migrations.Migration):
    dependencies = [("tenants", "0009_audit_chain")]

    operations = [migrations.RunPython(chain_again, migrations.RunPython.noop)]
