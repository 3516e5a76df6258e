"""Erasing a tenant: its events, its files, its rows. What is left is the audit trail, and a mark in the lake."""

import shutil
from collections.abc import Iterator

from django.apps import apps
from django.conf import settings
from django.core.files.storage import default_storage
from django.db import connections, models, transaction

from scoring.lake import delta
from tenants.audit_terms import AuditAction
from tenants.messages import announce
from tenants.models import AuditEntry, History, Tenant
from tenants.scope import platform_scope
from tenants.services import audit

OWNER = "owner"
FOLDERS = ("samples",)  # of the file storage, each with a folder for each tenant


def erase_tenant(*, tenant: Tenant, reason: str = "") -> None:
    """Erase a tenant for good; to be run again where it failed half-way. Only for operators: it needs the owner's role.

    The mark in the lake comes first, so that events still on their way are dropped by every machine's consumer.
    """
    tenant_id = tenant.pk
    delta.erase(tenant_id)
    for folder in FOLDERS:
        _delete_files(f"{folder}/{tenant_id}")
    shutil.rmtree(settings.SERVING_CACHE_DIR / "documents" / str(tenant_id), ignore_errors=True)
    _delete_rows(tenant_id)
    with platform_scope():
        details = {"tenant_id": tenant_id}
        audit.record(actor=None, act=AuditAction.ERASE_TENANT, subject=tenant, reason=reason, details=details)
    announce({"keys": True})
    delta.erase(tenant_id)  # what was written meanwhile


def _delete_rows(tenant_id: int) -> None:
    """All rows of the tenant in one transaction, which checks what they refer to at its end.

    Their history goes last: each row that is deleted adds to it.
    """
    with transaction.atomic(using=OWNER), connections[OWNER].cursor() as cursor:
        places = sorted(_places(), key=lambda place: issubclass(place[0], History))
        for model, column in places:
            cursor.execute(f'DELETE FROM "{model._meta.db_table}" WHERE "{column}" = %s', [tenant_id])


def _places() -> Iterator[tuple[type[models.Model], str]]:
    """Yield every table that has rows of tenants, with the column that names the tenant."""
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if _leads_to_tenant(field) and model is not AuditEntry:
                yield model, str(field.column)
    yield Tenant, "id"


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
