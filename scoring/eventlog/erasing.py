"""Erasing a tenant: its events, its files, its rows. What is left is the audit trail, and a mark in the lake."""

import shutil

from django.apps import apps
from django.conf import settings
from django.core.files.storage import default_storage
from django.db import connections, models, transaction

from scoring.eventlog import lake
from tenants.messages import announce
from tenants.models import AuditEntry, Tenant
from tenants.scope import platform_scope
from tenants.services import audit

OWNER = "owner"
FOLDERS = ("samples",)  # of the file storage, each with a folder for each tenant


def erase_tenant(*, tenant: Tenant, reason: str = "") -> None:
    """Erase a tenant for good; to be run again where it failed half-way. Only for operators: it needs the owner's role.

    The mark in the lake comes first, so that events still on their way are dropped by every machine's consumer.
    """
    tenant_id, slug = tenant.pk, tenant.slug
    lake.erase(tenant_id)
    for folder in FOLDERS:
        _delete_files(f"{folder}/{tenant_id}")
    shutil.rmtree(settings.SERVING_CACHE_DIR / "documents" / str(tenant_id), ignore_errors=True)
    _delete_rows(tenant_id)
    with platform_scope():
        audit.record(actor=None, act="erase tenant", subject=slug, reason=reason, details={"tenant_id": tenant_id})
    announce({"keys": True})
    lake.erase(tenant_id)  # what was written meanwhile


def _delete_rows(tenant_id: int) -> None:
    """All rows of the tenant in one transaction; which table comes first does not matter, for it checks at its end."""
    with transaction.atomic(using=OWNER), connections[OWNER].cursor() as cursor:
        for model in apps.get_models():
            for field in model._meta.concrete_fields:
                if _leads_to_tenant(field) and model is not AuditEntry:
                    table, column = model._meta.db_table, field.column
                    cursor.execute(f'DELETE FROM "{table}" WHERE "{column}" = %s', [tenant_id])
        cursor.execute(f'DELETE FROM "{Tenant._meta.db_table}" WHERE id = %s', [tenant_id])


def _leads_to_tenant(field: models.Field) -> bool:
    return isinstance(field, models.ForeignKey) and field.related_model is Tenant


def _delete_files(folder: str) -> None:
    try:
        folders, files = default_storage.listdir(folder)
    except FileNotFoundError:
        return
    for name in files:
        default_storage.delete(f"{folder}/{name}")
    for name in folders:
        _delete_files(f"{folder}/{name}")
    default_storage.delete(folder)
