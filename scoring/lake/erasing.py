"""Erasing a tenant: its events, its files, its rows. What is left is the audit trail, and a mark in the lake.

The trail has two entries of it: what there was, before anything is touched, and the certificate.
"""

import getpass
import hashlib
import json
import shutil
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.db import connections, transaction
from django.utils import timezone

from scoring.lake import delta, erased
from scoring.lake.erased import FOLDERS, OWNER, places
from tenants.audit_chain import head_of
from tenants.audit_terms import AuditAction
from tenants.messages import announce
from tenants.models import AuditEntry, History, Person, Tenant
from tenants.permissions import may
from tenants.roles import Permission
from tenants.scope import platform_scope
from tenants.services import audit


@dataclass(frozen=True)
class Answerable:
    """The two people who answer for it: who asked, and who agreed."""

    asked: Person
    agreed: Person

    def check(self) -> None:
        """Raises ValidationError unless they are two, and each may manage the platform."""
        if self.asked == self.agreed:
            raise ValidationError({"agreed": ["expected another person than the one who asked"]})
        for name, person in (("asked", self.asked), ("agreed", self.agreed)):
            if not (person.is_active and may(person, Permission.MANAGE_PLATFORM)):
                raise ValidationError({name: [f"expected an admin of the platform, found {person.email}"]})


def erase_tenant(*, tenant: Tenant, people: Answerable, reason: str = "") -> AuditEntry:
    """Erase a tenant for good, and return its certificate; to be run again where it failed half-way.

    Only for operators: it needs the owner's role. The mark in the lake comes first, so that events still on their way
    are dropped by every machine's consumer. Raises ValidationError for people who cannot answer for it.
    """
    with platform_scope():
        people.check()
    had = {"began_at": timezone.now(), "erased": erased.found(tenant.pk)}
    begun = _record(AuditAction.BEGIN_TO_ERASE_TENANT, tenant, people, reason, had)
    _erase(tenant.pk)
    left = erased.found(tenant.pk)
    with platform_scope():
        head = head_of(tenant.pk)
    rest = {"begun": begun.pk, "ended_at": timezone.now(), "left": left, "audit_head": str(head or "")}
    return _record(AuditAction.ERASE_TENANT, tenant, people, reason, _certified(had | rest))


def _erase(tenant_id: int) -> None:
    delta.erase(tenant_id)
    for folder in FOLDERS:
        _delete_files(f"{folder}/{tenant_id}")
    shutil.rmtree(settings.SERVING_CACHE_DIR / "documents" / str(tenant_id), ignore_errors=True)
    _delete_rows(tenant_id)
    announce({"keys": True})
    delta.erase(tenant_id)  # what was written meanwhile


def _record(act: AuditAction, tenant: Tenant, people: Answerable, reason: str, details: dict[str, Any]) -> AuditEntry:
    """Add an entry of no tenant's: it stays when the tenant's own are forgotten."""
    who = {
        "tenant_id": tenant.pk,
        "name": tenant.name,
        "asked": people.asked.email,
        "agreed": people.agreed.email,
        "operator": getpass.getuser(),
    }
    with platform_scope():
        return audit.record(actor=None, act=act, subject=tenant, reason=reason, details=who | details)


def _certified(details: dict[str, Any]) -> dict[str, Any]:
    """With a digest over all of it but the people: what to compare where the certificate is shown elsewhere."""
    text = json.dumps(details, sort_keys=True, default=str)
    return details | {"digest": hashlib.sha256(text.encode()).hexdigest()}


def _delete_rows(tenant_id: int) -> None:
    """All rows of the tenant in one transaction, which checks what they refer to at its end.

    Their history goes last: each row that is deleted adds to it.
    """
    with transaction.atomic(using=OWNER), connections[OWNER].cursor() as cursor:
        for model, column in sorted(places(), key=lambda place: issubclass(place[0], History)):
            cursor.execute(f'DELETE FROM "{model._meta.db_table}" WHERE "{column}" = %s', [tenant_id])


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
