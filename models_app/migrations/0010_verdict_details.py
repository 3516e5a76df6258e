"""A verdict as a value beside its sentence; that of evidence which is there already is read from what it found."""

import msgspec
from django.db import migrations, models

from models_app.statistics.evidence import stored


def fill(apps, schema_editor):
    all_rows = apps.get_model("models_app", "Evidence").objects.using(schema_editor.connection.alias)
    rows = all_rows.filter(state="succeeded", verdict_details__isnull=True)
    for pk, state, result in rows.values_list("pk", "verdict", "result").iterator(chunk_size=20):
        verdict = _read(result)
        if verdict is not None and verdict.state == state:  # else its sentence alone says it, as before
            all_rows.filter(pk=pk).update(verdict_details=stored.plain(verdict))


def _read(result):
    """What reads former versions' evidence is kept for good, so it is taken as it is."""
    try:
        return stored.read(result).verdict
    except (msgspec.MsgspecError, LookupError, TypeError, AttributeError):
        return None


class Migration(migrations.Migration):

    dependencies = [("models_app", "0009_audit_subjects")]

    operations = [
        migrations.AddField("evidence", "verdict_details", models.JSONField(blank=True, null=True)),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
