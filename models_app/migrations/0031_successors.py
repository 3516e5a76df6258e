"""Successor policies, and the trials of shadows."""

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
        ('models_app', '0030_library'),
        ('tenants', '0016_quiet_hours'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='SuccessorPolicy',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('trial_days', models.FloatField(default=28.0, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(366)])),
                ('enabled', models.BooleanField(default=True)),
                ('since', models.DateTimeField()),
                ('intent', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='successor_policy', to='tenants.intent')),
                ('set_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('tenant', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenants.tenant')),
            ],
            options={
                'verbose_name_plural': 'successor policies',
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='SuccessorPolicyHistory',
            fields=[
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_id', models.BigAutoField(primary_key=True, serialize=False)),
                ('pgh_context', pghistory.utils.JSONField(null=True)),
                ('pgh_context_id', models.UUIDField(db_index=True, null=True)),
                ('id', models.BigIntegerField()),
                ('trial_days', models.FloatField(default=28.0, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(366)])),
                ('enabled', models.BooleanField(default=True)),
                ('since', models.DateTimeField()),
                ('intent', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='tenants.intent')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history', to='models_app.successorpolicy')),
                ('set_by', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                ('tenant', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='tenants.tenant')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Trial',
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
                ('begin', models.DateTimeField()),
                ('end', models.DateTimeField()),
                ('due', models.DateTimeField()),
                ('found', models.JSONField(default=dict)),
                ('outcome', models.CharField(blank=True, choices=[('waits', 'Waits'), ('draft', 'Draft'), ('not better', 'Not Better'), ('too few labels', 'Too Few')], max_length=16)),
                ('against', models.JSONField(default=list)),
                ('fits', models.JSONField(default=dict)),
                ('change_request', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='trial', to='models_app.changerequest')),
                ('live', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='models_app.predictorversion')),
                ('policy', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='trials', to='models_app.successorpolicy')),
                ('shadow', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='models_app.predictorversion')),
                ('tenant', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenants.tenant')),
            ],
            options={
                'ordering': ['-end', '-id'],
                'abstract': False,
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='successorpolicy',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "models_app_successorpolicyhistory" ("enabled", "id", "intent_id", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "set_by_id", "since", "tenant_id", "trial_days") VALUES (NEW."enabled", NEW."id", NEW."intent_id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'insert\', NEW."id", NEW."set_by_id", NEW."since", NEW."tenant_id", NEW."trial_days"); RETURN NULL;', hash='0ebd9a457af3a6689e6bc23bb8e11a6af6804506', operation='INSERT', pgid='pgtrigger_insert_insert_b6ded', table='models_app_successorpolicy', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='successorpolicy',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "models_app_successorpolicyhistory" ("enabled", "id", "intent_id", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "set_by_id", "since", "tenant_id", "trial_days") VALUES (NEW."enabled", NEW."id", NEW."intent_id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'update\', NEW."id", NEW."set_by_id", NEW."since", NEW."tenant_id", NEW."trial_days"); RETURN NULL;', hash='a81d6a6538e06222d55ecff0b1bba1a6e7fbcfcc', operation='UPDATE', pgid='pgtrigger_update_update_40163', table='models_app_successorpolicy', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='successorpolicy',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "models_app_successorpolicyhistory" ("enabled", "id", "intent_id", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "set_by_id", "since", "tenant_id", "trial_days") VALUES (OLD."enabled", OLD."id", OLD."intent_id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'delete\', OLD."id", OLD."set_by_id", OLD."since", OLD."tenant_id", OLD."trial_days"); RETURN NULL;', hash='fecdc7188bd2f634f169f7d7df00b98c0cb40ddd', operation='DELETE', pgid='pgtrigger_delete_delete_a13f7', table='models_app_successorpolicy', when='AFTER')),
        ),
        migrations.AddIndex(
            model_name='trial',
            index=models.Index(fields=['state', 'alive_at'], name='models_app__state_817980_idx'),
        ),
        migrations.AddConstraint(
            model_name='trial',
            constraint=models.UniqueConstraint(fields=('policy', 'shadow', 'begin'), name='one_trial_of_a_shadow_at_a_time'),
        ),
        migrations.AddConstraint(
            model_name='trial',
            constraint=models.CheckConstraint(condition=models.Q(('outcome__in', ['', 'not better', 'too few labels']), ('change_request__isnull', False), _connector='OR'), name='a_trial_that_proposes_has_a_change_request'),
        ),
        protect("models_app_successorpolicy"),
        protect("models_app_successorpolicyhistory"),
        append_only("models_app_successorpolicyhistory"),
        protect("models_app_trial"),
    ]
