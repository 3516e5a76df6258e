"""Incidents, and the monitors that find them."""

import django.db.models.deletion
import pghistory.utils
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

from tenants.row_security import append_only, protect


class Migration(migrations.Migration):

    dependencies = [
        ('models_app', '0021_decision_changes'),
        ('tenants', '0012_segment_features'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Incident',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('scale', 'Scale'), ('risk', 'Risk'), ('data fault', 'Data Fault'), ('client changed', 'Client Changed')], max_length=16)),
                ('state', models.CharField(choices=[('open', 'Open'), ('acknowledged', 'Acknowledged'), ('closed', 'Closed')], default='open', max_length=16)),
                ('subject', models.TextField(blank=True)),
                ('since', models.DateTimeField()),
                ('opened_at', models.DateTimeField(auto_now_add=True)),
                ('seen_at', models.DateTimeField()),
                ('closed_at', models.DateTimeField(blank=True, null=True)),
                ('a_year', models.FloatField()),
                ('signals', models.JSONField(default=list)),
                ('note', models.TextField(blank=True)),
                ('is_usual', models.BooleanField(default=False)),
                ('acknowledged_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('closed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('intent', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='incidents', to='tenants.intent')),
                ('tenant', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='incidents', to='tenants.tenant')),
            ],
            options={
                'ordering': ['-opened_at', '-id'],
            },
        ),
        migrations.CreateModel(
            name='IncidentHistory',
            fields=[
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_id', models.BigAutoField(primary_key=True, serialize=False)),
                ('pgh_context', pghistory.utils.JSONField(null=True)),
                ('pgh_context_id', models.UUIDField(db_index=True, null=True)),
                ('id', models.BigIntegerField()),
                ('kind', models.CharField(choices=[('scale', 'Scale'), ('risk', 'Risk'), ('data fault', 'Data Fault'), ('client changed', 'Client Changed')], max_length=16)),
                ('state', models.CharField(choices=[('open', 'Open'), ('acknowledged', 'Acknowledged'), ('closed', 'Closed')], default='open', max_length=16)),
                ('subject', models.TextField(blank=True)),
                ('since', models.DateTimeField()),
                ('opened_at', models.DateTimeField(auto_now_add=True)),
                ('closed_at', models.DateTimeField(blank=True, null=True)),
                ('note', models.TextField(blank=True)),
                ('is_usual', models.BooleanField(default=False)),
                ('acknowledged_by', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                ('closed_by', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                ('intent', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='tenants.intent')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history', to='models_app.incident')),
                ('tenant', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='tenants.tenant')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Look',
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
                ('until', models.DateTimeField()),
                ('intent', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='looks', to='tenants.intent')),
                ('tenant', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenants.tenant')),
            ],
            options={
                'ordering': ['-until', '-id'],
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Monitor',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('looked_at', models.DateTimeField()),
                ('known', models.JSONField(default=dict)),
                ('watches', models.JSONField(default=dict)),
                ('signals', models.JSONField(default=list)),
                ('a_year', models.FloatField(blank=True, null=True)),
                ('intent', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='monitor', to='tenants.intent')),
                ('tenant', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenants.tenant')),
            ],
            options={
                'ordering': ['a_year', 'id'],
            },
        ),
        migrations.AddConstraint(
            model_name='incident',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'closed'), _negated=True), fields=('intent', 'kind'), name='one_incident_of_a_kind_goes_on'),
        ),
        migrations.AddConstraint(
            model_name='incident',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('closed_at__isnull', False), ('state', 'closed')), models.Q(models.Q(('state', 'closed'), _negated=True), ('closed_at__isnull', True)), _connector='OR'), name='an_incident_is_closed_when_it_says_when'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='incident',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "models_app_incidenthistory" ("acknowledged_by_id", "closed_at", "closed_by_id", "id", "intent_id", "is_usual", "kind", "note", "opened_at", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "since", "state", "subject", "tenant_id") VALUES (NEW."acknowledged_by_id", NEW."closed_at", NEW."closed_by_id", NEW."id", NEW."intent_id", NEW."is_usual", NEW."kind", NEW."note", NEW."opened_at", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'insert\', NEW."id", NEW."since", NEW."state", NEW."subject", NEW."tenant_id"); RETURN NULL;', hash='93e5fbb0ef95866f4b8a025659639663d908af63', operation='INSERT', pgid='pgtrigger_insert_insert_65ed4', table='models_app_incident', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='incident',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."acknowledged_by_id" IS DISTINCT FROM (NEW."acknowledged_by_id") OR OLD."closed_at" IS DISTINCT FROM (NEW."closed_at") OR OLD."closed_by_id" IS DISTINCT FROM (NEW."closed_by_id") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."intent_id" IS DISTINCT FROM (NEW."intent_id") OR OLD."is_usual" IS DISTINCT FROM (NEW."is_usual") OR OLD."kind" IS DISTINCT FROM (NEW."kind") OR OLD."note" IS DISTINCT FROM (NEW."note") OR OLD."opened_at" IS DISTINCT FROM (NEW."opened_at") OR OLD."since" IS DISTINCT FROM (NEW."since") OR OLD."state" IS DISTINCT FROM (NEW."state") OR OLD."subject" IS DISTINCT FROM (NEW."subject") OR OLD."tenant_id" IS DISTINCT FROM (NEW."tenant_id"))', func='INSERT INTO "models_app_incidenthistory" ("acknowledged_by_id", "closed_at", "closed_by_id", "id", "intent_id", "is_usual", "kind", "note", "opened_at", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "since", "state", "subject", "tenant_id") VALUES (NEW."acknowledged_by_id", NEW."closed_at", NEW."closed_by_id", NEW."id", NEW."intent_id", NEW."is_usual", NEW."kind", NEW."note", NEW."opened_at", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'update\', NEW."id", NEW."since", NEW."state", NEW."subject", NEW."tenant_id"); RETURN NULL;', hash='8ec8f2358f144ccb0bcfbe19e25e8720977501dd', operation='UPDATE', pgid='pgtrigger_update_update_5d647', table='models_app_incident', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='incident',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "models_app_incidenthistory" ("acknowledged_by_id", "closed_at", "closed_by_id", "id", "intent_id", "is_usual", "kind", "note", "opened_at", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "since", "state", "subject", "tenant_id") VALUES (OLD."acknowledged_by_id", OLD."closed_at", OLD."closed_by_id", OLD."id", OLD."intent_id", OLD."is_usual", OLD."kind", OLD."note", OLD."opened_at", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'delete\', OLD."id", OLD."since", OLD."state", OLD."subject", OLD."tenant_id"); RETURN NULL;', hash='89823d6f8ca030b0461fa7288525ace28bc0c66d', operation='DELETE', pgid='pgtrigger_delete_delete_5a521', table='models_app_incident', when='AFTER')),
        ),
        migrations.AddIndex(
            model_name='look',
            index=models.Index(fields=['state', 'alive_at'], name='models_app__state_ae094f_idx'),
        ),
        migrations.AddConstraint(
            model_name='look',
            constraint=models.UniqueConstraint(fields=('intent', 'until'), name='one_look_after_an_hour'),
        ),
        protect("models_app_incident"),
        protect("models_app_incidenthistory"),
        append_only("models_app_incidenthistory"),
        protect("models_app_monitor"),
        protect("models_app_look"),
    ]
