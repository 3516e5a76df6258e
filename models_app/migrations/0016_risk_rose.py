"""Whether risk rose, what approvers answer to that, and how far it may rise unasked."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('models_app', '0015_track_record'),
        ('tenants', '0007_audit_subject'),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name='evidence',
            name='insert_insert',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='evidence',
            name='update_update',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='evidence',
            name='delete_delete',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='review',
            name='insert_insert',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='review',
            name='update_update',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='review',
            name='delete_delete',
        ),
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
            model_name='evidence',
            name='risk_rose',
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name='evidencehistory',
            name='risk_rose',
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name='review',
            name='risk_answer',
            field=models.TextField(blank=True),
        ),
        migrations.AddField(
            model_name='reviewhistory',
            name='risk_answer',
            field=models.TextField(blank=True),
        ),
        migrations.AddField(
            model_name='reviewpolicy',
            name='risk_tolerance',
            field=models.FloatField(default=0.2),
        ),
        migrations.AddField(
            model_name='reviewpolicyhistory',
            name='risk_tolerance',
            field=models.FloatField(default=0.2),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='evidence',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "models_app_evidencehistory" ("change_request_id", "created_at", "created_by_id", "digest", "document_digest", "end", "error", "finished_at", "id", "live_digest", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "risk_rose", "sentence", "start", "started_at", "state", "tenant_id", "verdict") VALUES (NEW."change_request_id", NEW."created_at", NEW."created_by_id", NEW."digest", NEW."document_digest", NEW."end", NEW."error", NEW."finished_at", NEW."id", NEW."live_digest", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'insert\', NEW."id", NEW."risk_rose", NEW."sentence", NEW."start", NEW."started_at", NEW."state", NEW."tenant_id", NEW."verdict"); RETURN NULL;', hash='df9447c45fc226729b67acdcd352c70899387ba8', operation='INSERT', pgid='pgtrigger_insert_insert_ed401', table='models_app_evidence', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='evidence',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."change_request_id" IS DISTINCT FROM (NEW."change_request_id") OR OLD."created_at" IS DISTINCT FROM (NEW."created_at") OR OLD."created_by_id" IS DISTINCT FROM (NEW."created_by_id") OR OLD."digest" IS DISTINCT FROM (NEW."digest") OR OLD."document_digest" IS DISTINCT FROM (NEW."document_digest") OR OLD."end" IS DISTINCT FROM (NEW."end") OR OLD."error" IS DISTINCT FROM (NEW."error") OR OLD."finished_at" IS DISTINCT FROM (NEW."finished_at") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."live_digest" IS DISTINCT FROM (NEW."live_digest") OR OLD."risk_rose" IS DISTINCT FROM (NEW."risk_rose") OR OLD."sentence" IS DISTINCT FROM (NEW."sentence") OR OLD."start" IS DISTINCT FROM (NEW."start") OR OLD."started_at" IS DISTINCT FROM (NEW."started_at") OR OLD."state" IS DISTINCT FROM (NEW."state") OR OLD."tenant_id" IS DISTINCT FROM (NEW."tenant_id") OR OLD."verdict" IS DISTINCT FROM (NEW."verdict"))', func='INSERT INTO "models_app_evidencehistory" ("change_request_id", "created_at", "created_by_id", "digest", "document_digest", "end", "error", "finished_at", "id", "live_digest", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "risk_rose", "sentence", "start", "started_at", "state", "tenant_id", "verdict") VALUES (NEW."change_request_id", NEW."created_at", NEW."created_by_id", NEW."digest", NEW."document_digest", NEW."end", NEW."error", NEW."finished_at", NEW."id", NEW."live_digest", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'update\', NEW."id", NEW."risk_rose", NEW."sentence", NEW."start", NEW."started_at", NEW."state", NEW."tenant_id", NEW."verdict"); RETURN NULL;', hash='4528c243eae402ea07200966d5be47115feae849', operation='UPDATE', pgid='pgtrigger_update_update_2dd46', table='models_app_evidence', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='evidence',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "models_app_evidencehistory" ("change_request_id", "created_at", "created_by_id", "digest", "document_digest", "end", "error", "finished_at", "id", "live_digest", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "risk_rose", "sentence", "start", "started_at", "state", "tenant_id", "verdict") VALUES (OLD."change_request_id", OLD."created_at", OLD."created_by_id", OLD."digest", OLD."document_digest", OLD."end", OLD."error", OLD."finished_at", OLD."id", OLD."live_digest", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'delete\', OLD."id", OLD."risk_rose", OLD."sentence", OLD."start", OLD."started_at", OLD."state", OLD."tenant_id", OLD."verdict"); RETURN NULL;', hash='410da75c43847ec2317182bc3cc2b2b4ba3748bf', operation='DELETE', pgid='pgtrigger_delete_delete_83864', table='models_app_evidence', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='review',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "models_app_reviewhistory" ("at", "change_request_id", "decision", "document_digest", "evidence_digest", "id", "person_id", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "risk_answer", "tenant_id", "text", "voided_at", "voided_because") VALUES (NEW."at", NEW."change_request_id", NEW."decision", NEW."document_digest", NEW."evidence_digest", NEW."id", NEW."person_id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'insert\', NEW."id", NEW."risk_answer", NEW."tenant_id", NEW."text", NEW."voided_at", NEW."voided_because"); RETURN NULL;', hash='a6d00719bfa146127650f1552a1af104728de2f0', operation='INSERT', pgid='pgtrigger_insert_insert_541c7', table='models_app_review', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='review',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "models_app_reviewhistory" ("at", "change_request_id", "decision", "document_digest", "evidence_digest", "id", "person_id", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "risk_answer", "tenant_id", "text", "voided_at", "voided_because") VALUES (NEW."at", NEW."change_request_id", NEW."decision", NEW."document_digest", NEW."evidence_digest", NEW."id", NEW."person_id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'update\', NEW."id", NEW."risk_answer", NEW."tenant_id", NEW."text", NEW."voided_at", NEW."voided_because"); RETURN NULL;', hash='6886efeaf7691e434966023ce66a559bbff8477e', operation='UPDATE', pgid='pgtrigger_update_update_2a07f', table='models_app_review', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='review',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "models_app_reviewhistory" ("at", "change_request_id", "decision", "document_digest", "evidence_digest", "id", "person_id", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "risk_answer", "tenant_id", "text", "voided_at", "voided_because") VALUES (OLD."at", OLD."change_request_id", OLD."decision", OLD."document_digest", OLD."evidence_digest", OLD."id", OLD."person_id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'delete\', OLD."id", OLD."risk_answer", OLD."tenant_id", OLD."text", OLD."voided_at", OLD."voided_because"); RETURN NULL;', hash='03a5952ff8f7ad1ac4c3280b22dcb3d144ab6032', operation='DELETE', pgid='pgtrigger_delete_delete_59387', table='models_app_review', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='reviewpolicy',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "models_app_reviewpolicyhistory" ("alerts_a_day", "approvals_needed", "approver_role", "evidence_days", "expires_after_days", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "publish_when_approved", "risk_tolerance", "tenant_id", "tolerance", "tolerances") VALUES (NEW."alerts_a_day", NEW."approvals_needed", NEW."approver_role", NEW."evidence_days", NEW."expires_after_days", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'insert\', NEW."tenant_id", NEW."publish_when_approved", NEW."risk_tolerance", NEW."tenant_id", NEW."tolerance", NEW."tolerances"); RETURN NULL;', hash='43230a97cdfdf556579d9638733f2c4655e12481', operation='INSERT', pgid='pgtrigger_insert_insert_c8843', table='models_app_reviewpolicy', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='reviewpolicy',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "models_app_reviewpolicyhistory" ("alerts_a_day", "approvals_needed", "approver_role", "evidence_days", "expires_after_days", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "publish_when_approved", "risk_tolerance", "tenant_id", "tolerance", "tolerances") VALUES (NEW."alerts_a_day", NEW."approvals_needed", NEW."approver_role", NEW."evidence_days", NEW."expires_after_days", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'update\', NEW."tenant_id", NEW."publish_when_approved", NEW."risk_tolerance", NEW."tenant_id", NEW."tolerance", NEW."tolerances"); RETURN NULL;', hash='3db9019cce5ae16d99f42c202cb0801cc8451b18', operation='UPDATE', pgid='pgtrigger_update_update_78b3e', table='models_app_reviewpolicy', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='reviewpolicy',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "models_app_reviewpolicyhistory" ("alerts_a_day", "approvals_needed", "approver_role", "evidence_days", "expires_after_days", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "publish_when_approved", "risk_tolerance", "tenant_id", "tolerance", "tolerances") VALUES (OLD."alerts_a_day", OLD."approvals_needed", OLD."approver_role", OLD."evidence_days", OLD."expires_after_days", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'delete\', OLD."tenant_id", OLD."publish_when_approved", OLD."risk_tolerance", OLD."tenant_id", OLD."tolerance", OLD."tolerances"); RETURN NULL;', hash='fd995735e9d56ca1f8b6f23cfd0d926d29faff49', operation='DELETE', pgid='pgtrigger_delete_delete_2b7a0', table='models_app_reviewpolicy', when='AFTER')),
        ),
        migrations.AddConstraint(
            model_name='reviewpolicy',
            constraint=models.CheckConstraint(condition=models.Q(('risk_tolerance__gte', 0), ('risk_tolerance__lte', 10)), name='policy_risk_tolerance_is_a_share'),
        ),
    ]
