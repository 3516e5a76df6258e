"""A verdict for what repairs a drift, past weeks beside evidence, and a tolerance in alerts a day."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('models_app', '0012_validation_events'),
        ('tenants', '0007_audit_subject'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name='reviewpolicy',
            name='insert_insert',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='reviewpolicy',
            name='update_update',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='reviewpolicy',
            name='delete_delete',
        ),
        migrations.RemoveConstraint(
            model_name='evidence',
            name='only_evidence_that_succeeded_has_a_verdict',
        ),
        migrations.AddField(
            model_name='evidence',
            name='past_weeks',
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name='reviewpolicy',
            name='alerts_a_day',
            field=models.FloatField(default=0.0),
        ),
        migrations.AddField(
            model_name='reviewpolicyhistory',
            name='alerts_a_day',
            field=models.FloatField(default=0.0),
        ),
        migrations.AlterField(
            model_name='evidence',
            name='verdict',
            field=models.CharField(blank=True, choices=[('pass', 'Pass'), ('repairs', 'Repairs'), ('fail', 'Fail'), ('not enough events', 'not enough events')], max_length=32),
        ),
        migrations.AlterField(
            model_name='evidencehistory',
            name='verdict',
            field=models.CharField(blank=True, choices=[('pass', 'Pass'), ('repairs', 'Repairs'), ('fail', 'Fail'), ('not enough events', 'not enough events')], max_length=32),
        ),
        migrations.AlterField(
            model_name='replacementline',
            name='verdict',
            field=models.CharField(blank=True, choices=[('pass', 'Pass'), ('repairs', 'Repairs'), ('fail', 'Fail'), ('not enough events', 'not enough events')], max_length=32),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='reviewpolicy',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "models_app_reviewpolicyhistory" ("alerts_a_day", "approvals_needed", "approver_role", "evidence_days", "expires_after_days", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "publish_when_approved", "tenant_id", "tolerance", "tolerances") VALUES (NEW."alerts_a_day", NEW."approvals_needed", NEW."approver_role", NEW."evidence_days", NEW."expires_after_days", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'insert\', NEW."tenant_id", NEW."publish_when_approved", NEW."tenant_id", NEW."tolerance", NEW."tolerances"); RETURN NULL;', hash='7d3a899217d6d3c09039affdab153d96e716d527', operation='INSERT', pgid='pgtrigger_insert_insert_c8843', table='models_app_reviewpolicy', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='reviewpolicy',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "models_app_reviewpolicyhistory" ("alerts_a_day", "approvals_needed", "approver_role", "evidence_days", "expires_after_days", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "publish_when_approved", "tenant_id", "tolerance", "tolerances") VALUES (NEW."alerts_a_day", NEW."approvals_needed", NEW."approver_role", NEW."evidence_days", NEW."expires_after_days", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'update\', NEW."tenant_id", NEW."publish_when_approved", NEW."tenant_id", NEW."tolerance", NEW."tolerances"); RETURN NULL;', hash='4154746d0b80e1ff46f8abeef3356670071a052d', operation='UPDATE', pgid='pgtrigger_update_update_78b3e', table='models_app_reviewpolicy', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='reviewpolicy',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "models_app_reviewpolicyhistory" ("alerts_a_day", "approvals_needed", "approver_role", "evidence_days", "expires_after_days", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "publish_when_approved", "tenant_id", "tolerance", "tolerances") VALUES (OLD."alerts_a_day", OLD."approvals_needed", OLD."approver_role", OLD."evidence_days", OLD."expires_after_days", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'delete\', OLD."tenant_id", OLD."publish_when_approved", OLD."tenant_id", OLD."tolerance", OLD."tolerances"); RETURN NULL;', hash='78af6e628405059c738b9f6bf1bcde3631c6103a', operation='DELETE', pgid='pgtrigger_delete_delete_2b7a0', table='models_app_reviewpolicy', when='AFTER')),
        ),
        migrations.AddConstraint(
            model_name='evidence',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'succeeded'), ('verdict__in', ['pass', 'repairs', 'fail', 'not enough events'])), models.Q(models.Q(('state', 'succeeded'), _negated=True), ('digest', ''), ('verdict', '')), _connector='OR'), name='only_evidence_that_succeeded_has_a_verdict'),
        ),
        migrations.AddConstraint(
            model_name='reviewpolicy',
            constraint=models.CheckConstraint(condition=models.Q(('alerts_a_day__gte', 0)), name='policy_alerts_a_day_are_a_number'),
        ),
    ]
