"""Which events change sides, kept beside the evidence that has found them."""

import django.db.models.deletion
from django.db import migrations, models

from tenants.row_security import protect


class Migration(migrations.Migration):

    dependencies = [
        ('models_app', '0020_recall_tolerance'),
        ('tenants', '0009_audit_chain'),
    ]

    operations = [
        migrations.CreateModel(
            name='DecisionChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('intent', models.CharField(max_length=63)),
                ('threshold', models.TextField()),
                ('side', models.CharField(choices=[('new alert', 'new alert'), ('dropped alert', 'dropped alert')], max_length=16)),
                ('event_id', models.TextField()),
                ('occurred_at', models.DateTimeField()),
                ('score_before', models.FloatField()),
                ('score_after', models.FloatField()),
                ('move', models.FloatField()),
                ('amount', models.FloatField(blank=True, null=True)),
                ('context', models.JSONField(default=dict)),
                ('label', models.SmallIntegerField(blank=True, null=True)),
                ('evidence', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='decision_changes', to='models_app.evidence')),
                ('tenant', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='decision_changes', to='tenants.tenant')),
            ],
            options={
                'ordering': ['-move', 'pk'],
                'indexes': [models.Index(fields=['occurred_at'], name='models_app__occurre_62ba1b_idx')],
            },
        ),
        protect("models_app_decisionchange"),
    ]
