"""Forgetting entries of the audit trail that are older than they have to be kept.

The chain goes on: before anything is deleted, an entry of the same chain says up to which link it is forgotten, and
the hash of that link. So what is left verifies from there (tenants.audit_chain), and it is on record that it was cut.
Only the owner's role can delete entries: this is for operators.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db import connections, transaction
from django.utils import timezone

from tenants.audit_terms import AuditAction
from tenants.models import AuditEntry, Tenant
from tenants.scope import platform_scope

OWNER = "owner"
_CHAINS = "SELECT DISTINCT tenant_id FROM tenants_auditentry"
# Up to the last link before the first entry that is young enough: a chain is cut in one place.
_OLD = """SELECT link, hash FROM tenants_auditentry WHERE tenant_id IS NOT DISTINCT FROM %(tenant)s AND link < coalesce(
    (SELECT min(link) FROM tenants_auditentry WHERE tenant_id IS NOT DISTINCT FROM %(tenant)s AND at >= %(before)s),
    9223372036854775807) ORDER BY link DESC LIMIT 1"""
_DELETE = "DELETE FROM tenants_auditentry WHERE tenant_id IS NOT DISTINCT FROM %(tenant)s AND link <= %(through)s"


def forget(*, days: int) -> int:
    """Delete the entries of all chains that are older than so many days, or than their tenant's own if those are more.

    Returns how many. Broken off, it is to be run again: what is on record as forgotten then still is there.
    """
    with connections[OWNER].cursor() as cursor:
        cursor.execute(_CHAINS)
        chains = [row[0] for row in cursor.fetchall()]
    with platform_scope():
        tenants = {tenant.pk: tenant for tenant in Tenant.objects.all()}
    return sum(_forget(each, tenants.get(each), days) for each in chains)


def _forget(chain: int | None, tenant: Tenant | None, days: int) -> int:
    kept_days = max(days, (tenant.audit_days if tenant else None) or 0)
    before = timezone.now() - timedelta(days=kept_days)
    with connections[OWNER].cursor() as cursor:
        cursor.execute(_OLD, {"tenant": chain, "before": before})
        found = cursor.fetchone()
    if found is None:
        return 0
    _note(chain, tenant, {"through": found[0], "hash": found[1], "days": kept_days}, before)
    with transaction.atomic(using=OWNER), connections[OWNER].cursor() as cursor:
        cursor.execute(_DELETE, {"tenant": chain, "through": found[0]})
        return int(cursor.rowcount)


def _note(chain: int | None, tenant: Tenant | None, details: dict[str, Any], before: datetime) -> None:
    """In the chain itself; it may be of a tenant that has been erased, so it names its row where there is one."""
    subject = {"subject_type": "tenant", "subject_id": tenant.pk} if tenant else {}
    name = tenant.slug if tenant else f"tenant {chain}" if chain else "the platform"
    with platform_scope():
        AuditEntry.objects.create(
            tenant_id=chain, act=AuditAction.FORGET_AUDIT, subject=name, details=details | {"before": before}, **subject
        )
