"""Changes of what decides what passes: what was asked for stays as it is, and its decision is added once."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from tenants.row_security import append_only, protect


class Migration(migrations.Migration):

    dependencies = [
        ('models_app', '0016_risk_rose'),
        ('tenants', '0008_how_evidence_judges'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='PolicyChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('kind', models.CharField(choices=[('review policy', 'Policy'), ('evidence settings', 'Judgement'), ('role', 'Role')], max_length=32)),
                ('subject', models.CharField(blank=True, max_length=254)),
                ('before', models.JSONField()),
                ('after', models.JSONField()),
                ('reason', models.TextField()),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('state', models.CharField(choices=[('open', 'Open'), ('approved', 'Approved'), ('rejected', 'Rejected'), ('withdrawn', 'Withdrawn')], default='open', max_length=16)),
                ('decided_at', models.DateTimeField(blank=True, null=True)),
                ('answer', models.TextField(blank=True)),
                ('author', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('decided_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('tenant', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='policy_changes', to='tenants.tenant')),
            ],
            options={
                'ordering': ['-id'],
                'constraints': [models.UniqueConstraint(fields=('tenant', 'number'), name='one_policy_change_of_a_number', nulls_distinct=False), models.CheckConstraint(condition=models.Q(('kind__in', ['review policy', 'evidence settings', 'role'])), name='policy_change_kind_is_known'), models.CheckConstraint(condition=models.Q(models.Q(('decided_at__isnull', True), ('decided_by__isnull', True), ('state', 'open')), models.Q(('decided_at__isnull', False), ('decided_by__isnull', False), ('state__in', ['approved', 'rejected', 'withdrawn'])), _connector='OR'), name='policy_change_is_decided_by_somebody')],
            },
        ),
        protect("models_app_policychange"),
        append_only("models_app_policychange", "state", "decided_by_id", "decided_at", "answer"),
    ]
