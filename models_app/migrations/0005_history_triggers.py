"""What writes the history of change requests, evidence, models and predictors."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [("models_app", "0005_history_keys")]

    operations = [
        pgtrigger.migrations.AddTrigger(
            model_name="changerequest",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "models_app_changerequesthistory" ("author_id", "based_on_id", "created_at", "decided_at", "digest", "edited_by_id", "expires_at", "failure", "gate_reason", "id", "number", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "release_id", "republishes_id", "revision", "routes", "state", "submitted_at", "tenant_id", "title") VALUES (NEW."author_id", NEW."based_on_id", NEW."created_at", NEW."decided_at", NEW."digest", NEW."edited_by_id", NEW."expires_at", NEW."failure", NEW."gate_reason", NEW."id", NEW."number", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'insert\', NEW."id", NEW."reason", NEW."release_id", NEW."republishes_id", NEW."revision", NEW."routes", NEW."state", NEW."submitted_at", NEW."tenant_id", NEW."title"); RETURN NULL;',
                    hash="1e0e15b67393e8d04cb3b0fb1c4f4d87bd34bf1e",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_0cea9",
                    table="models_app_changerequest",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="changerequest",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."author_id" IS DISTINCT FROM (NEW."author_id") OR OLD."based_on_id" IS DISTINCT FROM (NEW."based_on_id") OR OLD."created_at" IS DISTINCT FROM (NEW."created_at") OR OLD."decided_at" IS DISTINCT FROM (NEW."decided_at") OR OLD."digest" IS DISTINCT FROM (NEW."digest") OR OLD."edited_by_id" IS DISTINCT FROM (NEW."edited_by_id") OR OLD."expires_at" IS DISTINCT FROM (NEW."expires_at") OR OLD."failure" IS DISTINCT FROM (NEW."failure") OR OLD."gate_reason" IS DISTINCT FROM (NEW."gate_reason") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."number" IS DISTINCT FROM (NEW."number") OR OLD."reason" IS DISTINCT FROM (NEW."reason") OR OLD."release_id" IS DISTINCT FROM (NEW."release_id") OR OLD."republishes_id" IS DISTINCT FROM (NEW."republishes_id") OR OLD."revision" IS DISTINCT FROM (NEW."revision") OR OLD."routes" IS DISTINCT FROM (NEW."routes") OR OLD."state" IS DISTINCT FROM (NEW."state") OR OLD."submitted_at" IS DISTINCT FROM (NEW."submitted_at") OR OLD."tenant_id" IS DISTINCT FROM (NEW."tenant_id") OR OLD."title" IS DISTINCT FROM (NEW."title"))',
                    func='INSERT INTO "models_app_changerequesthistory" ("author_id", "based_on_id", "created_at", "decided_at", "digest", "edited_by_id", "expires_at", "failure", "gate_reason", "id", "number", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "release_id", "republishes_id", "revision", "routes", "state", "submitted_at", "tenant_id", "title") VALUES (NEW."author_id", NEW."based_on_id", NEW."created_at", NEW."decided_at", NEW."digest", NEW."edited_by_id", NEW."expires_at", NEW."failure", NEW."gate_reason", NEW."id", NEW."number", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'update\', NEW."id", NEW."reason", NEW."release_id", NEW."republishes_id", NEW."revision", NEW."routes", NEW."state", NEW."submitted_at", NEW."tenant_id", NEW."title"); RETURN NULL;',
                    hash="dd802db2df4a6c6eec02c0f7bdfb55c2184c6a1e",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_a98b9",
                    table="models_app_changerequest",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="changerequest",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "models_app_changerequesthistory" ("author_id", "based_on_id", "created_at", "decided_at", "digest", "edited_by_id", "expires_at", "failure", "gate_reason", "id", "number", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "release_id", "republishes_id", "revision", "routes", "state", "submitted_at", "tenant_id", "title") VALUES (OLD."author_id", OLD."based_on_id", OLD."created_at", OLD."decided_at", OLD."digest", OLD."edited_by_id", OLD."expires_at", OLD."failure", OLD."gate_reason", OLD."id", OLD."number", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'delete\', OLD."id", OLD."reason", OLD."release_id", OLD."republishes_id", OLD."revision", OLD."routes", OLD."state", OLD."submitted_at", OLD."tenant_id", OLD."title"); RETURN NULL;',
                    hash="c4571e7bac1ffaf40254f3e3d91232d6eb44ba79",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_0a619",
                    table="models_app_changerequest",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="evidence",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "models_app_evidencehistory" ("change_request_id", "created_at", "created_by_id", "digest", "document_digest", "end", "error", "finished_at", "id", "live_digest", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "sentence", "start", "started_at", "state", "tenant_id", "verdict") VALUES (NEW."change_request_id", NEW."created_at", NEW."created_by_id", NEW."digest", NEW."document_digest", NEW."end", NEW."error", NEW."finished_at", NEW."id", NEW."live_digest", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'insert\', NEW."id", NEW."sentence", NEW."start", NEW."started_at", NEW."state", NEW."tenant_id", NEW."verdict"); RETURN NULL;',
                    hash="8dee57dd5e938a69fa1d2bb3e505802b80b9c03a",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_ed401",
                    table="models_app_evidence",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="evidence",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."change_request_id" IS DISTINCT FROM (NEW."change_request_id") OR OLD."created_at" IS DISTINCT FROM (NEW."created_at") OR OLD."created_by_id" IS DISTINCT FROM (NEW."created_by_id") OR OLD."digest" IS DISTINCT FROM (NEW."digest") OR OLD."document_digest" IS DISTINCT FROM (NEW."document_digest") OR OLD."end" IS DISTINCT FROM (NEW."end") OR OLD."error" IS DISTINCT FROM (NEW."error") OR OLD."finished_at" IS DISTINCT FROM (NEW."finished_at") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."live_digest" IS DISTINCT FROM (NEW."live_digest") OR OLD."sentence" IS DISTINCT FROM (NEW."sentence") OR OLD."start" IS DISTINCT FROM (NEW."start") OR OLD."started_at" IS DISTINCT FROM (NEW."started_at") OR OLD."state" IS DISTINCT FROM (NEW."state") OR OLD."tenant_id" IS DISTINCT FROM (NEW."tenant_id") OR OLD."verdict" IS DISTINCT FROM (NEW."verdict"))',
                    func='INSERT INTO "models_app_evidencehistory" ("change_request_id", "created_at", "created_by_id", "digest", "document_digest", "end", "error", "finished_at", "id", "live_digest", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "sentence", "start", "started_at", "state", "tenant_id", "verdict") VALUES (NEW."change_request_id", NEW."created_at", NEW."created_by_id", NEW."digest", NEW."document_digest", NEW."end", NEW."error", NEW."finished_at", NEW."id", NEW."live_digest", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'update\', NEW."id", NEW."sentence", NEW."start", NEW."started_at", NEW."state", NEW."tenant_id", NEW."verdict"); RETURN NULL;',
                    hash="aa82cba78a4be7e2468b17fde0f0338c69989475",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_2dd46",
                    table="models_app_evidence",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="evidence",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "models_app_evidencehistory" ("change_request_id", "created_at", "created_by_id", "digest", "document_digest", "end", "error", "finished_at", "id", "live_digest", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "sentence", "start", "started_at", "state", "tenant_id", "verdict") VALUES (OLD."change_request_id", OLD."created_at", OLD."created_by_id", OLD."digest", OLD."document_digest", OLD."end", OLD."error", OLD."finished_at", OLD."id", OLD."live_digest", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'delete\', OLD."id", OLD."sentence", OLD."start", OLD."started_at", OLD."state", OLD."tenant_id", OLD."verdict"); RETURN NULL;',
                    hash="ff33874378b173186be5519b2bec56fe41f0feaa",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_83864",
                    table="models_app_evidence",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="modelversion",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "models_app_modelversionhistory" ("beta", "checked_at", "created_at", "created_by_id", "digest", "file_format", "id", "name", "notes", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "single_rows", "state", "uploaded_bytes", "uploaded_digest", "version") VALUES (NEW."beta", NEW."checked_at", NEW."created_at", NEW."created_by_id", NEW."digest", NEW."file_format", NEW."id", NEW."name", NEW."notes", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'insert\', NEW."id", NEW."reason", NEW."single_rows", NEW."state", NEW."uploaded_bytes", NEW."uploaded_digest", NEW."version"); RETURN NULL;',
                    hash="a99d32ed7ab23dadda753a5d196053165099c0ff",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_cff01",
                    table="models_app_modelversion",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="modelversion",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."beta" IS DISTINCT FROM (NEW."beta") OR OLD."checked_at" IS DISTINCT FROM (NEW."checked_at") OR OLD."created_at" IS DISTINCT FROM (NEW."created_at") OR OLD."created_by_id" IS DISTINCT FROM (NEW."created_by_id") OR OLD."digest" IS DISTINCT FROM (NEW."digest") OR OLD."file_format" IS DISTINCT FROM (NEW."file_format") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."name" IS DISTINCT FROM (NEW."name") OR OLD."notes" IS DISTINCT FROM (NEW."notes") OR OLD."reason" IS DISTINCT FROM (NEW."reason") OR OLD."single_rows" IS DISTINCT FROM (NEW."single_rows") OR OLD."state" IS DISTINCT FROM (NEW."state") OR OLD."uploaded_bytes" IS DISTINCT FROM (NEW."uploaded_bytes") OR OLD."uploaded_digest" IS DISTINCT FROM (NEW."uploaded_digest") OR OLD."version" IS DISTINCT FROM (NEW."version"))',
                    func='INSERT INTO "models_app_modelversionhistory" ("beta", "checked_at", "created_at", "created_by_id", "digest", "file_format", "id", "name", "notes", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "single_rows", "state", "uploaded_bytes", "uploaded_digest", "version") VALUES (NEW."beta", NEW."checked_at", NEW."created_at", NEW."created_by_id", NEW."digest", NEW."file_format", NEW."id", NEW."name", NEW."notes", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'update\', NEW."id", NEW."reason", NEW."single_rows", NEW."state", NEW."uploaded_bytes", NEW."uploaded_digest", NEW."version"); RETURN NULL;',
                    hash="37c9e5b1713c41b78adf033a428d381c11f907a8",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_b8bb2",
                    table="models_app_modelversion",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="modelversion",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "models_app_modelversionhistory" ("beta", "checked_at", "created_at", "created_by_id", "digest", "file_format", "id", "name", "notes", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "single_rows", "state", "uploaded_bytes", "uploaded_digest", "version") VALUES (OLD."beta", OLD."checked_at", OLD."created_at", OLD."created_by_id", OLD."digest", OLD."file_format", OLD."id", OLD."name", OLD."notes", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'delete\', OLD."id", OLD."reason", OLD."single_rows", OLD."state", OLD."uploaded_bytes", OLD."uploaded_digest", OLD."version"); RETURN NULL;',
                    hash="04edbe7258800bfed8f22f8d6fa10cb5c00b129f",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_93e20",
                    table="models_app_modelversion",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="predictormember",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "models_app_predictormemberhistory" ("beta", "id", "model_id", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "position", "predictor_id", "weight") VALUES (NEW."beta", NEW."id", NEW."model_id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'insert\', NEW."id", NEW."position", NEW."predictor_id", NEW."weight"); RETURN NULL;',
                    hash="93eb7cafdf9b2af619dbaea54fb4d15fb7ee10b9",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_7ec23",
                    table="models_app_predictormember",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="predictormember",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "models_app_predictormemberhistory" ("beta", "id", "model_id", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "position", "predictor_id", "weight") VALUES (NEW."beta", NEW."id", NEW."model_id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'update\', NEW."id", NEW."position", NEW."predictor_id", NEW."weight"); RETURN NULL;',
                    hash="325c8f94bd70c920a8b446ab03c728d077082198",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_631d8",
                    table="models_app_predictormember",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="predictormember",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "models_app_predictormemberhistory" ("beta", "id", "model_id", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "position", "predictor_id", "weight") VALUES (OLD."beta", OLD."id", OLD."model_id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'delete\', OLD."id", OLD."position", OLD."predictor_id", OLD."weight"); RETURN NULL;',
                    hash="9c0a7b9f103e1112287eaa50419be426dd49ea0e",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_36123",
                    table="models_app_predictormember",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="predictorversion",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "models_app_predictorversionhistory" ("aggregation", "created_at", "created_by_id", "id", "name", "notes", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "version") VALUES (NEW."aggregation", NEW."created_at", NEW."created_by_id", NEW."id", NEW."name", NEW."notes", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'insert\', NEW."id", NEW."version"); RETURN NULL;',
                    hash="26b0944503af19180066c7fb5f989824613d9797",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_1489d",
                    table="models_app_predictorversion",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="predictorversion",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "models_app_predictorversionhistory" ("aggregation", "created_at", "created_by_id", "id", "name", "notes", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "version") VALUES (NEW."aggregation", NEW."created_at", NEW."created_by_id", NEW."id", NEW."name", NEW."notes", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'update\', NEW."id", NEW."version"); RETURN NULL;',
                    hash="0266b9a55afe377d5129c63c168dff398795c9c6",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_adbd5",
                    table="models_app_predictorversion",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="predictorversion",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "models_app_predictorversionhistory" ("aggregation", "created_at", "created_by_id", "id", "name", "notes", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "version") VALUES (OLD."aggregation", OLD."created_at", OLD."created_by_id", OLD."id", OLD."name", OLD."notes", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'delete\', OLD."id", OLD."version"); RETURN NULL;',
                    hash="6e4fc3217277699ef75894b4370b3ecbc74f0220",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_a4a16",
                    table="models_app_predictorversion",
                    when="AFTER",
                ),
            ),
        ),
    ]
