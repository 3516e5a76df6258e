"""The check of a model is long work in a table of its own; what was known of each check goes there."""

import django.db.models.deletion
from django.db import migrations, models


_MOVED = """
INSERT INTO models_app_modelcheck
    (model_id, state, progress, log, error, attempt, created_at, started_at, alive_at, finished_at)
SELECT
    id,
    CASE
        WHEN state = 'checking' AND alive_at IS NULL THEN 'queued'
        WHEN state = 'checking' THEN 'running'
        WHEN checks -> -1 ->> 'name' = 'worker' THEN 'failed'
        ELSE 'succeeded'
    END,
    CASE WHEN state = 'checking' OR checks -> -1 ->> 'name' = 'worker' THEN 0 ELSE 1 END,
    '[]',
    CASE WHEN checks -> -1 ->> 'name' = 'worker' THEN reason ELSE '' END,
    attempt,
    created_at,
    NULL,
    alive_at,
    checked_at
FROM models_app_modelversion ORDER BY id
"""
_MOVED_BACK = """
UPDATE models_app_modelversion AS models SET attempt = checks.attempt, alive_at = checks.alive_at
FROM models_app_modelcheck AS checks WHERE checks.model_id = models.id
"""


class Migration(migrations.Migration):

    dependencies = [
        ('models_app', '0007_risk_label'),
    ]

    operations = [
        migrations.CreateModel(
            name='ModelCheck',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('queued', 'Queued'), ('running', 'Running'), ('succeeded', 'Succeeded'), ('failed', 'Failed'), ('cancelled', 'Cancelled')], default='queued', max_length=16)),
                ('progress', models.FloatField(default=0.0)),
                ('log', models.JSONField(default=list)),
                ('error', models.TextField(blank=True)),
                ('attempt', models.PositiveIntegerField(default=0)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('started_at', models.DateTimeField(blank=True, null=True)),
                ('alive_at', models.DateTimeField(blank=True, null=True)),
                ('finished_at', models.DateTimeField(blank=True, null=True)),
                ('model', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='model_check', to='models_app.modelversion')),
            ],
            options={
                'ordering': ['-id'],
                'abstract': False,
                'indexes': [models.Index(fields=['state', 'alive_at'], name='models_app__state_2ea711_idx')],
            },
        ),
        migrations.RunSQL(_MOVED, _MOVED_BACK),
        migrations.RemoveField(
            model_name='modelversion',
            name='alive_at',
        ),
        migrations.RemoveField(
            model_name='modelversion',
            name='attempt',
        ),
    ]
