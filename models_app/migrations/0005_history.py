"""What writes the history of references, reviews, policies and transforms; who may see and nobody may rewrite it."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations

from tenants.row_security import append_only, protect


class Migration(migrations.Migration):

    dependencies = [("models_app", "0005_history_triggers")]

    operations = [
        pgtrigger.migrations.AddTrigger(
            model_name="referencedistribution",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "models_app_referencedistributionhistory" ("created_at", "created_by_id", "id", "kind", "name", "notes", "parameters", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "version") VALUES (NEW."created_at", NEW."created_by_id", NEW."id", NEW."kind", NEW."name", NEW."notes", NEW."parameters", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'insert\', NEW."id", NEW."version"); RETURN NULL;',
                    hash="eea25f6f8d0a0c75601591dbb25ea5bb1a20a61a",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_675f5",
                    table="models_app_referencedistribution",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="referencedistribution",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "models_app_referencedistributionhistory" ("created_at", "created_by_id", "id", "kind", "name", "notes", "parameters", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "version") VALUES (NEW."created_at", NEW."created_by_id", NEW."id", NEW."kind", NEW."name", NEW."notes", NEW."parameters", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'update\', NEW."id", NEW."version"); RETURN NULL;',
                    hash="424583390416d92c4839be1dc6951b3a4633c4f6",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_b833e",
                    table="models_app_referencedistribution",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="referencedistribution",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "models_app_referencedistributionhistory" ("created_at", "created_by_id", "id", "kind", "name", "notes", "parameters", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "version") VALUES (OLD."created_at", OLD."created_by_id", OLD."id", OLD."kind", OLD."name", OLD."notes", OLD."parameters", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'delete\', OLD."id", OLD."version"); RETURN NULL;',
                    hash="be6c9cd977be004c6db6660be3516b4ef4d1030f",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_a5932",
                    table="models_app_referencedistribution",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="review",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "models_app_reviewhistory" ("at", "change_request_id", "decision", "document_digest", "evidence_digest", "id", "person_id", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "tenant_id", "text", "voided_at", "voided_because") VALUES (NEW."at", NEW."change_request_id", NEW."decision", NEW."document_digest", NEW."evidence_digest", NEW."id", NEW."person_id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'insert\', NEW."id", NEW."tenant_id", NEW."text", NEW."voided_at", NEW."voided_because"); RETURN NULL;',
                    hash="5c11e9918af5811b8b526231f491e051e7813be2",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_541c7",
                    table="models_app_review",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="review",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "models_app_reviewhistory" ("at", "change_request_id", "decision", "document_digest", "evidence_digest", "id", "person_id", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "tenant_id", "text", "voided_at", "voided_because") VALUES (NEW."at", NEW."change_request_id", NEW."decision", NEW."document_digest", NEW."evidence_digest", NEW."id", NEW."person_id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'update\', NEW."id", NEW."tenant_id", NEW."text", NEW."voided_at", NEW."voided_because"); RETURN NULL;',
                    hash="e5116e2c5270d97c0a7050882275538c6072a694",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_2a07f",
                    table="models_app_review",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="review",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "models_app_reviewhistory" ("at", "change_request_id", "decision", "document_digest", "evidence_digest", "id", "person_id", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "tenant_id", "text", "voided_at", "voided_because") VALUES (OLD."at", OLD."change_request_id", OLD."decision", OLD."document_digest", OLD."evidence_digest", OLD."id", OLD."person_id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'delete\', OLD."id", OLD."tenant_id", OLD."text", OLD."voided_at", OLD."voided_because"); RETURN NULL;',
                    hash="c57e11d4105a54ab17b980f14e00f6fb1048a39e",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_59387",
                    table="models_app_review",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="reviewpolicy",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "models_app_reviewpolicyhistory" ("approvals_needed", "approver_role", "evidence_days", "expires_after_days", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "publish_when_approved", "tenant_id", "tolerance", "tolerances") VALUES (NEW."approvals_needed", NEW."approver_role", NEW."evidence_days", NEW."expires_after_days", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'insert\', NEW."tenant_id", NEW."publish_when_approved", NEW."tenant_id", NEW."tolerance", NEW."tolerances"); RETURN NULL;',
                    hash="7a87a9d3fba9ef4ec1fe3fadace77b4b069c0255",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_c8843",
                    table="models_app_reviewpolicy",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="reviewpolicy",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "models_app_reviewpolicyhistory" ("approvals_needed", "approver_role", "evidence_days", "expires_after_days", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "publish_when_approved", "tenant_id", "tolerance", "tolerances") VALUES (NEW."approvals_needed", NEW."approver_role", NEW."evidence_days", NEW."expires_after_days", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'update\', NEW."tenant_id", NEW."publish_when_approved", NEW."tenant_id", NEW."tolerance", NEW."tolerances"); RETURN NULL;',
                    hash="3e089faf2c8993f9a32dfc2fec9f02b25b9e3a75",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_78b3e",
                    table="models_app_reviewpolicy",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="reviewpolicy",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "models_app_reviewpolicyhistory" ("approvals_needed", "approver_role", "evidence_days", "expires_after_days", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "publish_when_approved", "tenant_id", "tolerance", "tolerances") VALUES (OLD."approvals_needed", OLD."approver_role", OLD."evidence_days", OLD."expires_after_days", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'delete\', OLD."tenant_id", OLD."publish_when_approved", OLD."tenant_id", OLD."tolerance", OLD."tolerances"); RETURN NULL;',
                    hash="086c479f30b309427bd12018ea6e496b40016a1e",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_2b7a0",
                    table="models_app_reviewpolicy",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="transform",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "models_app_transformhistory" ("created_at", "id", "intent_id", "kind", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "predictor_id", "reference_id", "tenant_id") VALUES (NEW."created_at", NEW."id", NEW."intent_id", NEW."kind", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'insert\', NEW."id", NEW."predictor_id", NEW."reference_id", NEW."tenant_id"); RETURN NULL;',
                    hash="6f14119274376c984ba1338a92db200db60d0574",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_f0cda",
                    table="models_app_transform",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="transform",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."created_at" IS DISTINCT FROM (NEW."created_at") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."intent_id" IS DISTINCT FROM (NEW."intent_id") OR OLD."kind" IS DISTINCT FROM (NEW."kind") OR OLD."predictor_id" IS DISTINCT FROM (NEW."predictor_id") OR OLD."reference_id" IS DISTINCT FROM (NEW."reference_id") OR OLD."tenant_id" IS DISTINCT FROM (NEW."tenant_id"))',
                    func='INSERT INTO "models_app_transformhistory" ("created_at", "id", "intent_id", "kind", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "predictor_id", "reference_id", "tenant_id") VALUES (NEW."created_at", NEW."id", NEW."intent_id", NEW."kind", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'update\', NEW."id", NEW."predictor_id", NEW."reference_id", NEW."tenant_id"); RETURN NULL;',
                    hash="f4332151aa3e82b5400d192312b8e54b125cf9b7",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_0cd7a",
                    table="models_app_transform",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="transform",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "models_app_transformhistory" ("created_at", "id", "intent_id", "kind", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "predictor_id", "reference_id", "tenant_id") VALUES (OLD."created_at", OLD."id", OLD."intent_id", OLD."kind", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'delete\', OLD."id", OLD."predictor_id", OLD."reference_id", OLD."tenant_id"); RETURN NULL;',
                    hash="303e93659dc5b1b015926a321baa91f352977576",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_d2ab5",
                    table="models_app_transform",
                    when="AFTER",
                ),
            ),
        ),
        protect("models_app_transformhistory"),
        protect("models_app_changerequesthistory"),
        protect("models_app_evidencehistory"),
        protect("models_app_reviewhistory"),
        protect("models_app_reviewpolicyhistory"),
        append_only("models_app_modelversionhistory"),
        append_only("models_app_predictorversionhistory"),
        append_only("models_app_predictormemberhistory"),
        append_only("models_app_referencedistributionhistory"),
        append_only("models_app_transformhistory"),
        append_only("models_app_changerequesthistory"),
        append_only("models_app_evidencehistory"),
        append_only("models_app_reviewhistory"),
        append_only("models_app_reviewpolicyhistory"),
    ]
