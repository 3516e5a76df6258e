"""How far the alert rate of a segment may move beside that of its intent."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('models_app', '0017_policy_changes'),
        ('tenants', '0008_how_evidence_judges'),
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
        migrations.AddField(
            model_name='reviewpolicy',
            name='segment_tolerance',
            field=models.FloatField(default=0.1),
        ),
        migrations.AddField(
            model_name='reviewpolicyhistory',
            name='segment_tolerance',
            field=models.FloatField(default=0.1),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='reviewpolicy',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "models_app_reviewpolicyhistory" ("alerts_a_day", "approvals_needed", "approver_role", "evidence_days", "expires_after_days", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "publish_when_approved", "risk_tolerance", "segment_tolerance", "tenant_id", "tolerance", "tolerances") VALUES (NEW."alerts_a_day", NEW."approvals_needed", NEW."approver_role", NEW."evidence_days", NEW."expires_after_days", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'insert\', NEW."tenant_id", NEW."publish_when_approved", NEW."risk_tolerance", NEW."segment_tolerance", NEW."tenant_id", NEW."tolerance", NEW."tolerances"); RETURN NULL;', hash='350b8e9c69d558cfe68ff2ddf1db91d37508bc75', operation='INSERT', pgid='pgtrigger_insert_insert_c8843', table='models_app_reviewpolicy', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='reviewpolicy',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "models_app_reviewpolicyhistory" ("alerts_a_day", "approvals_needed", "approver_role", "evidence_days", "expires_after_days", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "publish_when_approved", "risk_tolerance", "segment_tolerance", "tenant_id", "tolerance", "tolerances") VALUES (NEW."alerts_a_day", NEW."approvals_needed", NEW."approver_role", NEW."evidence_days", NEW."expires_after_days", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'update\', NEW."tenant_id", NEW."publish_when_approved", NEW."risk_tolerance", NEW."segment_tolerance", NEW."tenant_id", NEW."tolerance", NEW."tolerances"); RETURN NULL;', hash='cbcbac5261f296b0298f32fe130341fdcbe8ac19', operation='UPDATE', pgid='pgtrigger_update_update_78b3e', table='models_app_reviewpolicy', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='reviewpolicy',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "models_app_reviewpolicyhistory" ("alerts_a_day", "approvals_needed", "approver_role", "evidence_days", "expires_after_days", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "publish_when_approved", "risk_tolerance", "segment_tolerance", "tenant_id", "tolerance", "tolerances") VALUES (OLD."alerts_a_day", OLD."approvals_needed", OLD."approver_role", OLD."evidence_days", OLD."expires_after_days", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'delete\', OLD."tenant_id", OLD."publish_when_approved", OLD."risk_tolerance", OLD."segment_tolerance", OLD."tenant_id", OLD."tolerance", OLD."tolerances"); RETURN NULL;', hash='8e47c8aea70a411a33ac6fddbb871eed205a79a0', operation='DELETE', pgid='pgtrigger_delete_delete_2b7a0', table='models_app_reviewpolicy', when='AFTER')),
        ),
        migrations.AddConstraint(
            model_name='reviewpolicy',
            constraint=models.CheckConstraint(condition=models.Q(('segment_tolerance__gt', 0), ('segment_tolerance__lte', 10)), name='policy_segment_tolerance_is_a_share'),
        ),
    ]
