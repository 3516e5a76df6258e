import django.core.validators
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('tenants', '0014_audit_days'),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name='intent',
            name='insert_insert',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='intent',
            name='update_update',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='intent',
            name='delete_delete',
        ),
        migrations.AddField(
            model_name='intent',
            name='fall_back_to_previous',
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name='intent',
            name='fallback_score',
            field=models.FloatField(blank=True, default=None, null=True, validators=[django.core.validators.MinValueValidator(0.0), django.core.validators.MaxValueValidator(1.0)]),
        ),
        migrations.AddField(
            model_name='intenthistory',
            name='fall_back_to_previous',
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name='intenthistory',
            name='fallback_score',
            field=models.FloatField(blank=True, default=None, null=True, validators=[django.core.validators.MinValueValidator(0.0), django.core.validators.MaxValueValidator(1.0)]),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='intent',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "tenants_intenthistory" ("amount", "context", "created_at", "description", "entity", "fall_back_to_previous", "fallback_score", "features", "id", "idempotency_seconds", "keep_features", "kept_features", "label_maturity_days", "name", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "segment_features", "tenant_id", "thresholds", "unlabelled_means") VALUES (NEW."amount", NEW."context", NEW."created_at", NEW."description", NEW."entity", NEW."fall_back_to_previous", NEW."fallback_score", NEW."features", NEW."id", NEW."idempotency_seconds", NEW."keep_features", NEW."kept_features", NEW."label_maturity_days", NEW."name", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'insert\', NEW."id", NEW."segment_features", NEW."tenant_id", NEW."thresholds", NEW."unlabelled_means"); RETURN NULL;', hash='7585613c679c0b80dff9bb7cf8f49f600d680fb4', operation='INSERT', pgid='pgtrigger_insert_insert_51eb8', table='tenants_intent', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='intent',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."amount" IS DISTINCT FROM (NEW."amount") OR OLD."context" IS DISTINCT FROM (NEW."context") OR OLD."created_at" IS DISTINCT FROM (NEW."created_at") OR OLD."description" IS DISTINCT FROM (NEW."description") OR OLD."entity" IS DISTINCT FROM (NEW."entity") OR OLD."fall_back_to_previous" IS DISTINCT FROM (NEW."fall_back_to_previous") OR OLD."fallback_score" IS DISTINCT FROM (NEW."fallback_score") OR OLD."features" IS DISTINCT FROM (NEW."features") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."idempotency_seconds" IS DISTINCT FROM (NEW."idempotency_seconds") OR OLD."keep_features" IS DISTINCT FROM (NEW."keep_features") OR OLD."kept_features" IS DISTINCT FROM (NEW."kept_features") OR OLD."label_maturity_days" IS DISTINCT FROM (NEW."label_maturity_days") OR OLD."name" IS DISTINCT FROM (NEW."name") OR OLD."segment_features" IS DISTINCT FROM (NEW."segment_features") OR OLD."tenant_id" IS DISTINCT FROM (NEW."tenant_id") OR OLD."thresholds" IS DISTINCT FROM (NEW."thresholds") OR OLD."unlabelled_means" IS DISTINCT FROM (NEW."unlabelled_means"))', func='INSERT INTO "tenants_intenthistory" ("amount", "context", "created_at", "description", "entity", "fall_back_to_previous", "fallback_score", "features", "id", "idempotency_seconds", "keep_features", "kept_features", "label_maturity_days", "name", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "segment_features", "tenant_id", "thresholds", "unlabelled_means") VALUES (NEW."amount", NEW."context", NEW."created_at", NEW."description", NEW."entity", NEW."fall_back_to_previous", NEW."fallback_score", NEW."features", NEW."id", NEW."idempotency_seconds", NEW."keep_features", NEW."kept_features", NEW."label_maturity_days", NEW."name", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'update\', NEW."id", NEW."segment_features", NEW."tenant_id", NEW."thresholds", NEW."unlabelled_means"); RETURN NULL;', hash='61f2b61e70c815d4dfa784fda33dd1b2bc51329f', operation='UPDATE', pgid='pgtrigger_update_update_33d8e', table='tenants_intent', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='intent',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "tenants_intenthistory" ("amount", "context", "created_at", "description", "entity", "fall_back_to_previous", "fallback_score", "features", "id", "idempotency_seconds", "keep_features", "kept_features", "label_maturity_days", "name", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "segment_features", "tenant_id", "thresholds", "unlabelled_means") VALUES (OLD."amount", OLD."context", OLD."created_at", OLD."description", OLD."entity", OLD."fall_back_to_previous", OLD."fallback_score", OLD."features", OLD."id", OLD."idempotency_seconds", OLD."keep_features", OLD."kept_features", OLD."label_maturity_days", OLD."name", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'delete\', OLD."id", OLD."segment_features", OLD."tenant_id", OLD."thresholds", OLD."unlabelled_means"); RETURN NULL;', hash='dc7d2e59a94e230f5d7360ea8a3148386e4f37f2', operation='DELETE', pgid='pgtrigger_delete_delete_436fa', table='tenants_intent', when='AFTER')),
        ),
    ]
