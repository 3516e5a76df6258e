"""Standing approvals, on which refreshes go live by themselves."""

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
        ('models_app', '0026_refreshes'),
        ('tenants', '0015_intent_fallbacks'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='BoundsApproval',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('digest', models.CharField(max_length=64)),
                ('text', models.TextField(blank=True)),
                ('at', models.DateTimeField(auto_now_add=True)),
            ],
            options={
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='BoundsApprovalHistory',
            fields=[
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_id', models.BigAutoField(primary_key=True, serialize=False)),
                ('pgh_context', pghistory.utils.JSONField(null=True)),
                ('pgh_context_id', models.UUIDField(db_index=True, null=True)),
                ('id', models.BigIntegerField()),
                ('digest', models.CharField(max_length=64)),
                ('text', models.TextField(blank=True)),
                ('at', models.DateTimeField(auto_now_add=True)),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='StandingApproval',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('rate_tolerance', models.FloatField(validators=[django.core.validators.MinValueValidator(0.001), django.core.validators.MaxValueValidator(0.5)])),
                ('mapping_tolerance', models.FloatField(validators=[django.core.validators.MinValueValidator(0.001), django.core.validators.MaxValueValidator(0.5)])),
                ('until', models.DateTimeField()),
                ('reason', models.TextField()),
                ('revision', models.PositiveIntegerField(default=1)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('state', models.CharField(choices=[('open', 'Open'), ('revoked', 'Revoked')], default='open', max_length=16)),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('ended_because', models.TextField(blank=True)),
            ],
            options={
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='StandingApprovalHistory',
            fields=[
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_id', models.BigAutoField(primary_key=True, serialize=False)),
                ('pgh_context', pghistory.utils.JSONField(null=True)),
                ('pgh_context_id', models.UUIDField(db_index=True, null=True)),
                ('id', models.BigIntegerField()),
                ('number', models.PositiveIntegerField()),
                ('rate_tolerance', models.FloatField(validators=[django.core.validators.MinValueValidator(0.001), django.core.validators.MaxValueValidator(0.5)])),
                ('mapping_tolerance', models.FloatField(validators=[django.core.validators.MinValueValidator(0.001), django.core.validators.MaxValueValidator(0.5)])),
                ('until', models.DateTimeField()),
                ('reason', models.TextField()),
                ('revision', models.PositiveIntegerField(default=1)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('state', models.CharField(choices=[('open', 'Open'), ('revoked', 'Revoked')], default='open', max_length=16)),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('ended_because', models.TextField(blank=True)),
            ],
            options={
                'abstract': False,
            },
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='changerequest',
            name='insert_insert',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='changerequest',
            name='update_update',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='changerequest',
            name='delete_delete',
        ),
        migrations.AlterField(
            model_name='refresh',
            name='outcome',
            field=models.CharField(blank=True, choices=[('waits', 'Waits'), ('draft', 'Draft'), ('live', 'Live'), ('taken back', 'Taken Back'), ('held back', 'Held Back')], max_length=16),
        ),
        migrations.AddField(
            model_name='boundsapproval',
            name='person',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='boundsapproval',
            name='tenant',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenants.tenant'),
        ),
        migrations.AddField(
            model_name='boundsapprovalhistory',
            name='person',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='boundsapprovalhistory',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history', to='models_app.boundsapproval'),
        ),
        migrations.AddField(
            model_name='boundsapprovalhistory',
            name='tenant',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='tenants.tenant'),
        ),
        migrations.AddField(
            model_name='standingapproval',
            name='author',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='standingapproval',
            name='edited_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='standingapproval',
            name='ended_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='standingapproval',
            name='intent',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='standing_approvals', to='tenants.intent'),
        ),
        migrations.AddField(
            model_name='standingapproval',
            name='predictor',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='models_app.predictorversion'),
        ),
        migrations.AddField(
            model_name='standingapproval',
            name='reference',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='models_app.referencedistribution'),
        ),
        migrations.AddField(
            model_name='standingapproval',
            name='tenant',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='standing_approvals', to='tenants.tenant'),
        ),
        migrations.AddField(
            model_name='boundsapprovalhistory',
            name='standing_approval',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='models_app.standingapproval'),
        ),
        migrations.AddField(
            model_name='boundsapproval',
            name='standing_approval',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='approvals', to='models_app.standingapproval'),
        ),
        migrations.AddField(
            model_name='changerequest',
            name='standing_approval',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, db_index=False, related_name='change_requests', to='models_app.standingapproval'),
        ),
        # Without the index that Django would give it, which nothing asks for and which would hold up writers.
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.AddField(
                    model_name='changerequesthistory',
                    name='standing_approval',
                    field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, db_index=False, related_name='+', related_query_name='+', to='models_app.standingapproval'),
                ),
            ],
            state_operations=[
                migrations.AddField(
                    model_name='changerequesthistory',
                    name='standing_approval',
                    field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='models_app.standingapproval'),
                ),
            ],
        ),
        migrations.AddField(
            model_name='standingapprovalhistory',
            name='author',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='standingapprovalhistory',
            name='edited_by',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='standingapprovalhistory',
            name='ended_by',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='standingapprovalhistory',
            name='intent',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='tenants.intent'),
        ),
        migrations.AddField(
            model_name='standingapprovalhistory',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history', to='models_app.standingapproval'),
        ),
        migrations.AddField(
            model_name='standingapprovalhistory',
            name='predictor',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='models_app.predictorversion'),
        ),
        migrations.AddField(
            model_name='standingapprovalhistory',
            name='reference',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='models_app.referencedistribution'),
        ),
        migrations.AddField(
            model_name='standingapprovalhistory',
            name='tenant',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='tenants.tenant'),
        ),
        migrations.AddConstraint(
            model_name='standingapproval',
            constraint=models.UniqueConstraint(fields=('tenant', 'number'), name='one_standing_approval_of_a_number'),
        ),
        migrations.AddConstraint(
            model_name='standingapproval',
            constraint=models.CheckConstraint(condition=models.Q(('mapping_tolerance__gt', 0), ('mapping_tolerance__lte', 0.5), ('rate_tolerance__gt', 0), ('rate_tolerance__lte', 0.5)), name='standing_approval_bounds_are_shares'),
        ),
        migrations.AddConstraint(
            model_name='standingapproval',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('ended_at__isnull', True), ('state', 'open')), models.Q(('ended_at__isnull', False), ('state', 'revoked')), _connector='OR'), name='standing_approval_says_when_it_ended'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='standingapproval',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "models_app_standingapprovalhistory" ("author_id", "created_at", "edited_by_id", "ended_at", "ended_because", "ended_by_id", "id", "intent_id", "mapping_tolerance", "number", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "predictor_id", "rate_tolerance", "reason", "reference_id", "revision", "state", "tenant_id", "until") VALUES (NEW."author_id", NEW."created_at", NEW."edited_by_id", NEW."ended_at", NEW."ended_because", NEW."ended_by_id", NEW."id", NEW."intent_id", NEW."mapping_tolerance", NEW."number", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'insert\', NEW."id", NEW."predictor_id", NEW."rate_tolerance", NEW."reason", NEW."reference_id", NEW."revision", NEW."state", NEW."tenant_id", NEW."until"); RETURN NULL;', hash='55c424238e6ce0b467e01bdd9861e6ec2a414f77', operation='INSERT', pgid='pgtrigger_insert_insert_aee48', table='models_app_standingapproval', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='standingapproval',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "models_app_standingapprovalhistory" ("author_id", "created_at", "edited_by_id", "ended_at", "ended_because", "ended_by_id", "id", "intent_id", "mapping_tolerance", "number", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "predictor_id", "rate_tolerance", "reason", "reference_id", "revision", "state", "tenant_id", "until") VALUES (NEW."author_id", NEW."created_at", NEW."edited_by_id", NEW."ended_at", NEW."ended_because", NEW."ended_by_id", NEW."id", NEW."intent_id", NEW."mapping_tolerance", NEW."number", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'update\', NEW."id", NEW."predictor_id", NEW."rate_tolerance", NEW."reason", NEW."reference_id", NEW."revision", NEW."state", NEW."tenant_id", NEW."until"); RETURN NULL;', hash='2b5b44cc6367d6fcfb76d41bf71d4e9e6b0b7364', operation='UPDATE', pgid='pgtrigger_update_update_2efe3', table='models_app_standingapproval', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='standingapproval',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "models_app_standingapprovalhistory" ("author_id", "created_at", "edited_by_id", "ended_at", "ended_because", "ended_by_id", "id", "intent_id", "mapping_tolerance", "number", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "predictor_id", "rate_tolerance", "reason", "reference_id", "revision", "state", "tenant_id", "until") VALUES (OLD."author_id", OLD."created_at", OLD."edited_by_id", OLD."ended_at", OLD."ended_because", OLD."ended_by_id", OLD."id", OLD."intent_id", OLD."mapping_tolerance", OLD."number", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'delete\', OLD."id", OLD."predictor_id", OLD."rate_tolerance", OLD."reason", OLD."reference_id", OLD."revision", OLD."state", OLD."tenant_id", OLD."until"); RETURN NULL;', hash='2d7a097d60f7583f294583efa1e5a80f1aff6db6', operation='DELETE', pgid='pgtrigger_delete_delete_8df4f', table='models_app_standingapproval', when='AFTER')),
        ),
        migrations.AddConstraint(
            model_name='boundsapproval',
            constraint=models.UniqueConstraint(fields=('standing_approval', 'person', 'digest'), name='one_approval_of_bounds_of_a_person'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='boundsapproval',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "models_app_boundsapprovalhistory" ("at", "digest", "id", "person_id", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "standing_approval_id", "tenant_id", "text") VALUES (NEW."at", NEW."digest", NEW."id", NEW."person_id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'insert\', NEW."id", NEW."standing_approval_id", NEW."tenant_id", NEW."text"); RETURN NULL;', hash='1fea40657ac31fce2dee049b240b041d2cc7ac94', operation='INSERT', pgid='pgtrigger_insert_insert_42a1b', table='models_app_boundsapproval', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='boundsapproval',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "models_app_boundsapprovalhistory" ("at", "digest", "id", "person_id", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "standing_approval_id", "tenant_id", "text") VALUES (NEW."at", NEW."digest", NEW."id", NEW."person_id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'update\', NEW."id", NEW."standing_approval_id", NEW."tenant_id", NEW."text"); RETURN NULL;', hash='ddffe8cbe0496fa11ecc0bd16bf9bda5165c8343', operation='UPDATE', pgid='pgtrigger_update_update_b0ff5', table='models_app_boundsapproval', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='boundsapproval',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "models_app_boundsapprovalhistory" ("at", "digest", "id", "person_id", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "standing_approval_id", "tenant_id", "text") VALUES (OLD."at", OLD."digest", OLD."id", OLD."person_id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'delete\', OLD."id", OLD."standing_approval_id", OLD."tenant_id", OLD."text"); RETURN NULL;', hash='149cde96283a45e5ca130d5b3a52f9fb4d079119', operation='DELETE', pgid='pgtrigger_delete_delete_76fcc', table='models_app_boundsapproval', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='changerequest',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "models_app_changerequesthistory" ("author_id", "based_on_id", "created_at", "decided_at", "digest", "edited_by_id", "expires_at", "failure", "gate_reason", "id", "number", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "release_id", "republishes_id", "revision", "routes", "standing_approval_id", "state", "submitted_at", "tenant_id", "title") VALUES (NEW."author_id", NEW."based_on_id", NEW."created_at", NEW."decided_at", NEW."digest", NEW."edited_by_id", NEW."expires_at", NEW."failure", NEW."gate_reason", NEW."id", NEW."number", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'insert\', NEW."id", NEW."reason", NEW."release_id", NEW."republishes_id", NEW."revision", NEW."routes", NEW."standing_approval_id", NEW."state", NEW."submitted_at", NEW."tenant_id", NEW."title"); RETURN NULL;', hash='699a27e288db26dc49aecce6c870420bd83cf4b6', operation='INSERT', pgid='pgtrigger_insert_insert_0cea9', table='models_app_changerequest', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='changerequest',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."author_id" IS DISTINCT FROM (NEW."author_id") OR OLD."based_on_id" IS DISTINCT FROM (NEW."based_on_id") OR OLD."created_at" IS DISTINCT FROM (NEW."created_at") OR OLD."decided_at" IS DISTINCT FROM (NEW."decided_at") OR OLD."digest" IS DISTINCT FROM (NEW."digest") OR OLD."edited_by_id" IS DISTINCT FROM (NEW."edited_by_id") OR OLD."expires_at" IS DISTINCT FROM (NEW."expires_at") OR OLD."failure" IS DISTINCT FROM (NEW."failure") OR OLD."gate_reason" IS DISTINCT FROM (NEW."gate_reason") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."number" IS DISTINCT FROM (NEW."number") OR OLD."reason" IS DISTINCT FROM (NEW."reason") OR OLD."release_id" IS DISTINCT FROM (NEW."release_id") OR OLD."republishes_id" IS DISTINCT FROM (NEW."republishes_id") OR OLD."revision" IS DISTINCT FROM (NEW."revision") OR OLD."routes" IS DISTINCT FROM (NEW."routes") OR OLD."standing_approval_id" IS DISTINCT FROM (NEW."standing_approval_id") OR OLD."state" IS DISTINCT FROM (NEW."state") OR OLD."submitted_at" IS DISTINCT FROM (NEW."submitted_at") OR OLD."tenant_id" IS DISTINCT FROM (NEW."tenant_id") OR OLD."title" IS DISTINCT FROM (NEW."title"))', func='INSERT INTO "models_app_changerequesthistory" ("author_id", "based_on_id", "created_at", "decided_at", "digest", "edited_by_id", "expires_at", "failure", "gate_reason", "id", "number", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "release_id", "republishes_id", "revision", "routes", "standing_approval_id", "state", "submitted_at", "tenant_id", "title") VALUES (NEW."author_id", NEW."based_on_id", NEW."created_at", NEW."decided_at", NEW."digest", NEW."edited_by_id", NEW."expires_at", NEW."failure", NEW."gate_reason", NEW."id", NEW."number", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'update\', NEW."id", NEW."reason", NEW."release_id", NEW."republishes_id", NEW."revision", NEW."routes", NEW."standing_approval_id", NEW."state", NEW."submitted_at", NEW."tenant_id", NEW."title"); RETURN NULL;', hash='8580b3b412a43e9e899e84009a0887a9af01da80', operation='UPDATE', pgid='pgtrigger_update_update_a98b9', table='models_app_changerequest', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='changerequest',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "models_app_changerequesthistory" ("author_id", "based_on_id", "created_at", "decided_at", "digest", "edited_by_id", "expires_at", "failure", "gate_reason", "id", "number", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "release_id", "republishes_id", "revision", "routes", "standing_approval_id", "state", "submitted_at", "tenant_id", "title") VALUES (OLD."author_id", OLD."based_on_id", OLD."created_at", OLD."decided_at", OLD."digest", OLD."edited_by_id", OLD."expires_at", OLD."failure", OLD."gate_reason", OLD."id", OLD."number", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'delete\', OLD."id", OLD."reason", OLD."release_id", OLD."republishes_id", OLD."revision", OLD."routes", OLD."standing_approval_id", OLD."state", OLD."submitted_at", OLD."tenant_id", OLD."title"); RETURN NULL;', hash='610d6a46a02d329c59d62bad5ca3e67b8d6518e3', operation='DELETE', pgid='pgtrigger_delete_delete_0a619', table='models_app_changerequest', when='AFTER')),
        ),
        protect("models_app_standingapproval"),
        protect("models_app_standingapprovalhistory"),
        append_only("models_app_standingapprovalhistory"),
        protect("models_app_boundsapproval"),
        protect("models_app_boundsapprovalhistory"),
        append_only("models_app_boundsapprovalhistory"),
    ]
