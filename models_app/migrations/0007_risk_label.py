"""The class label that is the risk, of models and in their history."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('models_app', '0006_notifications'),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name='modelversion',
            name='insert_insert',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='modelversion',
            name='update_update',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='modelversion',
            name='delete_delete',
        ),
        migrations.AddField(
            model_name='modelversion',
            name='risk_label',
            field=models.CharField(blank=True, default='', max_length=200),
        ),
        migrations.AddField(
            model_name='modelversionhistory',
            name='risk_label',
            field=models.CharField(blank=True, default='', max_length=200),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='modelversion',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "models_app_modelversionhistory" ("beta", "checked_at", "created_at", "created_by_id", "digest", "file_format", "id", "name", "notes", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "risk_label", "single_rows", "state", "uploaded_bytes", "uploaded_digest", "version") VALUES (NEW."beta", NEW."checked_at", NEW."created_at", NEW."created_by_id", NEW."digest", NEW."file_format", NEW."id", NEW."name", NEW."notes", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'insert\', NEW."id", NEW."reason", NEW."risk_label", NEW."single_rows", NEW."state", NEW."uploaded_bytes", NEW."uploaded_digest", NEW."version"); RETURN NULL;', hash='8b07d30db573ea4fb422d35ce20311d0898ceec4', operation='INSERT', pgid='pgtrigger_insert_insert_cff01', table='models_app_modelversion', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='modelversion',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."beta" IS DISTINCT FROM (NEW."beta") OR OLD."checked_at" IS DISTINCT FROM (NEW."checked_at") OR OLD."created_at" IS DISTINCT FROM (NEW."created_at") OR OLD."created_by_id" IS DISTINCT FROM (NEW."created_by_id") OR OLD."digest" IS DISTINCT FROM (NEW."digest") OR OLD."file_format" IS DISTINCT FROM (NEW."file_format") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."name" IS DISTINCT FROM (NEW."name") OR OLD."notes" IS DISTINCT FROM (NEW."notes") OR OLD."reason" IS DISTINCT FROM (NEW."reason") OR OLD."risk_label" IS DISTINCT FROM (NEW."risk_label") OR OLD."single_rows" IS DISTINCT FROM (NEW."single_rows") OR OLD."state" IS DISTINCT FROM (NEW."state") OR OLD."uploaded_bytes" IS DISTINCT FROM (NEW."uploaded_bytes") OR OLD."uploaded_digest" IS DISTINCT FROM (NEW."uploaded_digest") OR OLD."version" IS DISTINCT FROM (NEW."version"))', func='INSERT INTO "models_app_modelversionhistory" ("beta", "checked_at", "created_at", "created_by_id", "digest", "file_format", "id", "name", "notes", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "risk_label", "single_rows", "state", "uploaded_bytes", "uploaded_digest", "version") VALUES (NEW."beta", NEW."checked_at", NEW."created_at", NEW."created_by_id", NEW."digest", NEW."file_format", NEW."id", NEW."name", NEW."notes", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'update\', NEW."id", NEW."reason", NEW."risk_label", NEW."single_rows", NEW."state", NEW."uploaded_bytes", NEW."uploaded_digest", NEW."version"); RETURN NULL;', hash='57572a482842e5c31e449871a759ebe4bddd1518', operation='UPDATE', pgid='pgtrigger_update_update_b8bb2', table='models_app_modelversion', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='modelversion',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "models_app_modelversionhistory" ("beta", "checked_at", "created_at", "created_by_id", "digest", "file_format", "id", "name", "notes", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "risk_label", "single_rows", "state", "uploaded_bytes", "uploaded_digest", "version") VALUES (OLD."beta", OLD."checked_at", OLD."created_at", OLD."created_by_id", OLD."digest", OLD."file_format", OLD."id", OLD."name", OLD."notes", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'delete\', OLD."id", OLD."reason", OLD."risk_label", OLD."single_rows", OLD."state", OLD."uploaded_bytes", OLD."uploaded_digest", OLD."version"); RETURN NULL;', hash='a06271531f49af2c4ecc07ca8160c4ae88a37822', operation='DELETE', pgid='pgtrigger_delete_delete_93e20', table='models_app_modelversion', when='AFTER')),
        ),
    ]
