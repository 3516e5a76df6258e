"""Making and changing tenants."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from tenants.audit_terms import AuditAction
from tenants.messages import announce_on_commit
from tenants.models import Person, Tenant
from tenants.permissions import require
from tenants.roles import Permission
from tenants.services.audit import record

CHANGEABLE = ("name", "quota_per_second", "quota_per_day", "retention_days", "audit_days", "quiet_hours")
_OF_THE_PLATFORM = {"quota_per_second", "quota_per_day", "retention_days", "audit_days"}


@transaction.atomic
def create_tenant(
    *,
    slug: str,
    name: str,
    quota_per_second: int | None = None,
    quota_per_day: int | None = None,
    retention_days: int | None = None,
    audit_days: int | None = None,
    actor: Person | None,
) -> Tenant:
    """A new client organisation. Raises ValidationError for a slug that is taken or not one."""
    require(actor, Permission.MANAGE_PLATFORM)
    quotas = {"quota_per_second": quota_per_second, "quota_per_day": quota_per_day}
    settings = {"name": name, **quotas, "retention_days": retention_days, "audit_days": audit_days}
    tenant = Tenant(slug=slug, **settings)
    tenant.full_clean()
    tenant.save()
    record(actor=actor, act=AuditAction.CREATE_TENANT, subject=tenant, tenant=tenant, details=settings)
    return tenant


@transaction.atomic
def change_tenant(*, tenant: Tenant, changes: Mapping[str, Any], actor: Person | None) -> Tenant:
    """Change a tenant's name, quota, retention or quiet hours; its slug is in documents and paths, and stays.

    A tenant's admin may rename it, and set quiet hours; how much is served to it, and kept, the platform decides.
    """
    needed = Permission.MANAGE_PLATFORM if _OF_THE_PLATFORM & set(changes) else Permission.MANAGE_TENANT
    require(actor, needed, tenant)
    if unknown := set(changes) - set(CHANGEABLE):
        raise ValidationError({name: f"cannot be changed; {', '.join(CHANGEABLE)} can" for name in unknown})
    if not changes:
        return tenant
    tenant = Tenant.objects.select_for_update().get(pk=tenant.pk)
    before = {name: getattr(tenant, name) for name in changes}
    for name, value in changes.items():
        setattr(tenant, name, value)
    tenant.full_clean()
    tenant.save(update_fields=list(changes))
    details = {"before": before, "after": dict(changes)}
    record(actor=actor, act=AuditAction.CHANGE_TENANT, subject=tenant, tenant=tenant, details=details)
    announce_on_commit(keys=True)  # quotas come with the keys
    return tenant
