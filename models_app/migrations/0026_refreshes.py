"""Refreshes of transforms, and how often they are due."""

import django.core.validators
import django.db.models.deletion
import pghistory.utils
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

from tenants.row_security import append_only, protect


class Migration(migrations.Migration):

    dependencies = [
        ('models_app', '0025_quiet_hours'),
        ('tenants', '0015_intent_fallbacks'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Refresh',
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
                ('due', models.DateTimeField()),
                ('outcome', models.CharField(blank=True, choices=[('waits', 'Waits'), ('draft', 'Draft'), ('held back', 'Held Back')], max_length=16)),
                ('refused', models.JSONField(default=list)),
                ('change_request', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='refresh', to='models_app.changerequest')),
                ('tenant', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='refreshes', to='tenants.tenant')),
            ],
            options={
                'verbose_name_plural': 'refreshes',
                'ordering': ['-due', '-id'],
                'abstract': False,
            },
        ),
        migrations.AddField(
            model_name='fit',
            name='refresh',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, db_index=False, related_name='fits', to='models_app.refresh'),
        ),
        migrations.CreateModel(
            name='RefreshPolicy',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('schedule', models.CharField(choices=[('hourly', 'Hourly'), ('daily', 'Daily'), ('weekly', 'Weekly'), ('monthly', 'Monthly')], default='daily', max_length=16)),
                ('window_days', models.FloatField(default=28.0, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(366)])),
                ('half_life_days', models.FloatField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(0.1), django.core.validators.MaxValueValidator(3660)])),
                ('enabled', models.BooleanField(default=True)),
                ('since', models.DateTimeField()),
                ('intent', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='refresh_policy', to='tenants.intent')),
                ('set_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('tenant', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='refresh_policies', to='tenants.tenant')),
            ],
            options={
                'verbose_name_plural': 'refresh policies',
                'ordering': ['id'],
            },
        ),
        migrations.AddField(
            model_name='refresh',
            name='policy',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='refreshes', to='models_app.refreshpolicy'),
        ),
        migrations.CreateModel(
            name='RefreshPolicyHistory',
            fields=[
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_id', models.BigAutoField(primary_key=True, serialize=False)),
                ('pgh_context', pghistory.utils.JSONField(null=True)),
                ('pgh_context_id', models.UUIDField(db_index=True, null=True)),
                ('id', models.BigIntegerField()),
                ('schedule', models.CharField(choices=[('hourly', 'Hourly'), ('daily', 'Daily'), ('weekly', 'Weekly'), ('monthly', 'Monthly')], default='daily', max_length=16)),
                ('window_days', models.FloatField(default=28.0, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(366)])),
                ('half_life_days', models.FloatField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(0.1), django.core.validators.MaxValueValidator(3660)])),
                ('enabled', models.BooleanField(default=True)),
                ('since', models.DateTimeField()),
                ('intent', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='tenants.intent')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history', to='models_app.refreshpolicy')),
                ('set_by', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                ('tenant', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='tenants.tenant')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.AddConstraint(
            model_name='refreshpolicy',
            constraint=models.CheckConstraint(condition=models.Q(('schedule__in', ['hourly', 'daily', 'weekly', 'monthly'])), name='refresh_schedule_is_known'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='refreshpolicy',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "models_app_refreshpolicyhistory" ("enabled", "half_life_days", "id", "intent_id", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "schedule", "set_by_id", "since", "tenant_id", "window_days") VALUES (NEW."enabled", NEW."half_life_days", NEW."id", NEW."intent_id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'insert\', NEW."id", NEW."schedule", NEW."set_by_id", NEW."since", NEW."tenant_id", NEW."window_days"); RETURN NULL;', hash='de25b81653c1f49823eb186aad5ae26a0044bd71', operation='INSERT', pgid='pgtrigger_insert_insert_d9bbb', table='models_app_refreshpolicy', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='refreshpolicy',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "models_app_refreshpolicyhistory" ("enabled", "half_life_days", "id", "intent_id", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "schedule", "set_by_id", "since", "tenant_id", "window_days") VALUES (NEW."enabled", NEW."half_life_days", NEW."id", NEW."intent_id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'update\', NEW."id", NEW."schedule", NEW."set_by_id", NEW."since", NEW."tenant_id", NEW."window_days"); RETURN NULL;', hash='6c3ec65eb0a8ffe59d2337beb6f5272033fbb931', operation='UPDATE', pgid='pgtrigger_update_update_b289f', table='models_app_refreshpolicy', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='refreshpolicy',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "models_app_refreshpolicyhistory" ("enabled", "half_life_days", "id", "intent_id", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "schedule", "set_by_id", "since", "tenant_id", "window_days") VALUES (OLD."enabled", OLD."half_life_days", OLD."id", OLD."intent_id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'delete\', OLD."id", OLD."schedule", OLD."set_by_id", OLD."since", OLD."tenant_id", OLD."window_days"); RETURN NULL;', hash='afa5811cbf947fa9f5d25774f68cc18b23a062d0', operation='DELETE', pgid='pgtrigger_delete_delete_932e8', table='models_app_refreshpolicy', when='AFTER')),
        ),
        migrations.AddIndex(
            model_name='refresh',
            index=models.Index(fields=['state', 'alive_at'], name='models_app__state_04d735_idx'),
        ),
        migrations.AddConstraint(
            model_name='refresh',
            constraint=models.UniqueConstraint(fields=('policy', 'due'), name='one_refresh_at_a_time_when_it_is_due'),
        ),
        migrations.AddConstraint(
            model_name='refresh',
            constraint=models.CheckConstraint(condition=models.Q(('outcome__in', ['', 'held back']), ('change_request__isnull', False), _connector='OR'), name='a_refresh_that_proposes_has_a_change_request'),
        ),
        protect("models_app_refreshpolicy"),
        protect("models_app_refreshpolicyhistory"),
        append_only("models_app_refreshpolicyhistory"),
        protect("models_app_refresh"),
    ]
